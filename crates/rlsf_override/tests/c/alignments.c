/* posix_memalign(3): alignments. */
#include "promises.h"

#include <unistd.h>

static void every_power_of_two(void) {
    int aligned = 1, posix = 1, old = 1, kept = 1;
    for (size_t alignment = sizeof(void *); alignment <= 1 << 21; alignment *= 2) {
        for (size_t size = 1; size <= 100000; size = size * 9 + 1) {
            void *a = aligned_alloc(alignment, size), *b = NULL, *c = memalign(alignment, size);
            posix = posix && posix_memalign(&b, alignment, size) == 0 && is_aligned(b, alignment);
            aligned = aligned && a && is_aligned(a, alignment);
            old = old && c && is_aligned(c, alignment);
            fill(a, size, 1);
            fill(b, size, 2);
            fill(c, size, 3);
            kept = kept && is_filled(a, size, 1) && is_filled(b, size, 2) && is_filled(c, size, 3);
            free(a);
            free(b);
            free(c);
        }
    }
    CHECK("aligned_alloc aligns", aligned);
    CHECK("posix_memalign aligns", posix);
    CHECK("memalign aligns", old);
    CHECK("aligned blocks do not overlap", kept);
}

static void page_alignment(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *block = valloc(100);
    CHECK("valloc aligns to pages", block && is_aligned(block, page));
    free(block);
    block = pvalloc(1);
    CHECK("pvalloc aligns to pages", block && is_aligned(block, page));
    CHECK("pvalloc rounds up to a page", malloc_usable_size(block) >= page);
    fill(block, page, 4);
    free(block);
    block = pvalloc(page + 1);
    CHECK("pvalloc rounds up to two pages", malloc_usable_size(block) >= 2 * page);
    free(block);
}

static void resized(void) {
    void *block = aligned_alloc(256, 256);
    CHECK("aligned_alloc(256, 256) is aligned", is_aligned(block, 256));
    fill(block, 256, 5);
    block = hidden(realloc(block, 10000));
    CHECK("realloc keeps an aligned block's contents", block && is_filled(block, 256, 5));
    free(block);
    block = aligned_alloc(128, 200);
    CHECK("aligned_alloc takes a size that is no multiple", block && is_aligned(block, 128));
    free(block);
    block = aligned_alloc(1, 10);
    CHECK("aligned_alloc takes small alignments", block != NULL);
    free(block);
    void *blocks[64];
    int aligned = 1;
    for (int i = 0; i < 64; i++) {
        blocks[i] = aligned_alloc(256, 256);
        aligned = aligned && is_aligned(blocks[i], 256);
    }
    for (int i = 0; i < 64; i++) free(blocks[i]);
    CHECK("many blocks of aligned_alloc(256, 256) are aligned", aligned);
}

static void fundamental(void) {
    int aligned = 1;
    for (size_t size = 0; size < 200; size++) {
        void *a = malloc(size), *b = calloc(1, size), *c = realloc(NULL, size);
        aligned = aligned && is_aligned(a, _Alignof(max_align_t)) &&
                  is_aligned(b, _Alignof(max_align_t)) && is_aligned(c, _Alignof(max_align_t));
        free(a);
        free(b);
        free(c);
    }
    CHECK("malloc, calloc and realloc align for max_align_t", aligned);
}

void alignments(void) {
    every_power_of_two();
    page_alignment();
    resized();
    fundamental();
}
