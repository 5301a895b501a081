/* The heap of rlsf.h and that of tlsf.h in C, on a Cortex-M without an operating system. Ends with 0, or with the
   number of the check that failed. */
#include "rlsf.h"
#include "tlsf.h"

enum { LIVE = 20, STEPS = 2000 };

static size_t small_memory[1500], large_memory[1400];

/* Blocks of a small heap: allocated, resized and freed in turn, the heap checked each time. */
static int random_steps(void) {
    struct rlsf_heap *heap = rlsf_create(rlsf_small(), small_memory, sizeof small_memory, 0);
    void *blocks[LIVE] = {0};
    for (int step = 0; step < STEPS; step++) {
        void **block = &blocks[step % LIVE];
        rlsf_free(heap, *block);
        *block = rlsf_malloc(heap, (size_t)(step * 37 % 200));
        if (*block == 0 || (size_t)*block % 8 != 0) return 1;
        if (rlsf_check(heap, 0) != 0) return 2;
        *block = rlsf_realloc(heap, *block, (size_t)(step * 53 % 200 + 1));
        if (*block == 0) return 3;
    }
    for (int index = 0; index < LIVE; index++) rlsf_free(heap, blocks[index]);
    return rlsf_check(heap, 0) == 0 ? 0 : 4;
}

/* The bytes of control blocks that POOLS.md names. */
static int control_blocks(void) {
    if (rlsf_heap_size(rlsf_small()) != 196) return 5;
    if (rlsf_heap_size(rlsf_medium()) != 836) return 6;
    if (rlsf_heap_size(rlsf_large()) != 3476) return 7;
    return tlsf_size() == 3472 ? 0 : 8;
}

/* The names that existing firmware calls. */
static int other_names(void) {
    tlsf_t heap = tlsf_create_with_pool(large_memory, sizeof large_memory);
    if (heap == 0) return 9;
    char *block = tlsf_malloc(heap, 100);
    if (block == 0) return 10;
    block[99] = 7;
    block = tlsf_realloc(heap, block, 500);
    if (block == 0 || block[99] != 7) return 11;
    tlsf_free(heap, block);
    return tlsf_check(heap) == 0 ? 0 : 12;
}

int run(void) {
    int failed = random_steps();
    if (failed == 0) failed = control_blocks();
    return failed != 0 ? failed : other_names();
}
