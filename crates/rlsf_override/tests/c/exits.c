/* Ends by _exit, in one of the ways, with the code 7; a hang ends by SIGALRM. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

static void end(int signal_number) {
    (void)signal_number;
    signal(SIGALRM, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(10);
    _exit(7);
}

/* A signal that comes while the heap works: its handler ends the process. */
static void end_in_a_handler(size_t size, int microseconds) {
    signal(SIGALRM, end);
    struct itimerval soon = {.it_value.tv_usec = microseconds};
    setitimer(ITIMER_REAL, &soon, NULL);
    for (;;) {
        kept = malloc(size);
        kept = realloc(kept, size * 2);
        free(kept);
    }
}

static int handlers(void) {
    for (int i = 0; i < 400; i++) {
        if (fork() == 0) end_in_a_handler(i % 2 ? 1 << 20 : 300, 200 + i * 7);
        int status;
        wait(&status);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) return 1;
    }
    return 7;
}

int main(int argc, char **argv) {
    (void)argc;
    kept = malloc(1000);
    if (strcmp(argv[1], "_exit") == 0) _exit(7);
    if (strcmp(argv[1], "_Exit") == 0) _Exit(7);
    if (strcmp(argv[1], "quick_exit") == 0) quick_exit(7);
    if (strcmp(argv[1], "handlers") == 0) return handlers();
    return 1;
}
