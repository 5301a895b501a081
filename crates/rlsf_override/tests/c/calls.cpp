// Deletes twice what `new` has made, in a function of a class.
#include <cstdio>
#include <vector>

struct Maker {
    __attribute__((noinline)) static int *numbers() {
        int *block = new int[25];
        __asm__ volatile("" : "+r"(block) : : "memory");
        return block;
    }
};

int main() {
    std::vector<int> others(100, 1);
    int *block = Maker::numbers();
    delete[] block;
    __asm__ volatile("" : "+r"(block) : : "memory");
    delete[] block;
    std::puts("went on");
    return others[0];
}
