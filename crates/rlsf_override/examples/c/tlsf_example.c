/*
 * A program written for the TLSF for C: nothing in it knows of rlsf.
 *
 *     cc tlsf_example.c $(pkg-config --cflags --libs rlsf)
 */
#include "tlsf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sums {
    size_t used;
    size_t free;
};

static void add(void *ptr, size_t size, int used, void *user)
{
    struct sums *sums = (struct sums *)user;
    (void)ptr;
    *(used ? &sums->used : &sums->free) += size;
}

int main(void)
{
    /* The control block and the first pool. */
    size_t bytes = tlsf_size() + tlsf_pool_overhead() + 4096;
    void *memory = malloc(bytes);
    void *more = malloc(4096);
    struct sums sums = { 0, 0 };
    tlsf_t heap = tlsf_create_with_pool(memory, bytes);
    if (heap == NULL) {
        fprintf(stderr, "tlsf_example: there is no memory\n");
        return 1;
    }

    char *text = (char *)tlsf_malloc(heap, 32);
    void *page = tlsf_memalign(heap, 512, 1000);
    if (text == NULL || page == NULL || (uintptr_t)page % 512 != 0) {
        return 1;
    }
    strcpy(text, "kept when the block moves");
    text = (char *)tlsf_realloc(heap, text, 1500);
    if (text == NULL || strcmp(text, "kept when the block moves") != 0) {
        return 1;
    }

    tlsf_walk_pool(tlsf_get_pool(heap), add, &sums);
    printf("used: %lu bytes, free: %lu bytes\n", (unsigned long)sums.used, (unsigned long)sums.free);

    pool_t pool = tlsf_add_pool(heap, more, 4096);
    void *large = tlsf_malloc(heap, 3000);
    printf("a pool more serves 3000 bytes: %s\n", large != NULL ? "yes" : "no");
    tlsf_free(heap, large);
    tlsf_remove_pool(heap, pool);

    tlsf_free(heap, text);
    tlsf_free(heap, page);
    int broken = tlsf_check(heap) || tlsf_check_pool(tlsf_get_pool(heap));
    tlsf_destroy(heap);
    free(more);
    free(memory);
    return broken || large == NULL;
}
