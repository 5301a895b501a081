/* Asks for memory in many ways, and lives with a failure of each: it says in which step there was none, cleans
   up and ends with 3, or ends with 0. What fails must set errno and leave everything as it was. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *text) { (void)!write(1, text, strlen(text)); }

static void stop(const char *text, int code) {
    say(text);
    say("\n");
    _exit(code);
}

/* A failure is one only if errno says so. */
static int failed(const void *block) {
    if (block) return 0;
    if (errno != ENOMEM) stop("errno is not ENOMEM", 1);
    return 1;
}

static const char *blocks(void) {
    const char *step = NULL;
    errno = 0;
    char *first = malloc(100), *second = NULL, *third = NULL;
    void *fourth = NULL;
    if (failed(first)) return "malloc";
    memset(first, 'x', 100);
    if (failed(second = calloc(10, 50))) step = "calloc";
    if (!step && failed(third = aligned_alloc(64, 640))) step = "aligned_alloc";
    if (!step) {
        errno = 0;
        int code = posix_memalign(&fourth, 4096, 5000);
        if (code && (code != ENOMEM || errno || fourth)) stop("posix_memalign", 1);
        if (code) step = "posix_memalign";
    }
    for (size_t size = 200; !step && size < 1000000; size *= 3) {
        char *larger = realloc(first, size);
        if (failed(larger)) step = "realloc";
        if (larger) first = larger;
        for (int i = 0; i < 100; i++)
            if (first[i] != 'x') stop("realloc has lost the block", 1);
    }
    free(first), free(second), free(third), free(fourth);
    return step;
}

static const char *strings(void) {
    char *text = NULL, *copy;
    size_t size = 0;
    if (failed(copy = strdup("a string"))) return "strdup";
    free(copy);
    FILE *stream = open_memstream(&text, &size);
    if (failed(stream)) return "open_memstream";
    for (int i = 0; i < 1000; i++) fprintf(stream, "line %d\n", i);
    int lost = fclose(stream) != 0 || size != 8890;
    free(text);
    return lost ? "open_memstream's text" : NULL;
}

static const char *files(void) {
    FILE *file = fopen("/dev/null", "w");
    if (failed(file)) return "fopen";
    for (int i = 0; i < 1000; i++) fprintf(file, "%d %s", i, "text");
    fclose(file);
    DIR *folder = opendir("/");
    if (failed(folder)) return "opendir";
    int entries = 0;
    while (readdir(folder)) entries++;
    closedir(folder);
    if (entries < 3) stop("the folder has no entries", 1);
    return NULL;
}

static int order(const void *a, const void *b) { return strcmp(a, b); }

/* A tree of strings, each node an allocation of the C library's. (Not a regular expression: glibc's regcomp
   frees twice when it runs out of memory.) */
static const char *trees(void) {
    void *root = NULL;
    char *names[50] = {NULL};
    const char *step = NULL;
    for (int i = 0; i < 50 && !step; i++) {
        if (asprintf(&names[i], "name %d", i * 7 % 50) < 0) {
            names[i] = NULL;
            step = "asprintf";
        } else if (failed(tsearch(names[i], &root, order)))
            step = "tsearch";
    }
    for (int i = 0; i < 50 && !step; i++)
        if (!tfind(names[i], &root, order)) stop("the tree has lost a name", 1);
    while (root) tdelete(*(char **)root, &root, order);
    for (int i = 0; i < 50; i++) free(names[i]);
    return step;
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "wait")) {
        for (int i = 0; i < 1000; i++) free(malloc(i));
        say("ready\n");
        pause();
    }
    const char *(*const steps[])(void) = {blocks, strings, files, trees};
    for (int i = 0; i < 4; i++) {
        const char *step = steps[i]();
        if (step) {
            say("no memory: ");
            stop(step, 3);
        }
    }
    stop("done", 0);
}
