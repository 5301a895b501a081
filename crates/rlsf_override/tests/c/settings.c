/* Allocates a little, forks if it is told to, and ends with the code 7. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

int main(int argc, char **argv) {
    (void)argv;
    for (int i = 0; i < 10; i++) kept = malloc(1000);
    kept = realloc(kept, 2000);
    free(calloc(10, 10));
    free(aligned_alloc(64, 64));
    free(malloc(123456));
    if (argc > 1 && fork() == 0) {
        free(malloc(5));
        exit(7);
    }
    wait(NULL);
    exit(7);
}
