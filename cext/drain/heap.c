#include "drain/heap.h"

#include <stdlib.h>
#include <string.h>

#include "shared/array.h"

#define ARENAS_FIRST 64u
#define POOLS_FIRST 1024u

void
ms_heap_close(ms_heap *heap)
{
    ms_memory_give(heap->arenas);
    ms_memory_give(heap->pools);
    memset(heap, 0, sizeof *heap);
}

uint64_t
ms_heap_bytes(const ms_heap *heap)
{
    return heap->capacity * sizeof *heap->arenas + heap->pool_capacity * sizeof *heap->pools;
}

uint64_t
ms_heap_recorded_bytes(const ms_heap *heap)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < heap->count; i++)
        bytes += heap->arenas[i].older ? 0 : heap->arenas[i].bytes;
    return bytes;
}

/* The place of the first arena at or after an address. */
static uint32_t
place_of(const ms_heap *heap, uint64_t address)
{
    uint32_t place;
    MS_ARRAY_SEARCH(place, heap->count, heap->arenas[place].address < address);
    return place;
}

static void
add_arena(ms_heap *heap, const ms_event *event)
{
    ms_arena arena = {.address = ms_event_address(event), .bytes = event->size, .older = event->stack != 0};
    heap->made += !arena.older;
    uint32_t place = place_of(heap, arena.address);
    if (place < heap->count && heap->arenas[place].address == arena.address) {
        heap->arenas[place] = arena; /* its end went unseen */
        return;
    }
    if (!MS_ARRAY_HOLDS(heap->arenas, heap->capacity, heap->count + 1, ARENAS_FIRST)) {
        heap->out_of_memory = true;
        return;
    }
    memmove(&heap->arenas[place + 1], &heap->arenas[place], (heap->count - place) * sizeof arena);
    heap->arenas[place] = arena;
    if (++heap->count > heap->most)
        heap->most = heap->count;
}

static void
take_out_arena(ms_heap *heap, const ms_event *event)
{
    uint32_t place = place_of(heap, ms_event_address(event));
    heap->returned++;
    if (place == heap->count || heap->arenas[place].address != ms_event_address(event))
        return; /* from before the recording */
    heap->count--;
    memmove(&heap->arenas[place], &heap->arenas[place + 1], (heap->count - place) * sizeof *heap->arenas);
}

static void
add_pool(ms_heap *heap, const ms_event *event)
{
    if (!MS_ARRAY_HOLDS(heap->pools, heap->pool_capacity, heap->pool_count + 1, POOLS_FIRST)) {
        heap->out_of_memory = true;
        return;
    }
    heap->pools[heap->pool_count++] =
        (ms_pool){.address = ms_event_address(event), .blocks = event->size, .size_class = event->stack};
}

void
ms_heap_take(ms_heap *heap, const ms_event *event)
{
    ms_kind kind = ms_event_kind(event);
    if (kind == MS_ARENA)
        add_arena(heap, event);
    else if (kind == MS_ARENA_GONE)
        take_out_arena(heap, event);
    else
        add_pool(heap, event);
}

static int
by_address(const void *left, const void *right)
{
    uint64_t a = ((const ms_pool *)left)->address, b = ((const ms_pool *)right)->address;
    return (a > b) - (a < b);
}

void
ms_heap_sort_pools(ms_heap *heap)
{
    if (heap->pool_count != 0)
        qsort(heap->pools, heap->pool_count, sizeof *heap->pools, by_address);
}
