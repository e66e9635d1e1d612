/* ranges.h: makes events of blocks of those of ranges: of pages that libraries map, any part of which may go.
 *
 *   mmap      ████████████████████        a region, and a block at its address
 *   munmap    ████████░░░░████████        two regions, and two blocks: the first keeps its address
 *   mremap    ████████      ░░░░░░░░ ──►  ████████████        one moves, as a block that is reallocated
 *
 * To the rest of the ledger a region is a block of the domain "mapped": it is allocated, freed, reallocated. A block of
 * which a part goes is split before: its pieces come from its row as blocks do that pass to another one (row.h), so no
 * allocation is counted twice.
 */
#ifndef MS_RANGES_H
#define MS_RANGES_H

#include "ledger/regions.h"
#include "ledger/row.h"
#include "shared/event.h"

/* Who takes the events of blocks that an event of a range comes down to. */
typedef struct ms_ranges_taker {
    void (*take)(void *context, const ms_event *event, uint64_t size_bytes, uint64_t thread);
    /* A block has become two; row: of the second one. */
    void (*split)(void *context, const ms_region *first, const ms_region *second, uint32_t row);
    void *context;
} ms_ranges_taker;

static inline bool
ms_ranges_takes(ms_kind kind)
{
    return kind >= MS_MAP && kind <= MS_REMAP_FAILED;
}

/* Takes an event of a range. */
void ms_ranges_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread,
                    const ms_ranges_taker *taker);
#endif
