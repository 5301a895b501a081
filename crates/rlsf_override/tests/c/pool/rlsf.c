/* The promises of rlsf.h, one by one, and every bad input. */
#include "rlsf.h"

#include "checks.h"

#include <stdint.h>
#include <string.h>

/* What C aligns for; the standard's max_align_t came after C99. */
union strictest {
    long long integer;
    long double real;
    void *pointer;
    void (*function)(void);
};

struct alignment {
    char c;
    union strictest rest;
};

#define ALIGNMENT offsetof(struct alignment, rest)

static size_t memory[8192];
static size_t other[8192];

typedef const struct rlsf_kind *(*kind_function)(void);

static const kind_function kinds[] = { rlsf_small, rlsf_medium, rlsf_large };
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static struct rlsf_heap *fresh(const struct rlsf_kind *kind)
{
    return rlsf_create(kind, memory, sizeof memory, NULL);
}

static int whole(const struct rlsf_heap *heap)
{
    return rlsf_check(heap, NULL) == RLSF_OK;
}

static struct rlsf_statistics figures_of(const struct rlsf_heap *heap)
{
    struct rlsf_statistics figures;
    memset(&figures, 0xff, sizeof figures);
    CHECK(rlsf_statistics(heap, &figures) == RLSF_OK);
    return figures;
}

static void statuses(void)
{
    int status, i;
    CHECK(strcmp(rlsf_strerror(RLSF_OK), "success") == 0);
    for (status = -2; status < 100; status++) {
        CHECK(rlsf_strerror(status) != NULL && rlsf_strerror(status)[0] != 0);
    }
    CHECK(strcmp(rlsf_strerror(99), rlsf_strerror(-1)) == 0);
    CHECK(strcmp(rlsf_strerror(7), rlsf_strerror(-1)) == 0);
    for (status = RLSF_NULL; status <= RLSF_BROKEN; status++) {
        if (status > RLSF_IN_USE && status < RLSF_BROKEN_POOL_END) {
            continue;
        }
        CHECK(strcmp(rlsf_strerror(status), rlsf_strerror(99)) != 0);
        for (i = RLSF_OK; i < status; i++) {
            CHECK(strcmp(rlsf_strerror(status), rlsf_strerror(i)) != 0);
        }
    }
    CHECK(strcmp(rlsf_strerror(RLSF_IN_USE), "the pool holds blocks that are in use") == 0);
}

static void creation(const struct rlsf_kind *kind)
{
    size_t control = rlsf_heap_size(kind), used = 1, offset;
    struct rlsf_heap *heap;

    CHECK(rlsf_create(NULL, memory, sizeof memory, &used) == NULL && used == 0);
    CHECK(rlsf_create(kind, NULL, 4096, &used) == NULL && used == 0);
    memset(memory, 0x5a, control);
    CHECK(rlsf_create(kind, memory, 0, &used) == NULL && used == 0);
    CHECK(rlsf_create(kind, memory, control - 1, &used) == NULL && used == 0);
    CHECK(rlsf_create(kind, memory, SIZE_MAX, &used) == NULL && used == 0);
    CHECK(((unsigned char *)memory)[0] == 0x5a);
    CHECK(rlsf_create(kind, (char *)memory + 1, control, NULL) == NULL);

    heap = rlsf_create(kind, memory, control, &used);
    CHECK(heap != NULL && used == control && whole(heap));
    CHECK(rlsf_malloc(heap, 0) == NULL && whole(heap));
    CHECK(figures_of(heap).free_bytes == 0 && figures_of(heap).failed_requests == 1);

    for (offset = 0; offset < 20; offset++) {
        char *start = (char *)memory + offset;
        heap = rlsf_create(kind, start, 12000, &used);
        CHECK((uintptr_t)heap % sizeof(void *) == 0);
        CHECK((char *)heap >= start && (char *)heap < start + sizeof(void *));
        CHECK(used > 11000 && used <= 12000);
        CHECK(figures_of(heap).free_bytes > 12000 - control - 100 && whole(heap));
    }
}

