/* Counts checks that hold, and names those that do not. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

/* Defined by the file with `main`, with COUNTERS. */
extern int passed, failed;

#define COUNTERS int passed, failed;

#define CHECK(sentence, condition)                                                    \
    do {                                                                               \
        if (condition) {                                                               \
            passed++;                                                                  \
        } else {                                                                       \
            failed++;                                                                  \
            printf("FAILED (%s:%d): %s\n", __FILE__, __LINE__, sentence);              \
        }                                                                              \
    } while (0)

static inline int verdict(void) {
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

#endif
