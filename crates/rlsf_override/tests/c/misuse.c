/* Hands in a pointer that is none: misuse WHAT SIZE. The first line tells which, the heap's message is to
   name it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *hidden(void *pointer) {
    __asm__ volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

static _Alignas(64) char elsewhere[256];

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    /* Or the stream's buffer takes the block that is freed here. */
    setvbuf(stdout, NULL, _IONBF, 0);
    size_t size = argc > 2 ? (size_t)atol(argv[2]) : 100;
    char *small = malloc(size), *other = malloc(size), *wall = malloc(size);
    void *bad = NULL;
    memset(small, 0, size);
    memset(other, 0, size);
    if (!strcmp(what, "foreign") || !strcmp(what, "realloc-foreign")) bad = elsewhere + 64;
    if (!strcmp(what, "stack")) bad = hidden((void *)((uintptr_t)&what & ~(uintptr_t)15));
    if (!strcmp(what, "unmapped")) bad = (void *)(uintptr_t)0x123450;
    if (!strcmp(what, "odd")) bad = small + 1;
    if (!strcmp(what, "interior")) bad = small + 32;
    if (!strcmp(what, "twice") || !strcmp(what, "realloc-twice")) free(bad = small);
    if (!strcmp(what, "twice-merged")) {
        /* Between two free blocks it becomes a part of theirs. */
        free(small);
        free(wall);
        free(bad = other);
    }
    if (!strcmp(what, "overwritten")) memset((bad = other) - 8, 0x41, 8);
    printf("%p\n", bad);
    if (!strncmp(what, "realloc", 7))
        bad = realloc(hidden(bad), size * 2);
    else
        free(hidden(bad));
    puts("went on");
    return 0;
}
