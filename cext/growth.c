#include "growth.h"

#include <string.h>

#include "memory.h"

#define GROWING_FIRST 64u
#define STACKS_FIRST 1024u
#define NEAR_GRANULES 64u /* 1 KiB: what may be allocated between the new block and the old one's end */
#define MISSES_MAX 8u     /* then the chain is over, though its last block lives on */

ms_status
ms_growth_open(ms_growth *growth)
{
    memset(growth, 0, sizeof *growth);
    growth->growing = ms_memory_get(GROWING_FIRST * sizeof *growth->growing);
    growth->of_stack = ms_memory_get(STACKS_FIRST * sizeof *growth->of_stack);
    growth->capacity = GROWING_FIRST;
    growth->stacks = STACKS_FIRST;
    if (growth->growing != NULL && growth->of_stack != NULL)
        return MS_OK;
    ms_growth_close(growth);
    return MS_NO_MEMORY;
}

void
ms_growth_close(ms_growth *growth)
{
    ms_memory_give(growth->growing);
    ms_memory_give(growth->of_stack);
    memset(growth, 0, sizeof *growth);
}

uint64_t
ms_growth_bytes(const ms_growth *growth)
{
    return growth->capacity * sizeof *growth->growing + growth->stacks * sizeof *growth->of_stack;
}

void
ms_growth_restart(ms_growth *growth)
{
    if (growth->count == 0)
        return;
    if (growth->settled)
        memset(growth->of_stack, 0, growth->stacks * sizeof *growth->of_stack);
    for (uint32_t place = 1; place <= growth->count && !growth->settled; place++)
        growth->of_stack[growth->growing[place].stack] = 0;
    growth->settled = false;
    memset(growth->growing, 0, (growth->count + 1) * sizeof *growth->growing);
    growth->count = 0;
}

static MS_COLD ms_growing *
add(ms_growth *growth, uint32_t stack)
{
    uint32_t stacks = growth->stacks;
    while (stack >= stacks)
        stacks *= 2;
    if (stacks != growth->stacks) {
        uint32_t *of_stack =
            ms_memory_grow(growth->of_stack, growth->stacks * sizeof *of_stack,
                           stacks * sizeof *of_stack);
        if (of_stack == NULL)
            return NULL;
        growth->of_stack = of_stack;
        growth->stacks = stacks;
    }
    if (growth->count + 1 == growth->capacity) {
        size_t bytes = growth->capacity * sizeof(ms_growing);
        ms_growing *growing = ms_memory_grow(growth->growing, bytes, 2 * bytes);
        if (growing == NULL)
            return NULL;
        growth->growing = growing;
        growth->capacity *= 2;
    }
    uint32_t place = ++growth->count;
    growth->of_stack[stack] = place;
    growth->growing[place].stack = stack;
    return &growth->growing[place];
}

static ms_growing *
find(const ms_growth *growth, uint32_t stack)
{
    uint32_t place = stack < growth->stacks ? growth->of_stack[stack] : 0;
    return place == 0 ? NULL : &growth->growing[place];
}

/* The chain is over: it counts if it was long enough. */
static void
end_chain(ms_growing *growing)
{
    if (growing->links >= MS_GROWTH_LINKS) {
        growing->chains++;
        growing->all_links += growing->links;
        growing->all_steep_links += growing->steep_links;
        growing->all_copied_bytes += growing->copied_bytes;
        if (growing->links > growing->longest_chain)
            growing->longest_chain = growing->links;
        if (growing->head_bytes > growing->largest_bytes)
            growing->largest_bytes = growing->head_bytes;
    }
    growing->links = growing->steep_links = growing->copied_bytes = 0;
    growing->head_address = 0;
}

bool
ms_growth_allocated(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes,
                    uint64_t clock)
{
    ms_growing *growing = find(growth, stack);
    if (growing == NULL && (growing = add(growth, stack)) == NULL)
        return false;
    growing->last_address = address;
    growing->last_bytes = size_bytes;
    growing->last_clock = clock;
    return true;
}

void
ms_growth_freed(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes,
                uint64_t clock)
{
    ms_growing *growing = find(growth, stack);
    if (growing == NULL)
        return;
    bool replaced = growing->last_address != 0 && growing->last_address != address &&
                    growing->last_bytes > size_bytes &&
                    clock - growing->last_clock <= NEAR_GRANULES;
    if (growing->last_address == address)
        growing->last_address = 0;
    if (address == growing->head_address) {
        if (!replaced) {
            end_chain(growing);
            return;
        }
    } else {
        if (!replaced)
            return;
        /* A temporary block of the same line, or the start of another chain. */
        if (growing->head_address != 0 && ++growing->misses <= MISSES_MAX)
            return;
        end_chain(growing);
    }
    growing->misses = 0;
    growing->links++;
    growing->steep_links += growing->last_bytes - size_bytes >= size_bytes / 16;
    growing->copied_bytes += size_bytes;
    growing->head_address = growing->last_address;
    growing->head_bytes = growing->last_bytes;
}

void
ms_growth_settle(ms_growth *growth)
{
    for (uint32_t place = 1; place <= growth->count; place++)
        end_chain(&growth->growing[place]);
    growth->settled = true;
}
