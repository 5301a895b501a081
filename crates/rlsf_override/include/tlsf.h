/*
 * The functions of the widely used TLSF for C, by their names and signatures, on rlsf: a program moves by
 * including this header in place of its own `tlsf.h`, and being linked with this library.
 *
 * What it gains: a block that was freed can always be had again; resizing grows into the free block before, too;
 * the memory before an aligned block stays of use; tlsf_check looks at everything. What is different:
 *
 * - Blocks begin at multiples of 8 on every target (the original: of 4 on 32-bit ones).
 * - A pool takes more of its memory beside the blocks (tlsf_pool_overhead), the control block may have another
 *   size (tlsf_size), and the least and largest sizes (tlsf_block_size_min, _max) are others: programs that ask
 *   for them, as they should, need no change.
 * - Nothing prints. tlsf_walk_pool without a walker does nothing, and bad input is answered without a message.
 * - tlsf_create_with_pool returns NULL if the memory is too small for a pool.
 * - tlsf_remove_pool leaves a pool alone that has blocks in use (the original asserts).
 * - tlsf_get_pool returns NULL if the heap was not made by tlsf_create_with_pool, or that pool is removed.
 * - tlsf_check_pool checks the whole heap of the pool.
 *
 * Statistics, smaller control blocks, blocks aligned for max_align_t, appending, and the size of a pool that never
 * fails are in `rlsf.h`. Heaps of the two headers cannot be mixed.
 *
 * All sizes are bytes. The functions do not lock: use a heap from one thread at a time. Allocating, freeing and
 * resizing in place take constant time; the functions that take longer say so.
 *
 * Bad input that can be told from good has the answer that is described, and leaves the heap as it was. It is
 * your promise that a tlsf_t or pool_t that is not NULL came from these functions and is still in use, that
 * memory is yours to give, and that a block is one of the heap, in use, and written to within its size only.
 */
#ifndef TLSF_H
#define TLSF_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A heap: the address of its control block. */
typedef void *tlsf_t;

/* A pool of a heap: the address of the pool's memory. */
typedef void *pool_t;

/* ---- Heaps and pools ------------------------------------------------------------------------------------ */

/*
 * Makes a heap without a pool in the tlsf_size() bytes at `mem`, which is a multiple of tlsf_align_size().
 * Returns `mem`, or NULL if it is NULL or not aligned. Time: that of writing the control block.
 */
tlsf_t tlsf_create(void *mem);

/*
 * Makes a heap in the `bytes` bytes at `mem`, a multiple of tlsf_align_size(): the control block, and a pool of
 * what is behind it. Returns `mem`; NULL if it is NULL, not aligned, or if the memory is too small or too large.
 * Time: that of writing the control block.
 */
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes);

/* Ends the use of a heap. There is nothing to do; its memory is yours again. */
void tlsf_destroy(tlsf_t tlsf);

/*
 * The pool that tlsf_create_with_pool made; NULL if there is none, or tlsf is NULL. Time: linear in the number
 * of pools.
 */
pool_t tlsf_get_pool(tlsf_t tlsf);

/*
 * Gives the heap the `bytes` bytes at `mem`, a multiple of tlsf_align_size(), as a pool. Its largest block then
 * has `bytes - tlsf_pool_overhead()` bytes, less the rounding to 8. Returns the pool; NULL if there is no room for
 * the least block (tlsf_pool_overhead() + tlsf_block_size_min() bytes, 8 more on 32-bit targets if `mem` is no multiple of 8),
 * the memory is larger than the largest block and the overhead, not aligned or NULL, passes the end of the
 * address space or overlaps what the heap has, or tlsf is NULL. Time: linear in the number of pools.
 */
pool_t tlsf_add_pool(tlsf_t tlsf, void *mem, size_t bytes);

/*
 * Takes a pool back, if it has no block in use; its memory is yours again. Otherwise nothing happens, nor if an
 * argument is NULL. Time: linear in the number of pools.
 */
void tlsf_remove_pool(tlsf_t tlsf, pool_t pool);

/* ---- Blocks --------------------------------------------------------------------------------------------- */

/*
 * Allocates `bytes` bytes, at a multiple of 8. NULL if there is no room, `bytes` is 0, or tlsf is NULL.
 */
void *tlsf_malloc(tlsf_t tlsf, size_t bytes);

/*
 * Allocates `bytes` bytes at a multiple of `align`, a power of two. NULL as for tlsf_malloc, or if `align` is no
 * power of two.
 */
void *tlsf_memalign(tlsf_t tlsf, size_t align, size_t bytes);

/*
 * Resizes a block, which keeps the contents that fit, where it is or by moving it. With NULL for the block it is
 * tlsf_malloc; with 0 for the size and a block it is tlsf_free, and returns NULL. NULL if there is no room or tlsf is
 * NULL: then the block is as it was. A block that moves is a multiple of 8, even if it came from tlsf_memalign. Time: constant in place, and the
 * copy of the contents if it moves.
 */
void *tlsf_realloc(tlsf_t tlsf, void *ptr, size_t size);

/* Frees a block. Does nothing if it or tlsf is NULL. */
void tlsf_free(tlsf_t tlsf, void *ptr);

/* The bytes of a block in use: at least what was asked for. 0 if ptr is NULL. */
size_t tlsf_block_size(void *ptr);

/* ---- Sizes ---------------------------------------------------------------------------------------------- */

/* The bytes of a control block. */
size_t tlsf_size(void);

/* The alignment of the memory of control blocks and pools: that of a pointer. */
size_t tlsf_align_size(void);

/* The bytes of the smallest block, and of the largest. */
size_t tlsf_block_size_min(void);
size_t tlsf_block_size_max(void);

/* The bytes of a pool's memory that its largest block does not have. */
size_t tlsf_pool_overhead(void);

/* The bytes that a block takes beyond its own: the header. */
size_t tlsf_alloc_overhead(void);

/* ---- Looking at a heap ---------------------------------------------------------------------------------- */

/*
 * What tlsf_walk_pool calls for every block: with its address, its bytes, 1 if it is in use or 0 if it is free, and the
 * pointer that tlsf_walk_pool was given. It must not change the heap.
 */
typedef void (*tlsf_walker)(void *ptr, size_t size, int used, void *user);

/*
 * Visits the blocks of a pool in the order of their addresses. Does nothing if pool or walker is NULL. Time:
 * linear in the number of blocks.
 */
void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user);

/*
 * Checks all that must be true of the heap and its pools. 0 if it is; otherwise, or if tlsf is NULL, not 0. Time:
 * linear in the number of blocks.
 */
int tlsf_check(tlsf_t tlsf);

/* As tlsf_check, for the heap of a pool. */
int tlsf_check_pool(pool_t pool);

#ifdef __cplusplus
}
#endif

#endif
