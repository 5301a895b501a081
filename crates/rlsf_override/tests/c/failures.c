/* malloc(3), posix_memalign(3): what fails, and how. */
#include "promises.h"

#include <sys/resource.h>
#include <unistd.h>

/* Whether `call` gives a null pointer and sets errno to `error`. */
#define FAILS(call, error) (errno = 0, (call) == NULL && errno == (error))

static void too_large(void) {
    CHECK("malloc sets ENOMEM above PTRDIFF_MAX", FAILS(malloc(unknown(SIZE_MAX)), ENOMEM));
    CHECK("malloc sets ENOMEM just above PTRDIFF_MAX",
          FAILS(malloc(unknown((size_t)PTRDIFF_MAX + 1)), ENOMEM));
    CHECK("malloc sets ENOMEM for what there is not", FAILS(malloc(unknown(ENORMOUS)), ENOMEM));
    CHECK("calloc sets ENOMEM", FAILS(calloc(1, unknown(ENORMOUS)), ENOMEM));
    CHECK("calloc sets ENOMEM when the product overflows",
          FAILS(calloc(unknown(SIZE_MAX / 2), 3), ENOMEM));
    CHECK("calloc sets ENOMEM when the product wraps to little",
          FAILS(calloc(unknown(SIZE_MAX / 16 + 2), 16), ENOMEM));
    CHECK("aligned_alloc sets ENOMEM", FAILS(aligned_alloc(64, unknown(ENORMOUS)), ENOMEM));
    CHECK("aligned_alloc sets ENOMEM above PTRDIFF_MAX",
          FAILS(aligned_alloc(64, unknown(SIZE_MAX - 63)), ENOMEM));
    CHECK("memalign sets ENOMEM", FAILS(memalign(64, unknown(ENORMOUS)), ENOMEM));
    CHECK("valloc sets ENOMEM", FAILS(valloc(unknown(ENORMOUS)), ENOMEM));
    CHECK("pvalloc sets ENOMEM", FAILS(pvalloc(unknown(ENORMOUS)), ENOMEM));
    CHECK("pvalloc sets ENOMEM when rounding overflows", FAILS(pvalloc(unknown(SIZE_MAX - 5)), ENOMEM));
    CHECK("reallocarray sets ENOMEM when the product overflows",
          FAILS(reallocarray(NULL, unknown(SIZE_MAX / 2), 3), ENOMEM));
}

static void failed_realloc(void) {
    void *block = malloc(100);
    fill(block, 100, 9);
    CHECK("realloc sets ENOMEM", FAILS(realloc(block, unknown(ENORMOUS)), ENOMEM));
    CHECK("a failed realloc leaves the block", is_filled(block, 100, 9));
    CHECK("realloc sets ENOMEM above PTRDIFF_MAX", FAILS(realloc(block, unknown(SIZE_MAX)), ENOMEM));
    CHECK("a realloc of too much leaves the block", is_filled(block, 100, 9));
    CHECK("reallocarray sets ENOMEM for a block",
          FAILS(reallocarray(block, unknown(SIZE_MAX / 4), 8), ENOMEM));
    CHECK("a failed reallocarray leaves the block", is_filled(block, 100, 9));
    block = hidden(realloc(block, 200));
    CHECK("the block of a failed realloc can be resized", block && is_filled(block, 100, 9));
    free(block);
}

static void posix_memalign_fails(void) {
    void *const before = &before;
    void *place = before;
    errno = 55;
    CHECK("posix_memalign refuses zero", posix_memalign(&place, unknown(0), 8) == EINVAL);
    CHECK("posix_memalign refuses what is no power of two", posix_memalign(&place, unknown(24), 8) == EINVAL);
    CHECK("posix_memalign refuses less than a pointer's size", posix_memalign(&place, unknown(4), 8) == EINVAL);
    CHECK("a refused alignment leaves the pointer", place == before);
    CHECK("a refused alignment leaves errno", errno == 55);
    CHECK("posix_memalign returns ENOMEM", posix_memalign(&place, 64, unknown(ENORMOUS)) == ENOMEM);
    CHECK("posix_memalign without memory leaves the pointer", place == before);
}

static rlim_t address_space(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void limited(void) {
    struct rlimit old, low;
    getrlimit(RLIMIT_AS, &old);
    low = old;
    low.rlim_cur = address_space() + ((rlim_t)512 << 20);
    setrlimit(RLIMIT_AS, &low);
    void *blocks[4096];
    int count = 0;
    errno = 0;
    while (count < 4096 && (blocks[count] = malloc(unknown(1 << 20))) != NULL) count++;
    CHECK("memory comes to an end under a limit", count > 100 && count < 4096);
    CHECK("the end of memory sets ENOMEM", errno == ENOMEM);
    for (int i = 0; i < count; i++) free(blocks[i]);
    void *again = hidden(malloc(unknown(50 << 20)));
    CHECK("what was freed can be had again", again != NULL);
    free(again);
    setrlimit(RLIMIT_AS, &old);
}

void failures(void) {
    too_large();
    failed_realloc();
    posix_memalign_fails();
    limited();
}
