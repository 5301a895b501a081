/* Operations that a recording is to show, one kind of program after the other. */

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Without stdio, which allocates. */
#define EXPECT(condition)                                                              \
    do {                                                                               \
        if (!(condition))                                                              \
            _exit(9);                                                                  \
    } while (0)

/* One of everything. */
static void all_kinds(void)
{
    void *a = malloc(100);
    char *b = calloc(3, 50);
    void *c = NULL;
    EXPECT(posix_memalign(&c, 4096, 70000) == 0);
    a = realloc(a, 5000);
    a = realloc(a, 20);
    EXPECT(malloc(SIZE_MAX / 2) == NULL);
    EXPECT(realloc(b, SIZE_MAX / 2) == NULL);
    free(NULL);
    free(b);
    void *d = realloc(NULL, 7);
    EXPECT(realloc(d, 0) == NULL);
    free(aligned_alloc(64, 0));
    free(c);
    free(a);
}

static void *many(void *unused)
{
    void *blocks[64];
    (void)unused;
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < 64; i++)
            blocks[i] = malloc(1 + i * 37);
        for (int i = 0; i < 64; i += 2)
            blocks[i] = realloc(blocks[i], 3000);
        for (int i = 0; i < 64; i++)
            free(blocks[i]);
    }
    return NULL;
}

/* Blocks so large that threads share them: what one frees is another's at once. */
static void *large(void *unused)
{
    (void)unused;
    for (int round = 0; round < 60000; round++) {
        void *block = malloc(300000);
        block = realloc(block, 700000);
        free(block);
    }
    return NULL;
}

static void threads(void *(*work)(void *))
{
    pthread_t others[4];
    for (int i = 0; i < 4; i++)
        EXPECT(pthread_create(&others[i], NULL, work, NULL) == 0);
    for (int i = 0; i < 4; i++)
        EXPECT(pthread_join(others[i], NULL) == 0);
}

static void forks(void)
{
    void *before = malloc(111);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 1000; i++)
            free(malloc(99));
        _exit(0);
    }
    int status = 1;
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    free(before);
    EXPECT(malloc(222) != NULL);
    abort();
}

/* More than one window of the file. */
static void long_run(void)
{
    for (int i = 0; i < 100000; i++)
        free(malloc(33));
}

/* Room for one window only. */
static void no_room(void)
{
    struct rlimit limit = { 1 << 20, RLIM_INFINITY };
    EXPECT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    long_run();
}

int main(int count, char **names)
{
    EXPECT(count == 2);
    const char *kind = names[1];
    if (strcmp(kind, "all") == 0)
        all_kinds();
    else if (strcmp(kind, "threads") == 0)
        threads(many);
    else if (strcmp(kind, "large") == 0)
        threads(large);
    else if (strcmp(kind, "forks") == 0)
        forks();
    else if (strcmp(kind, "long") == 0)
        long_run();
    else if (strcmp(kind, "no-room") == 0)
        no_room();
    else if (strcmp(kind, "exec") == 0) {
        long_run();
        execl(names[0], names[0], "all", NULL);
        return 1;
    } else
        return 1;
    return 0;
}