static void blocks(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = fresh(kind);
    unsigned char *block[100], *more;
    size_t size, i;

    for (size = 0; size < 100; size++) {
        block[size] = rlsf_malloc(heap, size);
        CHECK(block[size] != NULL && (uintptr_t)block[size] % ALIGNMENT == 0);
        CHECK(rlsf_usable_size(block[size]) >= size);
        memset(block[size], (int)size, rlsf_usable_size(block[size]));
        CHECK(size == 0 || block[size] != block[size - 1]);
    }
    for (size = 0; size < 100; size++) {
        more = rlsf_realloc(heap, block[size], size + 33);
        CHECK(more != NULL && (uintptr_t)more % ALIGNMENT == 0);
        for (i = 0; i < size; i++) {
            CHECK(more[i] == size);
        }
        block[size] = more;
        CHECK(whole(heap));
    }
    more = rlsf_realloc(heap, block[99], 10);
    CHECK(more == block[99] && more[9] == 99);
    for (size = 0; size < 100; size++) {
        rlsf_free(heap, block[size]);
    }
    CHECK(figures_of(heap).live_blocks == 0 && figures_of(heap).used_bytes == 0);

    more = rlsf_realloc(heap, NULL, 50);
    CHECK(more != NULL && rlsf_usable_size(more) >= 50);
    CHECK(rlsf_realloc(heap, more, 0) == NULL);
    CHECK(figures_of(heap).live_blocks == 0);
    rlsf_free(heap, NULL);
    CHECK(whole(heap));
    CHECK(rlsf_usable_size(NULL) == 0);
}

static void requests_that_none_can_serve(const struct rlsf_kind *kind)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 2 - 64, 1000000 };
    struct rlsf_heap *heap = fresh(kind);
    unsigned char *block = rlsf_malloc(heap, 100);
    size_t i, align;

    memset(block, 7, 100);
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CHECK(rlsf_malloc(heap, sizes[i]) == NULL);
        CHECK(rlsf_memalign(heap, 64, sizes[i]) == NULL);
        CHECK(rlsf_realloc(heap, block, sizes[i]) == NULL);
        CHECK(rlsf_realloc(heap, NULL, sizes[i]) == NULL);
        CHECK(block[0] == 7 && block[99] == 7 && whole(heap));
    }
    for (align = 0; align < 70; align++) {
        if ((align & (align - 1)) != 0 || align == 0) {
            CHECK(rlsf_memalign(heap, align, 16) == NULL);
        }
    }
    CHECK(rlsf_memalign(heap, SIZE_MAX, 16) == NULL);
    CHECK(rlsf_memalign(heap, SIZE_MAX / 2 + 1, 16) == NULL);
    CHECK(rlsf_memalign(heap, SIZE_MAX / 4 + 1, 16) == NULL);
    CHECK(figures_of(heap).live_blocks == 1 && whole(heap));
    CHECK(figures_of(heap).failed_requests > 0);
}

static void alignments(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = fresh(kind);
    size_t align, size;
    for (align = 1; align <= 1024; align *= 2) {
        for (size = 0; size < 300; size += 37) {
            void *block = rlsf_memalign(heap, align, size);
            CHECK(block != NULL && (uintptr_t)block % align == 0 && (uintptr_t)block % ALIGNMENT == 0);
            CHECK(rlsf_usable_size(block) >= size);
            CHECK(whole(heap));
            rlsf_free(heap, block);
        }
    }
    CHECK(figures_of(heap).live_blocks == 0);
}

static void null_heaps(void)
{
    struct rlsf_statistics figures;
    struct rlsf_demand demand = { 100, 1, 100, 1 };
    const void *fault = &figures;
    size_t used = 5;
    CHECK(rlsf_malloc(NULL, 1) == NULL && rlsf_memalign(NULL, 8, 1) == NULL);
    CHECK(rlsf_realloc(NULL, NULL, 1) == NULL && rlsf_realloc(NULL, &used, 1) == NULL);
    rlsf_free(NULL, NULL);
    rlsf_free(NULL, &used);
    CHECK(rlsf_add_pool(NULL, memory, sizeof memory, &used) == RLSF_NULL && used == 0);
    used = 5;
    CHECK(rlsf_append_pool(NULL, memory, sizeof memory, &used) == RLSF_NULL && used == 0);
    CHECK(rlsf_remove_pool(NULL, memory, sizeof memory) == RLSF_NULL);
    CHECK(rlsf_check(NULL, &fault) == RLSF_NULL && fault == NULL);
    CHECK(rlsf_statistics(NULL, &figures) == RLSF_NULL);
    CHECK(rlsf_statistics(fresh(rlsf_small()), NULL) == RLSF_NULL);
    CHECK(rlsf_walk(NULL, NULL, NULL) == 0 && rlsf_walk(fresh(rlsf_small()), NULL, NULL) == 0);
    CHECK(rlsf_heap_size(NULL) == 0 && rlsf_block_size(NULL, 1) == 0);
    CHECK(rlsf_sufficient_pool_size(NULL, &demand) == 0);
    CHECK(rlsf_sufficient_pool_size(rlsf_small(), NULL) == 0);
    CHECK(rlsf_demand_is_kept(NULL, &demand) == 0);
    CHECK(rlsf_demand_is_kept(fresh(rlsf_small()), NULL) == 0);
}

