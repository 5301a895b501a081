/*
 * rlsf: heaps in memory of your own, with a known worst case (two-level segregated fit).
 *
 *     static unsigned char memory[16384];
 *
 *     struct rlsf_heap *heap = rlsf_create(rlsf_small(), memory, sizeof memory, NULL);
 *     void *block = rlsf_malloc(heap, 100);
 *     rlsf_free(heap, block);
 *
 * Words. A heap is a control block, which lies in memory that you give, and the pools that you give it. A pool
 * is a contiguous region. A block is what an allocation gets: one word for its header, and the bytes for you.
 * All sizes are bytes.
 *
 * Cost. Allocating, freeing and resizing in place take constant time, whatever the heap has been through; the
 * functions that take longer say so.
 *
 * Alignment. Every block begins at a multiple of the alignment of max_align_t (8 on 32-bit Arm, 16 elsewhere),
 * and rlsf_memalign has stronger ones.
 *
 * Threads and interrupts. The functions do not lock. A heap is used by one thread at a time: hold a lock of
 * yours, or mask the interrupts that use the heap, around every call. Different heaps have nothing in common.
 *
 * Bad input. A null heap, kind or memory, a region that passes the end of the address space, a request that no
 * heap can serve: each has the answer that the function's description says, and leaves the heap as it was. What
 * cannot be told from right input is your promise: that a heap is a heap, that memory is yours to give, that
 * a block was allocated from this heap and not freed yet, and that a block is written to within its size only.
 * The library's feature `hardened` checks the blocks as well, and ends the program if one is not as promised.
 *
 * Needs no C library, no operating system and no other allocator; memcpy, memmove and memset, which every
 * compiler for C expects, are all that it calls.
 */
#ifndef RLSF_H
#define RLSF_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A heap; what is in it is not for C. It lies at the start of the memory that rlsf_create was given. */
struct rlsf_heap;

/* ---- Kinds ---------------------------------------------------------------------------------------------- */

/*
 * A kind of heap: how finely it sorts its free blocks by size, and how large they can be. More lists find a
 * closer fit, and make the control block larger. In bytes:
 *
 *                  control block        largest block          a request finds a free block that is
 *                 32-bit    64-bit    32-bit     64-bit        larger than it by one part in
 *     small          196       384     8 KiB     16 KiB         4
 *     medium         836      1648    64 KiB    128 KiB        16
 *     large         3476      7368     1 GiB      8 GiB        32
 *
 * A region that is larger than the largest block becomes several pools. A program is linked with the code of
 * those kinds alone whose functions it names.
 */
struct rlsf_kind;

/* The kinds. They never fail and take constant time. */
const struct rlsf_kind *rlsf_small(void);
const struct rlsf_kind *rlsf_medium(void);
const struct rlsf_kind *rlsf_large(void);

/*
 * The bytes of the control block of a heap of this kind, in memory aligned to a pointer: rlsf_create may leave
 * out sizeof(void *) - 1 bytes more at the start of other memory. 0 if kind is NULL. Constant time.
 */
size_t rlsf_heap_size(const struct rlsf_kind *kind);

/* ---- Results -------------------------------------------------------------------------------------------- */

/* What the functions that return a status return. */
enum {
    RLSF_OK = 0,                 /* done */
    RLSF_NULL = 1,               /* a pointer is NULL that must not be */
    RLSF_RANGE = 2,              /* the memory passes the end of the address space */
    RLSF_TOO_SMALL = 3,          /* the memory is too small to be of use */
    RLSF_OVERLAP = 4,            /* the memory overlaps the control block or a pool of this heap */
    RLSF_NO_POOL = 5,            /* no pool of this heap begins in the memory, or ends where it begins */
    RLSF_IN_USE = 6,             /* the pool holds blocks that are in use */
    /* Faults that rlsf_check finds; something wrote where it should not have. */
    RLSF_BROKEN_POOL_END = 16,   /* the words that end a pool */
    RLSF_BROKEN_SIZE = 17,       /* a block's header: an impossible size */
    RLSF_BROKEN_PREV_FLAG = 18,  /* a block's header: wrong about the block before */
    RLSF_BROKEN_TAG = 19,        /* the last word of a free block */
    RLSF_FREE_NEIGHBOURS = 20,   /* two free blocks are neighbours */
    RLSF_BROKEN_LIST = 21,       /* the list of free blocks of a size */
    RLSF_BROKEN_BITMAP = 22,     /* the control block: which lists have a block */
    RLSF_BROKEN_SUMS = 23,       /* the free blocks in lists are not those in pools */
    RLSF_BROKEN_STATISTICS = 24, /* the control block: the statistics */
    RLSF_BROKEN = 25             /* another fault */
};

