// C++'s operators: every form, bad_alloc, the new-handler.
#include "check.h"

#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <new>
#include <string>
#include <vector>

COUNTERS

static const std::size_t enormous = PTRDIFF_MAX / 2;
static const std::align_val_t line{256};

static std::size_t unknown(std::size_t size) {
    __asm__ volatile("" : "+r"(size));
    return size;
}

// Compilers leave out what nobody looks at.
static void *keep(void *block) {
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

static bool is_aligned(void *block) { return reinterpret_cast<std::uintptr_t>(block) % 256 == 0; }

static void forms() {
    void *block = ::operator new(unknown(100));
    CHECK("new gives memory", block != nullptr);
    ::operator delete(block);
    block = ::operator new[](unknown(100));
    CHECK("new[] gives memory", block != nullptr);
    ::operator delete[](block);
    block = ::operator new(unknown(0));
    CHECK("new of zero bytes gives a pointer", block != nullptr);
    ::operator delete(block, std::size_t{0});
    ::operator delete[](::operator new[](unknown(10)), std::size_t{10});
    block = ::operator new(unknown(100), std::nothrow);
    CHECK("nothrow new gives memory", block != nullptr);
    ::operator delete(block, std::nothrow);
    block = ::operator new[](unknown(100), std::nothrow);
    CHECK("nothrow new[] gives memory", block != nullptr);
    ::operator delete[](block, std::nothrow);
    ::operator delete(nullptr);
    ::operator delete[](nullptr);
}

static void aligned_forms() {
    void *block = ::operator new(unknown(100), line);
    CHECK("aligned new aligns", is_aligned(block));
    ::operator delete(block, line);
    block = ::operator new[](unknown(100), line);
    CHECK("aligned new[] aligns", is_aligned(block));
    ::operator delete[](block, line);
    block = ::operator new(unknown(100), line);
    ::operator delete(block, std::size_t{100}, line);
    block = ::operator new[](unknown(100), line);
    ::operator delete[](block, std::size_t{100}, line);
    block = ::operator new(unknown(100), line, std::nothrow);
    CHECK("aligned nothrow new aligns", is_aligned(block));
    ::operator delete(block, line, std::nothrow);
    block = ::operator new[](unknown(100), line, std::nothrow);
    CHECK("aligned nothrow new[] aligns", is_aligned(block));
    ::operator delete[](block, line, std::nothrow);
}

template <typename Allocate>
static bool throws_bad_alloc(Allocate allocate) {
    std::string unwound = "a destructor on the way that frees a block of its own";
    try {
        allocate();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

static void failures() {
    CHECK("new throws bad_alloc", throws_bad_alloc([] { keep(::operator new(unknown(enormous))); }));
    CHECK("new[] throws bad_alloc", throws_bad_alloc([] { keep(::operator new[](unknown(enormous))); }));
    CHECK("aligned new throws bad_alloc", throws_bad_alloc([] { keep(::operator new(unknown(enormous), line)); }));
    CHECK("aligned new[] throws bad_alloc", throws_bad_alloc([] { keep(::operator new[](unknown(enormous), line)); }));
    CHECK("a vector throws bad_alloc", throws_bad_alloc([] { std::vector<char> v(unknown(enormous)); keep(v.data()); }));
    CHECK("nothrow new gives null", keep(::operator new(unknown(enormous), std::nothrow)) == nullptr);
    CHECK("nothrow new[] gives null", keep(::operator new[](unknown(enormous), std::nothrow)) == nullptr);
    CHECK("aligned nothrow new gives null", keep(::operator new(unknown(enormous), line, std::nothrow)) == nullptr);
    CHECK("aligned nothrow new[] gives null", keep(::operator new[](unknown(enormous), line, std::nothrow)) == nullptr);
}

static int calls;
struct GaveUp : std::bad_alloc {};

static void give_up_later() {
    if (++calls == 3) std::set_new_handler(nullptr);
}

static void give_up_at_once() {
    calls++;
    throw GaveUp{};
}

static void handlers() {
    std::set_new_handler(give_up_later);
    CHECK("new throws when the handler is gone", throws_bad_alloc([] { keep(::operator new(unknown(enormous))); }));
    CHECK("new calls the handler again and again", calls == 3);
    std::set_new_handler(give_up_at_once);
    calls = 0;
    bool own = false;
    try {
        keep(::operator new(unknown(enormous)));
    } catch (const GaveUp &) {
        own = true;
    }
    CHECK("what the handler throws passes through new", own && calls == 1);
    CHECK("nothrow new gives null though the handler throws", keep(::operator new(unknown(enormous), std::nothrow)) == nullptr);
    CHECK("nothrow new calls the handler", calls == 2);
    CHECK("aligned nothrow new[] gives null though the handler throws",
          keep(::operator new[](unknown(enormous), line, std::nothrow)) == nullptr);
    CHECK("aligned nothrow new[] calls the handler", calls == 3);
    std::set_new_handler(nullptr);
}

int main() {
    forms();
    aligned_forms();
    failures();
    handlers();
    return verdict();
}
