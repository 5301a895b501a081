/* Misuses a block: calls WHAT HOW SIZE. WHAT it does is told by the functions that do it, HOW is the
   function that allocates. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE __attribute__((noinline))

static void *hidden(void *pointer) {
    __asm__ volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

WHOLE char *make(const char *how, size_t size) {
    void *block = NULL;
    if (!strcmp(how, "malloc")) block = malloc(size);
    if (!strcmp(how, "calloc")) block = calloc(1, size);
    if (!strcmp(how, "realloc")) block = realloc(hidden(malloc(size / 2)), size);
    if (!strcmp(how, "reallocarray")) block = reallocarray(NULL, 1, size);
    if (!strcmp(how, "posix_memalign")) posix_memalign(&block, 64, size);
    if (!strcmp(how, "aligned_alloc")) block = aligned_alloc(64, size);
    if (!strcmp(how, "memalign")) block = memalign(64, size);
    if (!strcmp(how, "valloc")) block = valloc(size);
    if (!strcmp(how, "strndup")) {
        char *text = malloc(size);
        memset(text, 'x', size);
        text[size - 1] = 0;
        block = strndup(text, size);
        free(text);
    }
    return hidden(block);
}

WHOLE void give_back(char *block) {
    free(block);
    hidden(block);
}

WHOLE void give_back_again(char *block) {
    free(block);
    hidden(block);
}

static void overflow(char *block, size_t size) {
    block[size] = 0;
    give_back(block);
}

static void twice(char *block) {
    give_back(block);
    give_back_again(block);
}

/* A realloc that fails leaves the block as it is. */
static void failing(char *block, size_t size) {
    if (realloc(hidden(block), PTRDIFF_MAX / 2)) puts("there is a lot of memory");
    twice(block);
    overflow(block, size);
}

static size_t kept;

/* Allocates, each time by another way through these calls. */
#define THEN spread(depth - 1); __asm__ volatile("");
WHOLE void spread(int depth) {
    if (depth == 0) {
        kept += hidden(malloc(16)) != NULL;
        return;
    }
    THEN THEN THEN THEN THEN THEN THEN THEN
}

static void crowd(size_t count) {
    char **blocks = malloc(count * sizeof *blocks);
    for (size_t i = 0; i < count; i++) blocks[i] = malloc(16);
    for (size_t i = 0; i < count; i++) free(blocks[i]);
    free(blocks);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *what = argv[1], *how = argv[2];
    size_t size = (size_t)atol(argv[3]);
    if (!strcmp(what, "spread")) spread(6);
    if (!strcmp(what, "crowd")) crowd(1500000);
    /* A library that is named instead of a function. */
    if (!strcmp(what, "load")) return dlopen(how, RTLD_NOW) == NULL;
    char *block = make(how, size), *wall = make(how, size);
    if (!strcmp(what, "overflow") || !strcmp(what, "spread") || !strcmp(what, "crowd")) overflow(block, size);
    if (!strcmp(what, "twice")) twice(block);
    if (!strcmp(what, "interior")) give_back(block + 32);
    if (!strcmp(what, "odd")) give_back(block + 3);
    if (!strcmp(what, "behind")) give_back((char *)(((uintptr_t)block + size + 15) & ~(uintptr_t)15));
    if (!strcmp(what, "foreign")) give_back((char *)&argc);
    if (!strcmp(what, "failing")) failing(block, size);
    if (!strcmp(what, "after")) {
        give_back(block);
        memset(block, 7, 16);
        for (int i = 0; i < 100; i++) make(how, size);
    }
    give_back(wall);
    puts("went on");
    return 0;
}
