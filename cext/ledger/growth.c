#include "ledger/growth.h"

#include <string.h>

#include "ledger/renumber.h"
#include "shared/array.h"

#define GROWING_FIRST 64u
#define STACKS_FIRST 1024u
#define NEAR_GRANULES 64u /* 1 KiB: what may be allocated between the new block and the old one's end */
#define MISSES_MAX 8u     /* then the chain is over, though its last block lives on */

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
    if (!MS_ARRAY_HOLDS(growth->of_stack, growth->stacks, stack + UINT64_C(1), STACKS_FIRST) ||
        !MS_ARRAY_HOLDS(growth->growing, growth->capacity, growth->count + 2, GROWING_FIRST))
        return NULL;
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
ms_growth_allocated(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes, uint64_t clock)
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
ms_growth_freed(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes, uint64_t clock)
{
    ms_growing *growing = find(growth, stack);
    if (growing == NULL)
        return;
    bool replaced = growing->last_address != 0 && growing->last_address != address &&
                    growing->last_bytes > size_bytes && clock - growing->last_clock <= NEAR_GRANULES;
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

/* Neither's chain can be followed any more. */
static void
merge(ms_growing *into, ms_growing *from)
{
    end_chain(into);
    end_chain(from);
    into->last_address = 0;
    into->chains += from->chains;
    into->all_links += from->all_links;
    into->all_steep_links += from->all_steep_links;
    into->all_copied_bytes += from->all_copied_bytes;
    into->longest_chain = from->longest_chain > into->longest_chain ? from->longest_chain : into->longest_chain;
    into->largest_bytes = from->largest_bytes > into->largest_bytes ? from->largest_bytes : into->largest_bytes;
}

void
ms_growth_renumber(ms_growth *growth, const uint32_t *to)
{
    if (growth->count == 0)
        return;
    uint32_t count = 0;
    memset(growth->of_stack, 0, growth->stacks * sizeof *growth->of_stack);
    for (uint32_t place = 1; place <= growth->count; place++) {
        ms_growing *growing = &growth->growing[place];
        growing->stack = ms_renumber_id(to, growing->stack);
        uint32_t *first = &growth->of_stack[growing->stack];
        if (*first != 0) {
            merge(&growth->growing[*first], growing);
            continue;
        }
        *first = ++count;
        growth->growing[count] = *growing;
    }
    memset(&growth->growing[count + 1], 0, (growth->count - count) * sizeof *growth->growing);
    growth->count = count;
}

void
ms_growth_settle(ms_growth *growth)
{
    for (uint32_t place = 1; place <= growth->count; place++)
        end_chain(&growth->growing[place]);
    growth->settled = true;
}

uint32_t
ms_growth_gather(ms_growth *growth)
{
    uint32_t kept = 0;
    for (uint32_t place = 1; place <= growth->count; place++) {
        if (growth->growing[place].chains != 0)
            growth->growing[++kept] = growth->growing[place];
    }
    return kept;
}
