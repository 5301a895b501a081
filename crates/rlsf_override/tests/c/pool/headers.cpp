// Both headers in one C++ program: they compile, and the names are C's.
#include "rlsf.h"
#include "tlsf.h"

static unsigned char memory[16384];

int main()
{
    rlsf_heap *heap = rlsf_create(rlsf_medium(), memory, sizeof memory, nullptr);
    int *number = static_cast<int *>(rlsf_malloc(heap, sizeof(int)));
    *number = 42;
    bool right = *number == 42 && rlsf_check(heap, nullptr) == RLSF_OK && tlsf_size() > 0;
    rlsf_free(heap, number);
    return right ? 0 : 1;
}
