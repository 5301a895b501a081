// C++ without memory for what is large: what the operators throw, return and call.
#include <cstdio>
#include <cstdlib>
#include <new>

static int calls;
static void *volatile kept;
static void *reserve;

static void check(bool holds, const char *what) {
    if (!holds) std::printf("failed: %s\n", what), std::exit(1);
}

static bool throws(std::size_t size) {
    try {
        kept = new char[size];
    } catch (const std::bad_alloc &) {
        return true;
    }
    delete[] static_cast<char *>(kept);
    return false;
}

int main() {
    check(!throws(60000), "what is small enough is served");
    check(throws(70000), "what is too large throws bad_alloc");
    check(!new (std::nothrow) char[70000], "nothrow returns null");
    std::set_new_handler([] {
        if (++calls == 3) std::set_new_handler(nullptr);
    });
    check(throws(70000) && calls == 3, "the new-handler is called before each further try");
    std::puts("done");
}
