/* Counting checks: each that fails is named with its line. */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdio.h>

static int passed, failed;

#define CHECK(condition)                                                     \
    do {                                                                     \
        if (condition) {                                                     \
            passed++;                                                        \
        } else {                                                             \
            failed++;                                                        \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);   \
        }                                                                    \
    } while (0)

/* Says how many passed, and the program's exit code. */
static int verdict(void)
{
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

#endif