/*
 * A sentence for a status, in English, without a full stop. Never NULL, whatever the number; the text is
 * constant. Time: constant.
 */
const char *rlsf_strerror(int status);

/* ---- Heaps and pools ------------------------------------------------------------------------------------ */

/*
 * Makes a heap of the given kind in the `bytes` bytes at `memory`: the control block at the first address
 * aligned to a pointer, and a pool of what is behind it. If what is behind is too small for a pool, the heap
 * has none yet: with rlsf_heap_size(kind) bytes the control block can lie in fast memory, say, and the pools
 * elsewhere.
 *
 * Returns the heap, or NULL if `kind` or `memory` is NULL, the memory is too small for the control block, or
 * it passes the end of the address space; then nothing is written to it.
 *
 * `*used`, unless `used` is NULL, is set to the bytes that are used, counted from `memory`: the first pool ends
 * there, and what lies behind can be appended. 0 if there is no heap.
 *
 * You promise that nothing else uses the memory as long as the heap is used. A heap has no end of its own: when
 * you no longer use it, its memory is yours.
 *
 * Time: constant for each pool (one, unless the memory is larger than the kind's largest block), and writing
 * the control block.
 */
struct rlsf_heap *rlsf_create(const struct rlsf_kind *kind, void *memory, size_t bytes, size_t *used);

/*
 * Gives the heap the `bytes` bytes at `memory`, of any alignment, as a pool (as several if they are more than
 * the largest block).
 *
 * RLSF_OK; RLSF_NULL, RLSF_RANGE, RLSF_TOO_SMALL (under about 10 words) or RLSF_OVERLAP, and then nothing has
 * changed. `*used`, unless `used` is NULL, is set to the bytes that are used, counted from `memory`: the
 * pool ends there. 0 if there is none.
 *
 * You promise that nothing else uses the memory until it is removed or the heap is no longer used.
 *
 * Time: linear in the number of the heap's pools.
 */
int rlsf_add_pool(struct rlsf_heap *heap, void *memory, size_t bytes, size_t *used);

/*
 * Gives the heap the memory behind one of its pools: the pool grows, and so does a free block at its end. What
 * is more than the largest block becomes a pool of its own.
 *
 * `memory` is the address where the pool ends: where it was added, plus what `*used` was set to, there and in
 * earlier calls of this function. (Behind that lie at most 15 bytes of your region that were left over; give
 * them again.)
 *
 * RLSF_OK; RLSF_NO_POOL if no pool of this heap ends at `memory`; RLSF_NULL, RLSF_RANGE, RLSF_TOO_SMALL or
 * RLSF_OVERLAP; and then nothing has changed. `*used` and your promise are as in rlsf_add_pool.
 *
 * Time: linear in the number of the heap's pools.
 */
int rlsf_append_pool(struct rlsf_heap *heap, void *memory, size_t bytes, size_t *used);

/*
 * Takes back every pool that begins in the `bytes` bytes at `memory`, which is the whole region that was given,
 * what was appended included, or covers it. (For the first pool, the memory of rlsf_create; the control block
 * stays.)
 *
 * RLSF_OK, and the memory is yours; RLSF_IN_USE if a block of one of these pools is in use, RLSF_NO_POOL if there
 * is no such pool, RLSF_NULL, RLSF_RANGE; and then nothing has changed.
 *
 * Time: linear in the number of the heap's pools, for each that is removed.
 */
int rlsf_remove_pool(struct rlsf_heap *heap, void *memory, size_t bytes);

/* ---- Blocks --------------------------------------------------------------------------------------------- */

/*
 * Allocates `size` bytes, aligned for any object. `size` may be 0: the block then is one of its own, to be freed
 * like any other. The bytes have no particular value.
 *
 * NULL if no free block is sure to fit, or heap is NULL. Time: constant.
 */
void *rlsf_malloc(struct rlsf_heap *heap, size_t size);

/*
 * Allocates `size` bytes at a multiple of `align`, a power of two. The block is freed and resized like any
 * other. (Unlike aligned_alloc, `size` need be no multiple of `align`.)
 *
 * NULL if no free block is sure to fit, `align` is no power of two, or heap is NULL. Time: constant.
 */
void *rlsf_memalign(struct rlsf_heap *heap, size_t align, size_t size);

/*
 * Resizes a block of this heap to `size` bytes; it keeps the contents that fit. It stays where it is if it
 * shrinks or if the block behind is free and large enough; otherwise it moves, and `block` is no longer yours.
 * One that moves is aligned as by rlsf_malloc, even if it came from rlsf_memalign.
 *
 * With NULL for the block it is rlsf_malloc. With 0 for the size and a block, it is rlsf_free and returns NULL.
 *
 * NULL if there is no room or heap is NULL: then the block is as it was, and still yours.
 *
 * Time: constant in place, and the copy of the contents if it moves.
 */
