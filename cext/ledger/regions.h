/* regions.h: the table of what libraries have mapped: ranges of addresses, in order (ranges.h).
 *
 *   items ──► [start, end) [start, end) [start, end) …      they do not overlap
 */
#ifndef MS_REGIONS_H
#define MS_REGIONS_H

#include "shared/platform.h"

typedef struct ms_region {
    uint64_t start, end;
} ms_region;

/* What somebody is remapping. */
typedef struct ms_remapping {
    uint64_t thread; /* as in ms_ledger_take */
    ms_region region;
} ms_remapping;

typedef struct ms_regions {
    ms_region *items;
    uint32_t count, capacity;
    ms_remapping *remapping;
    uint32_t remapping_count, remapping_capacity;
} ms_regions;

/* The place of the first region that ends behind an address. */
uint32_t ms_regions_behind(const ms_regions *regions, uint64_t address);
/* Enters a region at its place. False: no memory. */
bool ms_regions_enter(ms_regions *regions, uint32_t place, uint64_t start, uint64_t end);
void ms_regions_leave_out(ms_regions *regions, uint32_t place, uint32_t count);

/* The thread has begun to remap what is at a place, which leaves the table. False: no memory, and it stays. */
bool ms_regions_begin_remap(ms_regions *regions, uint32_t place, uint64_t thread);
/* What the thread was remapping. False: nothing that is known. */
bool ms_regions_end_remap(ms_regions *regions, uint64_t thread, ms_region *was);

void ms_regions_forget(ms_regions *regions);
void ms_regions_close(ms_regions *regions);

#endif
