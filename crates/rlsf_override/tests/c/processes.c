/* fork(2), pthread_atfork(3): the heap in a child of a program with threads. */
#include "promises.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int busy = 1;
static int in_prepare, in_parent, in_child;

static void allocate_some(int *count) {
    void *block = malloc(1234);
    memset(block, 3, 1234);
    void *larger = realloc(block, 400000);
    if (larger) ++*count;
    free(larger);
}

static void prepare(void) { allocate_some(&in_prepare); }
static void parent(void) { allocate_some(&in_parent); }
static void child(void) { allocate_some(&in_child); }

/* Before main, and before most of what the program does. */
__attribute__((constructor)) static void register_handlers(void) { pthread_atfork(prepare, parent, child); }

static void *keep_busy(void *unused) {
    (void)unused;
    while (busy) {
        void *block = malloc(500);
        free(realloc(block, 5000));
    }
    return NULL;
}

/* What a child does: allocates, starts a thread, frees what its parent allocated. */
static int child_works(void *inherited, int handlers) {
    if (in_child != handlers) return 1;
    if (!is_filled(inherited, 1000, 8)) return 2;
    free(inherited);
    for (int i = 0; i < 1000; i++) free(hidden(malloc((size_t)i * 10)));
    busy = 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, keep_busy, NULL) != 0) return 3;
    pthread_join(thread, NULL);
    return 0;
}

static int forked(int times) {
    int good = 0;
    for (int i = 0; i < times; i++) {
        void *inherited = malloc(1000);
        fill(inherited, 1000, 8);
        pid_t pid = fork();
        if (pid == 0) {
            alarm(20); /* A deadlock is to end. */
            _exit(child_works(inherited, 1));
        }
        int status = -1;
        waitpid(pid, &status, 0);
        good += status == 0;
        free(inherited);
    }
    return good;
}

/* Whether free keeps errno of blocks with a page that the process has locked in memory, whose pages
   the system does not take back. The pauses are for heaps that give few pages back at a time. */
static int keeps_errno_of_locked(size_t size, int count) {
    char *blocks[64];
    int kept = 0;
    for (int i = 0; i < count; i++) {
        blocks[i] = malloc(size);
        if (mlock(blocks[i] + size / 2, 1) != 0) return 1; /* The system lets nobody. */
    }
    for (int i = 0; i < count; i++) {
        usleep(size >= 1 << 20 ? 20000 : 0);
        errno = 79;
        free(blocks[i]);
        kept += errno == 79;
    }
    return kept == count;
}

static int locked_child(void) {
    pid_t pid = fork();
    if (pid == 0) {
        int large = keeps_errno_of_locked(1 << 20, 8);
        int middle = keeps_errno_of_locked(200000, 64);
        _exit(large && middle ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

void processes(void) {
    pthread_t workers[3];
    for (int i = 0; i < 3; i++) pthread_create(&workers[i], NULL, keep_busy, NULL);
    CHECK("the heap works in children of a program with threads", forked(200) == 200);
    busy = 0;
    for (int i = 0; i < 3; i++) pthread_join(workers[i], NULL);
    CHECK("a handler may allocate before fork", in_prepare == 200);
    CHECK("a handler may allocate after fork in the parent", in_parent == 200);
    CHECK("free keeps errno of locked pages", locked_child() == 0);
    FILE *echo = popen("echo hello", "r");
    char line[16] = "";
    CHECK("another program runs", echo && fgets(line, sizeof line, echo) && strcmp(line, "hello\n") == 0);
    CHECK("it ends well", echo && pclose(echo) == 0);
}