void *rlsf_realloc(struct rlsf_heap *heap, void *block, size_t size);

/*
 * Frees a block of this heap. Does nothing if the block or the heap is NULL. Time: constant.
 */
void rlsf_free(struct rlsf_heap *heap, void *block);

/*
 * The bytes of a block in use that you may use: at least what was asked for. 0 if block is NULL. Time: constant.
 */
size_t rlsf_usable_size(const void *block);

/* ---- Looking at a heap ---------------------------------------------------------------------------------- */

/*
 * What rlsf_walk calls for every block: with the pointer that it was given, the block's address, the bytes from
 * there to the block's end, and 1 if it is in use or 0 if it is free. Anything but 0 ends the walk. It must not
 * allocate from the heap, nor free, nor write to the bytes of free blocks.
 */
typedef int (*rlsf_visitor)(void *user, void *block, size_t bytes, int is_used);

/*
 * Visits every block: the newest pool first, each pool's blocks in the order of their addresses.
 *
 * Returns 0, or what the visitor returned to end the walk; 0 if heap or visitor is NULL. Time: linear in the
 * number of blocks.
 */
int rlsf_walk(const struct rlsf_heap *heap, rlsf_visitor visit, void *user);

/*
 * Checks everything that must be true of the heap and its pools, whatever has been written to the pools.
 *
 * RLSF_OK, or the first fault (see above); RLSF_NULL if heap is NULL. `*fault`, unless `fault` is NULL, is set to
 * the address of the block, or the end of the pool, at which the fault was found: what was written to before
 * it is the suspect. NULL if there is no such place.
 *
 * Time: linear in the number of blocks.
 */
int rlsf_check(const struct rlsf_heap *heap, const void **fault);

/*
 * Figures of a heap. Bytes are those of blocks, headers included. The peaks are since the heap was created.
 */
struct rlsf_statistics {
    size_t used_bytes;          /* all blocks in use */
    size_t free_bytes;          /* all free blocks */
    size_t live_blocks;         /* the number of blocks in use */
    size_t peak_used_bytes;     /* the most that used_bytes has been */
    size_t peak_live_blocks;    /* the most that live_blocks has been */
    size_t failed_requests;     /* the number of requests that were answered with NULL, but for those above half
                                   of the address space or with a bad alignment */
    size_t largest_request;     /* the largest request so far, served or not, rounded up to a block; a stronger
                                   alignment counts with the gap that it may need */
    size_t largest_allocatable; /* a size that rlsf_malloc is sure to serve now: the most there is, or at most one
                                   part in 4, 16 or 32 (by the kind) less */
};

/*
 * Writes the figures to `*figures`. RLSF_OK, or RLSF_NULL if a pointer is NULL. Time: constant.
 */
int rlsf_statistics(const struct rlsf_heap *heap, struct rlsf_statistics *figures);

/* ---- A pool that never fails ---------------------------------------------------------------------------- */

/*
 * What a program promises never to exceed, however it goes on.
 */
struct rlsf_demand {
    size_t live_bytes;      /* the largest sum of rlsf_block_size over the blocks that are in use at a time; a
                               block that rlsf_realloc may have to move counts with both its sizes */
    size_t live_blocks;     /* the largest number of these blocks */
    size_t largest_request; /* the largest size ever asked for */
    size_t largest_align;   /* the largest alignment ever asked for; 1 if rlsf_memalign is not used */
};

/*
 * The bytes that a block takes which is asked for with `size` bytes, header and rounding included. 0 if the kind
 * has no block that large, or is NULL. Time: constant.
 */
size_t rlsf_block_size(const struct rlsf_kind *kind, size_t size);

/*
 * The bytes of a region at any address which, given to a heap of this kind as its one pool, serves every request
 * of a program that keeps to `demand`, in whatever order it allocates and frees: no request ever fails.
 *
 * 0 if the kind has no pool that large, largest_align is no power of two, or a pointer is NULL. Time: constant.
 */
size_t rlsf_sufficient_pool_size(const struct rlsf_kind *kind, const struct rlsf_demand *demand);

/*
 * Whether the heap's program has kept to `demand` so far, by the peaks in the heap's statistics: 1 or 0. 0 if a
 * pointer is NULL or largest_align is no power of two. Time: constant.
 */
int rlsf_demand_is_kept(const struct rlsf_heap *heap, const struct rlsf_demand *demand);

#ifdef __cplusplus
}
#endif

#endif
