/* Threads: that they share the heap, come and go, and clean up behind themselves. */
#include "promises.h"

/* Of twenty threads each, which end and must leave nothing. */
#ifndef BATCHES
#define BATCHES 4750
#endif

#include <pthread.h>
#include <unistd.h>

static long resident_kib(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1) return -1;
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void *short_life(void *unused) {
    (void)unused;
    void *blocks[8];
    for (int i = 0; i < 8; i++) memset(blocks[i] = malloc(2000), 1, 2000);
    for (int i = 0; i < 7; i++) free(blocks[i]);
    return blocks[7];
}

static void churn(int batches) {
    for (int batch = 0; batch < batches; batch++) {
        pthread_t threads[20];
        for (int i = 0; i < 20; i++) pthread_create(&threads[i], NULL, short_life, NULL);
        for (int i = 0; i < 20; i++) {
            void *block;
            pthread_join(threads[i], &block);
            free(block);
        }
    }
}

static void memory_stays_flat(void) {
    churn(250);
    long before = resident_kib();
    churn(BATCHES);
    long after = resident_kib();
    CHECK("threads that have ended leave no memory behind", before > 0 && after - before < 4096);
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value) {
    void *block = malloc(3000);
    memset(block, 2, 3000);
    free(block);
    __atomic_add_fetch(&destroyed, is_filled(value, 100, 1), __ATOMIC_SEQ_CST);
    free(value);
}

static void *with_value(void *unused) {
    (void)unused;
    void *value = malloc(100);
    fill(value, 100, 1);
    pthread_setspecific(key, value);
    return NULL;
}

static void destructors(void) {
    pthread_key_create(&key, destroy);
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, with_value, NULL);
        pthread_join(thread, NULL);
    }
    CHECK("a thread's destructors allocate and free", destroyed == 50);
    pthread_key_delete(key);
}

static void *work(void *argument) {
    unsigned random = (unsigned)(uintptr_t)argument;
    void *blocks[64] = {0};
    size_t sizes[64];
    uintptr_t kept = 1;
    for (int step = 0; step < 50000; step++) {
        random = random * 1664525 + 1013904223;
        int i = random >> 10 & 63;
        if (blocks[i]) kept = kept && is_filled(blocks[i], sizes[i], i);
        free(blocks[i]);
        sizes[i] = random >> 23;
        blocks[i] = malloc(sizes[i]);
        fill(blocks[i], sizes[i], i);
    }
    for (int i = 0; i < 64; i++) free(blocks[i]);
    return (void *)kept;
}

static void sharing(void) {
    pthread_t threads[8];
    uintptr_t kept = 1;
    for (uintptr_t i = 0; i < 8; i++) pthread_create(&threads[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 8; i++) {
        void *result;
        pthread_join(threads[i], &result);
        kept = kept && result;
    }
    CHECK("threads do not get each other's blocks", kept);
}

static void *free_all(void *blocks) {
    for (int i = 0; i < 100; i++) free(((void **)blocks)[i]);
    return NULL;
}

static void across(void) {
    void *blocks[100];
    pthread_t thread;
    for (int i = 0; i < 100; i++) blocks[i] = malloc(100 + (size_t)i);
    size_t before = mallinfo2().uordblks;
    pthread_create(&thread, NULL, free_all, blocks);
    pthread_join(thread, NULL);
    CHECK("a thread frees another's blocks", mallinfo2().uordblks <= before);
}

void threads(void) {
    sharing();
    across();
    destructors();
    memory_stays_flat();
}
