/* ledger.h: matches frees to allocations and keeps the counters.
 *
 *   event ──► block map: which row? ──► row of (stack, domain, size class): counts, bytes, live, peak …
 *
 * Used by the drain alone, in one thread; nothing here is shared.
 */
#ifndef MS_LEDGER_H
#define MS_LEDGER_H

#include "ledger/row.h"
#include "shared/segment.h"

typedef struct ms_counters {
    uint64_t allocations, allocated_bytes;
    uint64_t live_bytes, peak_bytes;
    uint64_t frees;
    uint64_t reallocations; /* of the allocations */
    uint64_t taken_away;
    uint64_t live_blocks;
} ms_counters;

typedef struct ms_sums {
    ms_counters total, domains[MS_DOMAINS];
} ms_sums;

/* NULL: no memory. */
ms_ledger *ms_ledger_create(const ms_segment *segment, uint64_t sample_bytes, bool keep_imports);
/* Of NULL: nothing. */
void ms_ledger_destroy(ms_ledger *ledger);

/* Takes one event in. thread: 0 for the SPSC ring, else the thread pointer of an MPSC event. */
void ms_ledger_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread);

/* Before the first event: it samples at times, and not at first. */
void ms_ledger_set_budgeted(ms_ledger *ledger);
/* With a budget: whether small blocks that come from now on are sampled. */
void ms_ledger_sample(ms_ledger *ledger, bool sampling);
/* With a budget: allocations so far, estimated where they were sampled. */
uint64_t ms_ledger_requests(const ms_ledger *ledger);
/* What of the counters is estimated: allocations and what is live. */
ms_counters ms_ledger_sampled(const ms_ledger *ledger);

/* To be called before a batch of events; time_ns since the recording began. */
void ms_ledger_batch(ms_ledger *ledger, uint64_t time_ns);
/* The old address of a reallocation under way on this thread (0: none, or the SPSC ring's). */
uint64_t ms_ledger_pending_address(ms_ledger *ledger, uint64_t thread);
/* Bytes of the blocks whose reallocation is under way: they are at no address. */
uint64_t ms_ledger_moving_bytes(const ms_ledger *ledger);

/* Brings every row's peak_blocks and peak_bytes up to date. */
void ms_ledger_settle_peak(ms_ledger *ledger);
/* The same, of the rows that were touched since the window was opened. */
void ms_ledger_settle_touched(ms_ledger *ledger);
/* The counters of each domain, and of all together. It goes through all rows, once. */
void ms_ledger_sum(const ms_ledger *ledger, ms_sums *sums);
/* Of all together alone; it takes as long. */
ms_counters ms_ledger_total(const ms_ledger *ledger);
/* Live bytes of the blocks that are small enough, and of a domain, for pymalloc to serve. */
uint64_t ms_ledger_pooled_bytes(const ms_ledger *ledger);
/* Of the highest peak; to be called after ms_ledger_settle_peak. */
uint64_t ms_ledger_peak_blocks(const ms_ledger *ledger);
/* One counter of a row's lifetimes in full; bucket: of bytes, then of time. */
uint64_t ms_ledger_lifetime(const ms_ledger *ledger, const ms_row *row, uint32_t bucket);
/* Makes the touched rows untouched again and opens the next window. */
void ms_ledger_next_window(ms_ledger *ledger);
/* All counters are 0 again, as are those of the rows, which stay. Needs a map without blocks and the window that was
 * opened at the last restart. */
void ms_ledger_restart(ms_ledger *ledger);
/* Bytes of own memory. */
uint64_t ms_ledger_memory_bytes(const ms_ledger *ledger);

#endif
