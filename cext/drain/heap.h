/* heap.h: the arenas that pymalloc has now, as the recorded program told.
 *
 * Arenas from before the recording are among them where the interpreter says which there are (from 3.12 on). What its
 * pools hold by pymalloc's own count is told once, when the recording ends.
 * Used by the drain alone.
 */
#ifndef MS_HEAP_H
#define MS_HEAP_H

#include "shared/arena.h"
#include "shared/event.h"

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

/* A heap that is all 0 has no arenas. */
void ms_heap_close(ms_heap *heap);

/* Takes one MS_ARENA, MS_ARENA_GONE or MS_POOL. */
void ms_heap_take(ms_heap *heap, const ms_event *event);
/* Sorts the pools by address. */
void ms_heap_sort_pools(ms_heap *heap);
/* Of the arenas that were made while recording. */
uint64_t ms_heap_recorded_bytes(const ms_heap *heap);
uint64_t ms_heap_bytes(const ms_heap *heap);

#endif
