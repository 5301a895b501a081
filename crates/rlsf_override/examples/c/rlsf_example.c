/*
 * A heap of a program's own: a size that never fails, two pools, a map of the blocks.
 *
 *     cc rlsf_example.c $(pkg-config --cflags --libs rlsf)
 */
#include "rlsf.h"

#include <stdio.h>
#include <string.h>

/* Messages of up to 200 bytes, of which at most 8 wait at a time. */
enum { MESSAGES = 8, LONGEST = 200 };

/* The control block lies in memory of its own, as it might in a processor's fastest. */
static size_t control[256];

static unsigned char first[8192];
static unsigned char second[4096];

/* One character a block: '#' is in use, '.' is free; the bytes behind it. */
static int draw(void *user, void *block, size_t bytes, int is_used)
{
    (void)user;
    (void)block;
    printf("%c%lu ", is_used ? '#' : '.', (unsigned long)bytes);
    return 0;
}

/* Prints a map of the heap and whether it is whole. */
static int show(const struct rlsf_heap *heap, const char *when)
{
    const void *fault;
    int status = rlsf_check(heap, &fault);
    printf("%s: ", when);
    rlsf_walk(heap, draw, NULL);
    printf("(%s)\n", rlsf_strerror(status));
    return status;
}

int main(void)
{
    const struct rlsf_kind *kind = rlsf_small();
    struct rlsf_demand demand;
    struct rlsf_statistics figures;
    char *message[MESSAGES];
    size_t enough;
    int i, status;

    /* Any eight messages at a time: that much memory serves every request, for ever. */
    demand.live_bytes = MESSAGES * rlsf_block_size(kind, LONGEST);
    demand.live_blocks = MESSAGES;
    demand.largest_request = LONGEST;
    demand.largest_align = 1;
    enough = rlsf_sufficient_pool_size(kind, &demand);
    printf("%lu bytes never fail\n", (unsigned long)enough);
    if (enough == 0 || enough > sizeof first || rlsf_heap_size(kind) > sizeof control) {
        fprintf(stderr, "rlsf_example: the memory is too small\n");
        return 1;
    }

    struct rlsf_heap *heap = rlsf_create(kind, control, rlsf_heap_size(kind), NULL);
    status = rlsf_add_pool(heap, first, enough, NULL);
    if (status != RLSF_OK) {
        fprintf(stderr, "rlsf_example: %s\n", rlsf_strerror(status));
        return 1;
    }

    for (i = 0; i < MESSAGES; i++) {
        message[i] = rlsf_malloc(heap, LONGEST - 20 * (size_t)i);
        if (message[i] == NULL) {
            return 1; /* cannot happen: the program keeps to its demand */
        }
        snprintf(message[i], LONGEST - 20 * (size_t)i, "message %d", i);
    }
    for (i = 0; i < MESSAGES; i += 2) {
        rlsf_free(heap, message[i]);
    }
    if (show(heap, "every other message is gone") != RLSF_OK) {
        return 1;
    }
    printf("the promise is kept: %d\n", rlsf_demand_is_kept(heap, &demand));

    /* A second pool, in other memory: now a larger block can be had. */
    status = rlsf_add_pool(heap, second, sizeof second, NULL);
    message[1] = rlsf_realloc(heap, message[1], 3000);
    if (status != RLSF_OK || message[1] == NULL || strcmp(message[1], "message 1") != 0) {
        return 1;
    }
    for (i = 1; i < MESSAGES; i += 2) {
        rlsf_free(heap, message[i]);
    }
    /* Nothing is in use, so the pool can be taken back. */
    status = rlsf_remove_pool(heap, second, sizeof second);
    rlsf_statistics(heap, &figures);
    printf("second pool: %s; peak: %lu blocks, %lu bytes\n", rlsf_strerror(status),
           (unsigned long)figures.peak_live_blocks, (unsigned long)figures.peak_used_bytes);
    return status != RLSF_OK || figures.live_blocks != 0 || show(heap, "at the end") != RLSF_OK;
}
