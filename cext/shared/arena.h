/* arena.h: how pymalloc lays out memory: geometry alone, for the program's half and the drain's.
 *
 *   arena   1 MiB from the kernel, given back only when none of its pools is in use
 *   pool    16 KiB of it, all blocks of one size class; its first 48 bytes are a header
 *
 * The same in every supported CPython (Objects/obmalloc.c).
 */
#ifndef MS_ARENA_H
#define MS_ARENA_H

#include "shared/platform.h"

#define MS_POOL_BYTES UINT64_C(16384)
#define MS_POOL_HEADER_BYTES 48u

typedef struct ms_arena {
    uint64_t address;
    uint32_t bytes;
    bool older; /* than the recording */
} ms_arena;

/* The beginning of a pool. */
typedef struct ms_pool_head {
    uint32_t blocks, unused;
    void *free_block, *next, *previous;
    uint32_t arena, size_class; /* size_class: from 0 */
} ms_pool_head;

_Static_assert(sizeof(ms_pool_head) == 40, "as in Objects/obmalloc.c, without the last two fields");

/* Pools lie at multiples of their size; an arena need not. */
MS_INLINE uint64_t
ms_arena_first_pool(const ms_arena *arena)
{
    return (arena->address + MS_POOL_BYTES - 1) & ~(MS_POOL_BYTES - 1);
}

MS_INLINE uint32_t
ms_arena_pools(const ms_arena *arena)
{
    uint64_t skipped = ms_arena_first_pool(arena) - arena->address;
    return arena->bytes < skipped ? 0 : (uint32_t)((arena->bytes - skipped) / MS_POOL_BYTES);
}

#endif
