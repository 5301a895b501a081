/* Frees a block twice: the checks of the library end the program. */
#include "rlsf.h"

static size_t memory[4096];

int main(void)
{
    struct rlsf_heap *heap = rlsf_create(rlsf_small(), memory, sizeof memory, NULL);
    void *block = rlsf_malloc(heap, 100);
    rlsf_free(heap, block);
    rlsf_free(heap, block);
    return 0;
}
