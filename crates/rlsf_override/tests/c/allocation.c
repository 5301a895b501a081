/* malloc(3): what succeeds. */
#include "promises.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void malloc_and_free(void) {
    void *block = malloc(unknown(100)), *other = malloc(unknown(100));
    CHECK("malloc gives memory", block != NULL && other != NULL);
    CHECK("two blocks are two", block != other);
    fill(block, 100, 1);
    fill(other, 100, 2);
    CHECK("blocks do not overlap", is_filled(block, 100, 1) && is_filled(other, 100, 2));
    errno = 77;
    free(block);
    CHECK("free keeps errno", errno == 77);
    free(NULL);
    CHECK("free of a null pointer keeps errno", errno == 77);
    free(other);
    void *large = hidden(malloc(unknown(64 << 20)));
    errno = 78;
    free(large);
    CHECK("free of a large block keeps errno", errno == 78);
}

static void zero_sizes(void) {
    void *a = malloc(unknown(0)), *b = malloc(unknown(0));
    CHECK("malloc(0) gives a pointer", a != NULL && b != NULL);
    CHECK("malloc(0) gives a pointer of its own", a != b);
    free(a);
    free(b);
    void *none = calloc(unknown(0), 8), *empty = calloc(8, unknown(0));
    CHECK("calloc of no members gives a pointer", none != NULL);
    CHECK("calloc of empty members gives a pointer", empty != NULL && empty != none);
    free(none);
    free(empty);
    void *aligned = NULL;
    CHECK("posix_memalign of zero bytes succeeds", posix_memalign(&aligned, 64, unknown(0)) == 0);
    free(aligned);
    aligned = aligned_alloc(64, unknown(0));
    CHECK("aligned_alloc of zero bytes gives a pointer", aligned != NULL);
    free(aligned);
}

static void calloc_is_zero(void) {
    int zero = 1;
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        unsigned char *dirty = hidden(malloc(size));
        memset(dirty, 0xff, size);
        free(dirty);
        unsigned char *clean = hidden(calloc(1, size));
        zero = zero && is_zero(clean, size);
        free(clean);
    }
    CHECK("calloc gives zeros, also where there was something else", zero);
    unsigned *numbers = hidden(calloc(1000, sizeof(unsigned)));
    CHECK("calloc multiplies", malloc_usable_size(numbers) >= 1000 * sizeof(unsigned));
    free(numbers);
}

static void large_calloc_touches_nothing(void) {
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    unsigned char *gibibyte = hidden(calloc(1, unknown((size_t)1 << 30)));
    getrusage(RUSAGE_SELF, &after);
    CHECK("calloc gives a gibibyte", gibibyte != NULL);
    CHECK("calloc of a gibibyte touches nearly no page", after.ru_minflt - before.ru_minflt < 64);
    CHECK("a gibibyte of calloc is zero", gibibyte && gibibyte[0] == 0 && gibibyte[12345678] == 0);
    CHECK("a gibibyte of calloc is zero at its end", gibibyte && gibibyte[((size_t)1 << 30) - 1] == 0);
    free(gibibyte);
}

static void realloc_resizes(void) {
    void *block = realloc(NULL, unknown(50));
    CHECK("realloc of a null pointer is malloc", block != NULL);
    fill(block, 50, 3);
    block = hidden(realloc(block, 5000));
    CHECK("realloc keeps the contents when it grows", block && is_filled(block, 50, 3));
    fill(block, 5000, 4);
    block = hidden(realloc(block, 20));
    CHECK("realloc keeps the contents when it shrinks", block && is_filled(block, 20, 4));
    block = hidden(realloc(block, 20 << 20));
    CHECK("realloc keeps the contents up to megabytes", block && is_filled(block, 20, 4));
    fill(block, 20 << 20, 5);
    block = hidden(realloc(block, 40 << 20));
    CHECK("realloc keeps megabytes", block && is_filled(block, 20 << 20, 5));
    errno = 0;
    CHECK("realloc to zero bytes frees, and gives a null pointer", realloc(block, unknown(0)) == NULL);
    CHECK("realloc to zero bytes is no failure", errno == 0);
    void *array = reallocarray(NULL, unknown(10), 10);
    CHECK("reallocarray of a null pointer allocates", array != NULL);
    fill(array, 100, 6);
    array = hidden(reallocarray(array, 1000, 10));
    CHECK("reallocarray keeps the contents", array && is_filled(array, 100, 6));
    free(array);
}

static void many_blocks(void) {
    enum { COUNT = 2000 };
    static void *blocks[COUNT];
    static size_t sizes[COUNT];
    unsigned random = 1;
    int kept = 1, aligned = 1;
    for (int step = 0; step < 100000; step++) {
        random = random * 1664525 + 1013904223;
        unsigned i = random >> 8 & 1023;
        if (blocks[i]) {
            kept = kept && is_filled(blocks[i], sizes[i], (int)i);
            size_t size = (random >> 3 & 2047) + 1;
            if (random & 1) {
                blocks[i] = realloc(blocks[i], size);
                kept = kept && is_filled(blocks[i], size < sizes[i] ? size : sizes[i], (int)i);
                sizes[i] = size;
                fill(blocks[i], size, (int)i);
                continue;
            }
            free(blocks[i]);
        }
        sizes[i] = random >> 20;
        blocks[i] = malloc(sizes[i]);
        aligned = aligned && is_aligned(blocks[i], _Alignof(max_align_t));
        fill(blocks[i], sizes[i], (int)i);
    }
    for (int i = 0; i < COUNT; i++) free(blocks[i]);
    CHECK("blocks keep their contents whatever happens to others", kept);
    CHECK("every block is aligned for max_align_t", aligned);
}

void allocation(void) {
    malloc_and_free();
    zero_sizes();
    calloc_is_zero();
    large_calloc_touches_nothing();
    realloc_resizes();
    many_blocks();
}
