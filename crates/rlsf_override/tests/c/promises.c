/* What the manual pages promise of malloc and its family, one by one. Holds for every
 * C library's heap, so this is run under glibc's own, too. */
#include "promises.h"

COUNTERS

int main(void) {
    libraries();
    allocation();
    failures();
    alignments();
    figures();
    threads();
    processes();
    return verdict();
}
