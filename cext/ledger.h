/* ledger.h: matches frees to allocations and keeps the sums.
 *
 *   event ──► block map: which row? ──► row of (stack, domain, size class): counts, bytes, live, peak …
 *
 * Used by the drain alone, in one thread; nothing here is shared.
 *
 * The composition of the highest peak is exact and costs two comparisons an event: `peak_epoch` goes up when a
 * new peak is left. A row that has not changed since the peak is still what it was then; one that is about to
 * change for the first time since then saves its live sums before.
 */
#ifndef MS_LEDGER_H
#define MS_LEDGER_H

#include "ages.h"
#include "blockmap.h"
#include "growth.h"
#include "linetree.h"
#include "rowtable.h"
#include "segment.h"
#include "sizeclass.h"

typedef struct ms_tally {
    uint64_t allocations, allocated_bytes;
    uint64_t live_bytes, peak_bytes;
    uint64_t frees;
    uint64_t reallocations; /* of the allocations */
    uint64_t taken_away;    /* blocks that left other than by a free: reallocated, or replaced */
} ms_tally;

/* An old block between REALLOC_FROM and what follows. */
typedef struct ms_pending {
    uint64_t thread; /* 0: the main ring */
    uint64_t address;
    uint32_t row; /* 0: no such block was known */
    uint32_t birth, chain;
    uint64_t size_bytes;
} ms_pending;

/* The rows that a stack went to last, by the low bits of the size class; 0: none yet. Not one alone: a line makes an
 * object and what the object holds, and the two would take the place from each other. */
#define MS_HINTS 4u

typedef struct ms_hints {
    uint32_t rows[MS_HINTS];
} ms_hints;

typedef struct ms_ledger {
    const ms_segment *segment;
    uint64_t sample_bytes; /* 0: exact */
    bool keep_imports;
    bool out_of_memory; /* events were lost since; said in the capture */

    ms_linetree lines;
    ms_rowtable table;
    ms_hints *hints; /* by the segment's node id */
    uint32_t hints_capacity;
    ms_ages ages;
    ms_growth growth;
    uint64_t growth_from_bytes; /* smaller blocks are not followed */

    ms_blockmap map;
    ms_pending main_pending;
    ms_pending *side_pending; /* reallocations under way on threads without the GIL */
    uint32_t side_count, side_capacity;

    ms_tally domains[MS_DOMAINS];
    uint64_t live_bytes, peak_bytes; /* of all domains */
    bool at_peak; /* what is live now is the highest peak */
    uint64_t peak_epoch, peak_time_ns;
    uint64_t window_max_bytes; /* most live since somebody reset it */
    uint64_t unknown_frees, unknown_reallocations, replaced_blocks;

    uint64_t swept_at; /* clock when births were last made younger */
    uint64_t now_ns;   /* set by the drain before each batch */

    uint32_t window;       /* serial of the open window */
    uint32_t *touched;     /* rows that it touched */
    uint32_t touched_count, touched_capacity;
} ms_ledger;

ms_status ms_ledger_open(ms_ledger *ledger, const ms_segment *segment, uint64_t sample_bytes,
                         bool keep_imports);
void ms_ledger_close(ms_ledger *ledger);

/* Takes one event in. thread: 0 for the main ring, else the thread pointer of a side event. */
void ms_ledger_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread);
/* Takes in events of the main ring that lie one after another, up to the first that is the drain's business (from
 * MS_SIZE_HIGH on); returns how many. */
uint32_t ms_ledger_take_run(ms_ledger *ledger, const ms_event *events, uint32_t count);

/* To be called before a batch of events; time_ns since the recording began. */
void ms_ledger_batch(ms_ledger *ledger, uint64_t time_ns);
/* The old address of a reallocation under way on this thread (0: none, or the main ring's). */
uint64_t ms_ledger_pending_address(ms_ledger *ledger, uint64_t thread);

/* Brings every row's peak_blocks and peak_bytes up to date. */
void ms_ledger_settle_peak(ms_ledger *ledger);
/* All domains together. */
ms_tally ms_ledger_total(const ms_ledger *ledger);
/* Of the highest peak; to be called after ms_ledger_settle_peak. */
uint64_t ms_ledger_peak_blocks(const ms_ledger *ledger);
/* One counter of a row's lifetimes in full; bucket: of bytes, then of time. */
uint64_t ms_ledger_lifetime(const ms_ledger *ledger, const ms_row *row, uint32_t bucket);
/* Granules: a block that seems as old as this or older may be any older. */
#define MS_LEDGER_AGE_KNOWN (UINT64_C(1) << 31)
/* Is shown a live block: what it counts for, and its age in granules. */
typedef void (*ms_ledger_see)(void *context, uint32_t row, uint64_t blocks, uint64_t bytes,
                              uint64_t age);
/* Shows all live blocks but those at addresses that are no multiples of 16. */
void ms_ledger_each_block(ms_ledger *ledger, ms_ledger_see see, void *context);
/* Makes the touched rows untouched again and opens the next window. */
void ms_ledger_next_window(ms_ledger *ledger);
/* Bytes of own memory. */
uint64_t ms_ledger_memory_bytes(const ms_ledger *ledger);

static inline uint64_t
ms_tally_live_blocks(const ms_tally *tally)
{
    return tally->allocations - tally->frees - tally->taken_away;
}

#endif
