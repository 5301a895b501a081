/*
 * Random operations on heaps of every kind and of tlsf.h: the contents of every block are checked, and the heap
 * after each operation.
 *
 *     random SEED STEPS
 */
#include "rlsf.h"
#include "tlsf.h"

#include "checks.h"

#include <stdint.h>
#include <stdlib.h>

enum { BLOCKS = 64, POOLS = 3, POOL_WORDS = 3000 };

static size_t memory[8192];
static size_t region[POOLS][POOL_WORDS];
static unsigned long long state;

static unsigned below(unsigned bound)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state >> 33) % bound;
}

/* The functions of one of the two headers, with a heap behind a pointer. */
struct api {
    void *(*malloc)(void *, size_t);
    void *(*memalign)(void *, size_t, size_t);
    void *(*realloc)(void *, void *, size_t);
    void (*free)(void *, void *);
    size_t (*size)(void *);
    int (*check)(void *);
    void *(*add)(void *, void *, size_t);
    int (*remove)(void *, void *);
    size_t align;
};

static void *malloc_of_rlsf(void *heap, size_t size) { return rlsf_malloc(heap, size); }
static void *memalign_of_rlsf(void *heap, size_t align, size_t size) { return rlsf_memalign(heap, align, size); }
static void *realloc_of_rlsf(void *heap, void *block, size_t size) { return rlsf_realloc(heap, block, size); }
static void free_of_rlsf(void *heap, void *block) { rlsf_free(heap, block); }
static size_t size_of_rlsf(void *block) { return rlsf_usable_size(block); }
static int check_of_rlsf(void *heap) { return rlsf_check(heap, NULL); }
static void *add_of_rlsf(void *heap, void *start, size_t bytes)
{
    return rlsf_add_pool(heap, start, bytes, NULL) == RLSF_OK ? start : NULL;
}
static int remove_of_rlsf(void *heap, void *pool)
{
    return rlsf_remove_pool(heap, pool, sizeof region[0]) == RLSF_OK;
}
/* A pool in use stays; any other goes, and comes back at once. */
static int remove_of_tlsf(void *heap, void *pool)
{
    tlsf_remove_pool(heap, pool);
    tlsf_add_pool(heap, pool, sizeof region[0]);
    return 0;
}

static const struct api rlsf = { malloc_of_rlsf, memalign_of_rlsf, realloc_of_rlsf, free_of_rlsf, size_of_rlsf,
                                 check_of_rlsf, add_of_rlsf, remove_of_rlsf, 8 };
static const struct api tlsf = { tlsf_malloc, tlsf_memalign, tlsf_realloc, tlsf_free, tlsf_block_size,
                                 tlsf_check, tlsf_add_pool, remove_of_tlsf, 8 };

struct block {
    unsigned char *start;
    size_t size;
    unsigned char fill;
};

static struct block live[BLOCKS];

static int holds(const struct block *block, size_t size)
{
    size_t i;
    for (i = 0; i < size; i++) {
        if (block->start[i] != block->fill) {
            return 0;
        }
    }
    return 1;
}

static void fill(struct block *block, unsigned char *start, size_t size)
{
    size_t i;
    block->start = start;
    block->size = size;
    block->fill = (unsigned char)below(256);
    for (i = 0; i < size; i++) {
        start[i] = block->fill;
    }
}

static size_t some_size(void)
{
    return 1 + below(1u << below(12));
}

static void allocate(const struct api *api, void *heap, struct block *block)
{
    size_t align = below(4) ? 1 : (size_t)1 << below(9), size = some_size();
    unsigned char *start = align == 1 ? api->malloc(heap, size) : api->memalign(heap, align, size);
    if (start != NULL) {
        CHECK((uintptr_t)start % align == 0 && (uintptr_t)start % api->align == 0);
        CHECK(api->size(start) >= size);
        fill(block, start, size);
    }
}

static void resize(const struct api *api, void *heap, struct block *block)
{
    size_t size = some_size(), kept = size < block->size ? size : block->size;
    unsigned char *start = api->realloc(heap, block->start, size);
    if (start == NULL) {
        CHECK(holds(block, block->size));
        return;
    }
    block->start = start;
    CHECK(holds(block, kept));
    fill(block, start, size);
}

static void step(const struct api *api, void *heap)
{
    struct block *block = &live[below(BLOCKS)];
    if (block->start == NULL) {
        allocate(api, heap, block);
        return;
    }
    CHECK(holds(block, block->size));
    if (below(2)) {
        resize(api, heap, block);
        return;
    }
    api->free(heap, block->start);
    block->start = NULL;
}

static void run(const struct api *api, void *heap, unsigned long steps)
{
    void *pool[POOLS] = { NULL };
    int i;
    for (; steps > 0; steps--) {
        step(api, heap);
        i = (int)below(POOLS);
        if (pool[i] == NULL && below(50) == 0) {
            pool[i] = api->add(heap, region[i], sizeof region[i]);
            CHECK(pool[i] != NULL);
        } else if (pool[i] != NULL && below(50) == 0 && api->remove(heap, pool[i])) {
            pool[i] = NULL;
        }
        CHECK(api->check(heap) == 0);
    }
    for (i = 0; i < BLOCKS; i++) {
        CHECK(live[i].start == NULL || holds(&live[i], live[i].size));
        api->free(heap, live[i].start);
        live[i].start = NULL;
    }
    CHECK(api->check(heap) == 0);
}

int main(int argc, char **argv)
{
    unsigned long steps = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    state = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    run(&rlsf, rlsf_create(rlsf_small(), memory, sizeof memory / 2, NULL), steps);
    run(&rlsf, rlsf_create(rlsf_medium(), memory, sizeof memory / 2, NULL), steps);
    run(&rlsf, rlsf_create(rlsf_large(), memory, sizeof memory / 2, NULL), steps);
    run(&tlsf, tlsf_create_with_pool(memory, sizeof memory / 2), steps);
    return verdict();
}
