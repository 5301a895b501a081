# Strings, dictionaries, JSON and sorting in CPython, every object from malloc.
PYTHONMALLOC=malloc PYTHONHASHSEED=0 exec python3 "$inputs/python.py"
