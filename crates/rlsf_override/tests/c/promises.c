/* What the manual pages promise of malloc and its family, one by one. Holds for every
 * C library's heap, so this is run under glibc's own, too. */
#include "promises.h"

COUNTERS

static const struct {
    const char *name;
    void (*check)(void);
} PARTS[] = {
    {"libraries", libraries}, {"allocation", allocation}, {"failures", failures},   {"alignments", alignments},
    {"figures", figures},     {"threads", threads},       {"processes", processes},
};

/* All parts, or those that are named. */
int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        int is_wanted = argc == 1;
        for (int j = 1; j < argc; j++) is_wanted |= strcmp(argv[j], PARTS[i].name) == 0;
        if (is_wanted) PARTS[i].check();
    }
    return verdict();
}
