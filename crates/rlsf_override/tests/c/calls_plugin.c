/* While the loader initialises this, a thread misuses a block and is waited for. Neither takes a signal. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static void *misuse(void *block) {
    free(block);
    __asm__ volatile("" : "+r"(block) : : "memory");
    free(block);
    return NULL;
}

__attribute__((constructor)) static void begin(void) {
    pthread_t thread;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_create(&thread, NULL, misuse, malloc(100));
    pthread_join(thread, NULL);
}
