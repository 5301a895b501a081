// A C++ library that a C program loads.
#include <cstdint>
#include <new>
#include <string>
#include <vector>

static std::size_t unknown(std::size_t size) {
    __asm__ volatile("" : "+r"(size));
    return size;
}

extern "C" int cxx_plugin() {
    std::vector<std::string> words(100, std::string(50, 'x'));
    if (::operator new(unknown(PTRDIFF_MAX / 2), std::nothrow) != nullptr) return 1;
    try {
        void *block = ::operator new(unknown(PTRDIFF_MAX / 2));
        __asm__ volatile("" : "+r"(block) : : "memory");
    } catch (const std::bad_alloc &) {
        return words[99].size() == 50 ? 0 : 2;
    }
    return 3;
}
