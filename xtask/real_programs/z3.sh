# Bit vectors and integers.
exec z3 "$inputs/z3.smt2"
