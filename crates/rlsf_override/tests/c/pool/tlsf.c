/* The promises of tlsf.h, one by one, and every bad input. */
#include "tlsf.h"

#include "checks.h"

#include <stdint.h>
#include <string.h>

static size_t memory[8192];
static size_t other[8192];

static tlsf_t fresh(void)
{
    return tlsf_create_with_pool(memory, sizeof memory);
}

static void creation(void)
{
    size_t least = tlsf_size() + tlsf_pool_overhead() + tlsf_block_size_min();
    tlsf_t heap;
    CHECK(tlsf_create(NULL) == NULL);
    CHECK(tlsf_create((char *)memory + 1) == NULL);
    heap = tlsf_create(memory);
    CHECK(heap == (tlsf_t)memory && tlsf_check(heap) == 0);
    CHECK(tlsf_get_pool(heap) == NULL);
    CHECK(tlsf_malloc(heap, 1) == NULL);
    tlsf_destroy(heap);

    CHECK(tlsf_create_with_pool(NULL, sizeof memory) == NULL);
    CHECK(tlsf_create_with_pool((char *)memory + 1, sizeof memory - 8) == NULL);
    CHECK(tlsf_create_with_pool(memory, 0) == NULL);
    CHECK(tlsf_create_with_pool(memory, tlsf_size()) == NULL);
    CHECK(tlsf_create_with_pool(memory, least - 1) == NULL);
    CHECK(tlsf_create_with_pool(memory, SIZE_MAX) == NULL);
    heap = tlsf_create_with_pool(memory, least);
    CHECK(heap == (tlsf_t)memory && tlsf_check(heap) == 0);
    CHECK(tlsf_get_pool(heap) == (char *)memory + tlsf_size());
    CHECK(tlsf_malloc(heap, tlsf_block_size_min()) != NULL);
    CHECK(tlsf_malloc(heap, 1) == NULL);
    tlsf_destroy(heap);
    tlsf_destroy(NULL);
}

static void sizes(void)
{
    CHECK(tlsf_align_size() == sizeof(void *) && tlsf_alloc_overhead() == sizeof(void *));
    CHECK(tlsf_block_size_min() >= 2 * sizeof(void *) && tlsf_block_size_min() <= 4 * sizeof(void *));
    CHECK(tlsf_block_size_max() >= ((size_t)1 << 29));
    CHECK(tlsf_size() < 8192);
    CHECK(tlsf_block_size(NULL) == 0);
}

static void blocks(void)
{
    tlsf_t heap = fresh();
    unsigned char *block[100], *more;
    size_t size, align, i;
    CHECK(tlsf_malloc(heap, 0) == NULL);
    CHECK(tlsf_malloc(heap, SIZE_MAX) == NULL && tlsf_malloc(heap, SIZE_MAX / 2) == NULL);
    CHECK(tlsf_malloc(heap, tlsf_block_size_max()) == NULL);
    for (size = 1; size < 100; size++) {
        block[size] = tlsf_malloc(heap, size);
        CHECK(block[size] != NULL && (uintptr_t)block[size] % 8 == 0);
        CHECK(tlsf_block_size(block[size]) >= size);
        memset(block[size], (int)size, tlsf_block_size(block[size]));
    }
    for (size = 1; size < 100; size++) {
        more = tlsf_realloc(heap, block[size], size + 50);
        CHECK(more != NULL && tlsf_block_size(more) >= size + 50);
        for (i = 0; i < size; i++) {
            CHECK(more[i] == size);
        }
        block[size] = more;
        CHECK(tlsf_check(heap) == 0);
    }
    CHECK(tlsf_realloc(heap, block[1], SIZE_MAX) == NULL && block[1][0] == 1);
    CHECK(tlsf_realloc(heap, block[1], 0) == NULL);
    for (size = 2; size < 100; size++) {
        tlsf_free(heap, block[size]);
    }
    more = tlsf_realloc(heap, NULL, 100);
    CHECK(more != NULL);
    tlsf_free(heap, more);
    tlsf_free(heap, NULL);
    for (align = 1; align <= 4096; align *= 2) {
        void *page = tlsf_memalign(heap, align, 100);
        CHECK(page != NULL && (uintptr_t)page % align == 0 && tlsf_check(heap) == 0);
        tlsf_free(heap, page);
    }
    CHECK(tlsf_memalign(heap, 0, 8) == NULL && tlsf_memalign(heap, 24, 8) == NULL);
    CHECK(tlsf_memalign(heap, 64, 0) == NULL && tlsf_memalign(heap, 64, SIZE_MAX) == NULL);
    CHECK(tlsf_check(heap) == 0 && tlsf_check_pool(tlsf_get_pool(heap)) == 0);
}

