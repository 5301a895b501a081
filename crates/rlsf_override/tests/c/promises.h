/* The parts of promises.c. */
#ifndef PROMISES_H
#define PROMISES_H

#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Keeps the compiler from knowing what a pointer leads to, and a size. */
static inline void *hidden(void *pointer) {
    __asm__ volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

static inline size_t unknown(size_t size) {
    __asm__ volatile("" : "+r"(size));
    return size;
}

static inline int is_aligned(const void *pointer, size_t alignment) {
    return (uintptr_t)pointer % alignment == 0;
}

static inline void fill(void *block, size_t size, int seed) {
    for (size_t i = 0; i < size; i++) ((unsigned char *)block)[i] = (unsigned char)(seed + i * 7);
}

static inline int is_filled(const void *block, size_t size, int seed) {
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)block)[i] != (unsigned char)(seed + i * 7)) return 0;
    return 1;
}

static inline int is_zero(const void *block, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)block)[i] != 0) return 0;
    return 1;
}

/* More than any block can have, and less than PTRDIFF_MAX. */
#define ENORMOUS ((size_t)PTRDIFF_MAX / 2)

void allocation(void);
void failures(void);
void alignments(void);
void figures(void);
void processes(void);
void threads(void);
void libraries(void);

#endif
