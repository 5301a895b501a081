# Two processes that allocate, resize and free, with what they wrote checked.
stress-ng --temp-path "$PWD" --malloc 2 --malloc-ops 30000 --malloc-bytes 32M --malloc-max 4096 --verify --quiet