static void pools(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = rlsf_create(kind, memory, rlsf_heap_size(kind), NULL);
    char *start = (char *)other;
    size_t used, more, free_before, offset, bytes;
    void *block;

    CHECK(rlsf_add_pool(heap, NULL, 4096, &used) == RLSF_NULL && used == 0);
    CHECK(rlsf_add_pool(heap, start, 0, &used) == RLSF_TOO_SMALL && used == 0);
    CHECK(rlsf_add_pool(heap, start, SIZE_MAX, &used) == RLSF_RANGE && used == 0);
    CHECK(rlsf_add_pool(heap, memory, 4096, &used) == RLSF_OVERLAP && used == 0);
    CHECK(rlsf_append_pool(heap, start, 4096, &used) == RLSF_NO_POOL && used == 0);
    CHECK(rlsf_remove_pool(heap, start, 4096) == RLSF_NO_POOL);
    CHECK(rlsf_remove_pool(heap, NULL, 4096) == RLSF_NULL);
    CHECK(rlsf_remove_pool(heap, start, SIZE_MAX) == RLSF_RANGE);
    CHECK(whole(heap) && figures_of(heap).free_bytes == 0);

    for (offset = 0; offset < 20; offset++) {
        for (bytes = 0; bytes < 300; bytes += 7) {
            int status = rlsf_add_pool(heap, start + offset, bytes, &used);
            CHECK(status == RLSF_OK ? used > 0 && used <= bytes : status == RLSF_TOO_SMALL && used == 0);
            CHECK(bytes < 12 * sizeof(void *) || status == RLSF_OK);
            CHECK(whole(heap));
            if (status == RLSF_OK) {
                CHECK(rlsf_remove_pool(heap, start + offset, bytes) == RLSF_OK && whole(heap));
            }
        }
    }

    CHECK(rlsf_add_pool(heap, start + 3, 4000, &used) == RLSF_OK && used > 3900 && used <= 4000);
    CHECK(rlsf_add_pool(heap, start + 2000, 8000, NULL) == RLSF_OVERLAP);
    CHECK(rlsf_add_pool(heap, start, 4096, NULL) == RLSF_OVERLAP);
    CHECK(rlsf_append_pool(heap, start + 3 + used + 1, 4096, NULL) == RLSF_NO_POOL);
    CHECK(rlsf_append_pool(heap, start + 3 + used - 8, 4096, NULL) == RLSF_NO_POOL);
    CHECK(rlsf_append_pool(heap, start + 3 + used, 4, &more) == RLSF_TOO_SMALL && more == 0);
    CHECK(rlsf_append_pool(heap, start + 3 + used, SIZE_MAX, &more) == RLSF_RANGE && more == 0);
    CHECK(rlsf_append_pool(heap, start + 3 + used, 3000, &more) == RLSF_OK && more > 2980);
    CHECK(whole(heap));
    block = rlsf_malloc(heap, 6500);
    CHECK(block != NULL && (uintptr_t)block % ALIGNMENT == 0);
    CHECK(rlsf_remove_pool(heap, start, 7003) == RLSF_IN_USE && whole(heap));
    rlsf_free(heap, block);
    free_before = figures_of(heap).free_bytes;
    CHECK(rlsf_add_pool(heap, start + 20000, 1000, NULL) == RLSF_OK);
    CHECK(figures_of(heap).free_bytes > free_before + 900);
    CHECK(rlsf_remove_pool(heap, start, 7003) == RLSF_OK && whole(heap));
    CHECK(rlsf_remove_pool(heap, start, 7003) == RLSF_NO_POOL);
    CHECK(rlsf_malloc(heap, 6500) == NULL);
    CHECK(rlsf_remove_pool(heap, start, sizeof other) == RLSF_OK);
    CHECK(figures_of(heap).free_bytes == 0 && whole(heap));
}

