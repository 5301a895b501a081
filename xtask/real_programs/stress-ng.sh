# Two processes that allocate, resize and free, with what they wrote checked.
stress-ng --temp-path "$PWD" --malloc 2 --malloc-ops 200000 --verify --quiet
