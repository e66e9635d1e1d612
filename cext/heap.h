/* heap.h: the arenas that pymalloc has now, as the recorded program told.
 *
 *   arena   1 MiB from the kernel, given back only when none of its pools is in use
 *   pool    16 KiB of it, all blocks of one size class; its first 48 bytes are a header
 *
 * Arenas from before the recording are among them where the interpreter says which there are (from 3.12 on). What its
 * pools hold by pymalloc's own count is told once, when the recording ends.
 * Used by the drain alone.
 */
#ifndef MS_HEAP_H
#define MS_HEAP_H

#include "event.h"
#include "status.h"

#define MS_POOL_BYTES UINT64_C(16384)
#define MS_POOL_HEADER_BYTES 48u

typedef struct ms_arena {
    uint64_t address;
    uint32_t bytes;
    bool older; /* than the recording */
} ms_arena;

/* By pymalloc's own count. */
typedef struct ms_pool {
    uint64_t address;
    uint32_t blocks;
    uint32_t size_class;
} ms_pool;

typedef struct ms_heap {
    ms_arena *arenas; /* by rising address */
    uint32_t count, capacity;
    uint64_t made, returned; /* while recording */
    uint32_t most;           /* at one time */
    ms_pool *pools;          /* in the order in which they were told; none while recording */
    uint32_t pool_count, pool_capacity;
    bool out_of_memory;
} ms_heap;

ms_status ms_heap_open(ms_heap *heap);
void ms_heap_close(ms_heap *heap);

/* Takes one MS_ARENA, MS_ARENA_GONE or MS_POOL. */
void ms_heap_take(ms_heap *heap, const ms_event *event);
/* Sorts the pools by address. */
void ms_heap_sort_pools(ms_heap *heap);
uint64_t ms_heap_bytes(const ms_heap *heap);

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