static void null_heaps(void)
{
    CHECK(tlsf_malloc(NULL, 1) == NULL && tlsf_memalign(NULL, 8, 1) == NULL);
    CHECK(tlsf_realloc(NULL, NULL, 1) == NULL && tlsf_realloc(NULL, memory, 1) == NULL);
    tlsf_free(NULL, NULL);
    tlsf_free(NULL, memory);
    CHECK(tlsf_add_pool(NULL, memory, sizeof memory) == NULL && tlsf_get_pool(NULL) == NULL);
    tlsf_remove_pool(NULL, NULL);
    tlsf_walk_pool(NULL, NULL, NULL);
    CHECK(tlsf_check(NULL) != 0 && tlsf_check_pool(NULL) != 0);
}

static void pools(void)
{
    tlsf_t heap = tlsf_create_with_pool(memory, 16384);
    size_t least = tlsf_pool_overhead() + tlsf_block_size_min(), bytes;
    void *block;
    pool_t pool;
    CHECK(tlsf_add_pool(heap, NULL, 4096) == NULL);
    CHECK(tlsf_add_pool(heap, (char *)other + 1, 4096) == NULL);
    CHECK(tlsf_add_pool(heap, other, 0) == NULL && tlsf_add_pool(heap, other, least - 1) == NULL);
    CHECK(tlsf_add_pool(heap, other, SIZE_MAX) == NULL && tlsf_add_pool(heap, other, SIZE_MAX / 2) == NULL);
    CHECK(tlsf_add_pool(heap, memory, 4096) == NULL);
    CHECK(tlsf_add_pool(heap, (char *)memory + 12288, 8192) == NULL);
    CHECK(tlsf_check(heap) == 0);
    for (bytes = 8; bytes < 20000; bytes = bytes * 3 / 2 / 8 * 8 + 8) {
        pool = tlsf_add_pool(heap, other, tlsf_pool_overhead() + bytes);
        CHECK((pool != NULL) == (bytes >= tlsf_block_size_min()));
        CHECK(tlsf_check(heap) == 0);
        tlsf_remove_pool(heap, pool);
        CHECK(tlsf_check(heap) == 0);
    }
    CHECK(tlsf_malloc(heap, 20000) == NULL);
    pool = tlsf_add_pool(heap, other, tlsf_pool_overhead() + 20000);
    CHECK(pool == (pool_t)other);
    CHECK(tlsf_add_pool(heap, other, 4096) == NULL);
    block = tlsf_malloc(heap, 20000);
    CHECK(block != NULL);
    tlsf_remove_pool(heap, pool);
    CHECK(tlsf_check_pool(pool) == 0 && tlsf_block_size(block) >= 20000);
    tlsf_free(heap, block);
    tlsf_remove_pool(heap, pool);
    CHECK(tlsf_malloc(heap, 20000) == NULL);
    tlsf_remove_pool(heap, NULL);
    tlsf_remove_pool(heap, tlsf_get_pool(heap));
    CHECK(tlsf_get_pool(heap) == NULL && tlsf_malloc(heap, 1) == NULL && tlsf_check(heap) == 0);
}

struct walk {
    size_t blocks, used, bytes;
    void *expected;
};

static void visit(void *ptr, size_t size, int used, void *user)
{
    struct walk *walk = user;
    walk->blocks++;
    walk->used += (size_t)used;
    walk->bytes += size + tlsf_alloc_overhead();
    if (ptr == walk->expected) {
        CHECK(used == 1 && size == tlsf_block_size(ptr));
        walk->expected = NULL;
    }
}

static void walks(void)
{
    tlsf_t heap = tlsf_create_with_pool(memory, tlsf_size() + tlsf_pool_overhead() + 8000);
    pool_t second = tlsf_add_pool(heap, other, 4000);
    struct walk walk = { 0, 0, 0, NULL };
    void *block = tlsf_malloc(heap, 5000);
    tlsf_free(heap, tlsf_malloc(heap, 100));
    walk.expected = block;
    tlsf_walk_pool(tlsf_get_pool(heap), visit, &walk);
    CHECK(walk.expected == NULL && walk.blocks == 2 && walk.used == 1);
    CHECK(walk.bytes == 8000 + tlsf_alloc_overhead());
    memset(&walk, 0, sizeof walk);
    tlsf_walk_pool(second, visit, &walk);
    CHECK(walk.blocks == 1 && walk.used == 0 && walk.bytes > 3900);
    tlsf_walk_pool(second, NULL, &walk);
    ((size_t *)block)[tlsf_block_size(block) / sizeof(size_t)] = 3;
    CHECK(tlsf_check(heap) != 0 && tlsf_check_pool(second) != 0);
}

int main(void)
{
    sizes();
    null_heaps();
    creation();
    blocks();
    pools();
    walks();
    printf("control block: %lu bytes; a pool's overhead: %lu\n", (unsigned long)tlsf_size(),
           (unsigned long)tlsf_pool_overhead());
    return verdict();
}
