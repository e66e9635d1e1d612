#include "ledger/regions.h"

#include <string.h>

#include "shared/array.h"

#define REGIONS_FIRST 64u
#define REMAPPING_FIRST 8u

uint32_t
ms_regions_behind(const ms_regions *regions, uint64_t address)
{
    uint32_t place;
    MS_ARRAY_SEARCH(place, regions->count, regions->items[place].end <= address);
    return place;
}

bool
ms_regions_enter(ms_regions *regions, uint32_t place, uint64_t start, uint64_t end)
{
    if (!MS_ARRAY_HOLDS(regions->items, regions->capacity, regions->count + 1, REGIONS_FIRST))
        return false;
    ms_region *at = &regions->items[place];
    memmove(at + 1, at, (regions->count - place) * sizeof *at);
    *at = (ms_region){.start = start, .end = end};
    regions->count++;
    return true;
}

void
ms_regions_leave_out(ms_regions *regions, uint32_t place, uint32_t count)
{
    if (count == 0)
        return;
    ms_region *at = &regions->items[place];
    memmove(at, at + count, (regions->count - place - count) * sizeof *at);
    regions->count -= count;
}

bool
ms_regions_begin_remap(ms_regions *regions, uint32_t place, uint64_t thread)
{
    uint32_t count = regions->remapping_count;
    if (!MS_ARRAY_HOLDS(regions->remapping, regions->remapping_capacity, count + 1, REMAPPING_FIRST))
        return false;
    regions->remapping[regions->remapping_count++] = (ms_remapping){thread, regions->items[place]};
    ms_regions_leave_out(regions, place, 1);
    return true;
}

bool
ms_regions_end_remap(ms_regions *regions, uint64_t thread, ms_region *was)
{
    for (uint32_t i = 0; i < regions->remapping_count; i++) {
        if (regions->remapping[i].thread == thread) {
            *was = regions->remapping[i].region;
            regions->remapping[i] = regions->remapping[--regions->remapping_count];
            return true;
        }
    }
    return false;
}

void
ms_regions_forget(ms_regions *regions)
{
    regions->count = regions->remapping_count = 0;
}

void
ms_regions_close(ms_regions *regions)
{
    ms_memory_give(regions->items);
    ms_memory_give(regions->remapping);
}