/* Memory that is larger than the largest block, given at once or appended, keeps every block aligned. */
static void memory_above_the_largest_block(void)
{
    const struct rlsf_kind *kind = rlsf_small();
    struct rlsf_heap *heap = rlsf_create(kind, memory, rlsf_heap_size(kind), NULL);
    size_t half = sizeof other / 2, used, more, count;
    void *block;
    CHECK(rlsf_add_pool(heap, other, half, &used) == RLSF_OK && used > half - 64);
    CHECK(rlsf_append_pool(heap, (char *)other + used, sizeof other - used, &more) == RLSF_OK);
    CHECK(used + more > sizeof other - 256 && used + more <= sizeof other);
    CHECK(figures_of(heap).free_bytes > sizeof other - 1024);
    for (count = 0; (block = rlsf_malloc(heap, count % 90)) != NULL; count++) {
        CHECK((uintptr_t)block % ALIGNMENT == 0);
        memset(block, 1, count % 90);
    }
    CHECK(count > sizeof other / 120 && whole(heap));
}

static void first_pool(const struct rlsf_kind *kind)
{
    size_t used, more, half = sizeof memory / 2;
    struct rlsf_heap *heap = rlsf_create(kind, memory, half, &used);
    size_t free_before = figures_of(heap).free_bytes;
    CHECK(rlsf_append_pool(heap, (char *)memory + used, half, &more) == RLSF_OK);
    CHECK(figures_of(heap).free_bytes >= free_before + half - 256 && whole(heap));
    CHECK(rlsf_add_pool(heap, memory, sizeof memory, NULL) == RLSF_OVERLAP);
    CHECK(rlsf_remove_pool(heap, memory, sizeof memory) == RLSF_OK);
    CHECK(whole(heap) && figures_of(heap).free_bytes == 0);
}

struct walk {
    size_t blocks, used, bytes, stop_at;
    void *expected, *last;
};

static int visit(void *user, void *block, size_t bytes, int is_used)
{
    struct walk *walk = user;
    walk->blocks++;
    walk->bytes += bytes + sizeof(void *);
    walk->used += (size_t)is_used;
    CHECK(is_used == 0 || is_used == 1);
    CHECK(walk->last == NULL || (char *)block > (char *)walk->last);
    walk->last = block;
    if (block == walk->expected) {
        CHECK(is_used && bytes == rlsf_usable_size(block));
        walk->expected = NULL;
    }
    return walk->blocks == walk->stop_at ? -17 : 0;
}

static void walks(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = rlsf_create(kind, memory, 12000, NULL);
    struct rlsf_statistics figures;
    struct walk walk = { 0, 0, 0, 0, NULL, NULL };
    void *a = rlsf_malloc(heap, 10), *b = rlsf_malloc(heap, 100);
    rlsf_malloc(heap, 1000);
    rlsf_free(heap, a);
    walk.expected = b;
    CHECK(rlsf_walk(heap, visit, &walk) == 0);
    figures = figures_of(heap);
    CHECK(walk.expected == NULL && walk.blocks == 4 && walk.used == 2);
    CHECK(walk.bytes == figures.used_bytes + figures.free_bytes && figures.live_blocks == 2);
    memset(&walk, 0, sizeof walk);
    walk.stop_at = 2;
    CHECK(rlsf_walk(heap, visit, &walk) == -17 && walk.blocks == 2);
}

static void statistics(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = fresh(kind);
    void *a = rlsf_malloc(heap, 100), *b = rlsf_malloc(heap, 200);
    size_t both = rlsf_block_size(kind, 100) + rlsf_block_size(kind, 200);
    struct rlsf_statistics figures = figures_of(heap);
    CHECK(figures.used_bytes == both && figures.live_blocks == 2);
    CHECK(figures.largest_request >= 200 && figures.largest_request < 220);
    rlsf_free(heap, a);
    rlsf_free(heap, b);
    CHECK(rlsf_malloc(heap, 1 << 28) == NULL);
    figures = figures_of(heap);
    CHECK(figures.used_bytes == 0 && figures.peak_used_bytes == both);
    CHECK(figures.peak_live_blocks == 2 && figures.failed_requests == 1);
    CHECK(rlsf_malloc(heap, figures.largest_allocatable) != NULL && whole(heap));
}

/* Every fault that can be made by writing past a block is found. */
static void faults(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = fresh(kind);
    const void *fault = memory;
    size_t *a, *b, words;
    CHECK(rlsf_check(heap, &fault) == RLSF_OK && fault == NULL);
    a = rlsf_malloc(heap, 100);
    b = rlsf_malloc(heap, 100);
    rlsf_malloc(heap, 100);
    CHECK(whole(heap));
    words = (size_t)((char *)b - (char *)a) / sizeof *a - 1;
    {
        size_t header = a[words];
        a[words] = 3;
        CHECK(rlsf_check(heap, &fault) >= RLSF_BROKEN_POOL_END && fault == b);
        a[words] = header;
    }
    rlsf_free(heap, b);
    b[0] ^= 64;
    CHECK(rlsf_check(heap, &fault) >= RLSF_BROKEN_POOL_END && fault != NULL);
    b[0] ^= 64;
    CHECK(whole(heap));
}

static void never_failing(const struct rlsf_kind *kind)
{
    struct rlsf_heap *heap = rlsf_create(kind, memory, rlsf_heap_size(kind), NULL);
    struct rlsf_demand demand = { 0, 6, 300, 1 };
    void *block[6] = { NULL };
    unsigned random = 1;
    size_t bytes, i, offset = 0;
    int round;

    CHECK(rlsf_block_size(kind, 0) >= 3 * sizeof(void *));
    CHECK(rlsf_block_size(kind, 100) >= 100 + sizeof(void *) && rlsf_block_size(kind, 100) % ALIGNMENT == 0);
    CHECK(rlsf_block_size(kind, SIZE_MAX) == 0 && rlsf_block_size(kind, SIZE_MAX / 2) == 0);
    demand.live_bytes = 6 * rlsf_block_size(kind, 300);
    bytes = rlsf_sufficient_pool_size(kind, &demand);
    CHECK(bytes > demand.live_bytes && bytes < 3 * demand.live_bytes);
    for (; offset < 17; offset++) {
        CHECK(rlsf_add_pool(heap, (char *)other + offset, bytes, NULL) == RLSF_OK);
        for (round = 0; round < 2000; round++) {
            i = (random = random * 1103515245u + 12345u) / 65536u % 6;
            rlsf_free(heap, block[i]);
            block[i] = rlsf_malloc(heap, (random = random * 1103515245u + 12345u) / 65536u % 301);
            CHECK(block[i] != NULL);
        }
        CHECK(rlsf_demand_is_kept(heap, &demand) == 1 && whole(heap));
        for (i = 0; i < 6; i++) {
            rlsf_free(heap, block[i]);
            block[i] = NULL;
        }
        CHECK(rlsf_remove_pool(heap, other, sizeof other) == RLSF_OK);
    }
    demand.live_blocks = 5;
    CHECK(rlsf_demand_is_kept(heap, &demand) == 0);

    demand.live_blocks = SIZE_MAX;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) == 0);
    demand.live_blocks = 6;
    demand.largest_align = 3;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) == 0 && rlsf_demand_is_kept(heap, &demand) == 0);
    demand.largest_align = 0;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) == 0);
    demand.largest_align = 64;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) > bytes);
    demand.largest_request = SIZE_MAX;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) == 0);
    demand.largest_request = 1;
    demand.live_bytes = SIZE_MAX;
    CHECK(rlsf_sufficient_pool_size(kind, &demand) == 0);
}

int main(void)
{
    int i;
    statuses();
    null_heaps();
    memory_above_the_largest_block();
    for (i = 0; i < KINDS; i++) {
        const struct rlsf_kind *kind = kinds[i]();
        CHECK(kind != NULL && kind == kinds[i]());
        creation(kind);
        blocks(kind);
        requests_that_none_can_serve(kind);
        alignments(kind);
        pools(kind);
        first_pool(kind);
        walks(kind);
        statistics(kind);
        faults(kind);
        never_failing(kind);
    }
    printf("control blocks: %lu, %lu, %lu bytes\n", (unsigned long)rlsf_heap_size(rlsf_small()),
           (unsigned long)rlsf_heap_size(rlsf_medium()), (unsigned long)rlsf_heap_size(rlsf_large()));
    return verdict();
}
