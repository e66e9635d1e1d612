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

#include "blockmap.h"
#include "linetree.h"
#include "segment.h"
#include "sizeclass.h"

#define MS_BYTE_BUCKETS 16u /* 0: < 16 bytes, i: < 16 * 4^i, the last: the rest */
#define MS_TIME_BUCKETS 8u  /* 0: within a poll, i: < 10^i ms, the last: the rest */
#define MS_BUCKETS (MS_BYTE_BUCKETS + MS_TIME_BUCKETS)

/* What every event reads and writes: one cache line. */
typedef struct ms_row {
    alignas(64) uint32_t stack; /* line node */
    uint8_t domain;
    uint8_t size_class;
    uint16_t thread; /* of the stack's root */
    uint64_t allocations, allocated_bytes;
    uint64_t released, released_bytes;
    uint64_t max_live_blocks;
    uint64_t peak_epoch; /* of the ledger, when peak_blocks and peak_bytes were saved */
    uint32_t window;     /* serial of the last window that touched the row */
    uint32_t lifetimes;  /* index of ms_lifetimes; 0: nothing was released yet */
} ms_row;

_Static_assert(sizeof(ms_row) == 64, "one cache line");

/* The rest of a row, at the same index. */
typedef struct ms_row_rest {
    uint64_t peak_blocks, peak_bytes;
    uint64_t reallocations, moved, copied_bytes;
    uint64_t reallocated;   /* of the released, those that a reallocation took away */
    uint64_t foreign_frees; /* of the released, those freed on another thread */
    uint64_t longest_chain;
    /* The sums when the last window was closed. */
    uint64_t old_allocations, old_allocated_bytes, old_released, old_released_bytes;
} ms_row_rest;

typedef struct ms_lifetimes {
    uint32_t bytes[MS_BYTE_BUCKETS];
    uint32_t time[MS_TIME_BUCKETS]; /* without the first, which is what is left of the released */
} ms_lifetimes;

/* What a counter of ms_lifetimes has overflowed by, in units of 2^32. Few: a list does. */
typedef struct ms_carry {
    uint32_t lifetimes, bucket; /* bucket: of bytes, then of time */
    uint64_t units;
} ms_carry;

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

/* What the clock said at some time: how ages in bytes become ages in time. */
typedef struct ms_clockmark {
    uint64_t time_ns, clock;
} ms_clockmark;

#define MS_CLOCK_MARKS 12u /* a tenth of 10^i ms apart: they reach back a little further than that */

typedef struct ms_ledger {
    const ms_segment *segment;
    uint64_t sample_bytes; /* 0: exact */
    bool keep_imports;
    bool out_of_memory; /* events were lost since; said in the capture */

    ms_linetree lines;
    ms_row *rows; /* from 1 */
    ms_row_rest *rest;
    uint32_t row_count, row_capacity;
    uint32_t *row_index; /* open addressing by key */
    uint32_t row_mask;
    uint32_t *hints; /* by the segment's node id: the row that a stack went to last; 0: none yet */
    uint32_t hints_capacity;
    ms_lifetimes *lifetimes; /* from 1 */
    uint32_t lifetimes_count, lifetimes_capacity;
    ms_carry *carries;
    uint32_t carry_count, carry_capacity;

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

    uint64_t clock; /* allocated so far, in granules of 16 bytes: what lifetimes are measured in */
    uint64_t swept_at;
    uint64_t now_ns;      /* set by the drain before each batch */
    uint64_t batch_clock; /* clock at the start of the batch */
    uint32_t time_ages[MS_TIME_BUCKETS]; /* granules allocated within the last 10^i ms, to 10 % */
    ms_clockmark marks[MS_TIME_BUCKETS][MS_CLOCK_MARKS];

    uint32_t window;       /* serial of the open window */
    uint32_t *touched;     /* rows that it touched */
    uint32_t touched_count, touched_capacity;
} ms_ledger;

ms_status ms_ledger_open(ms_ledger *ledger, const ms_segment *segment, uint64_t sample_bytes,
                         bool keep_imports);
void ms_ledger_close(ms_ledger *ledger);

/* Takes one event in. thread: 0 for the main ring, else the thread pointer of a side event. */
void ms_ledger_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread);
/* Takes in events of the main ring that lie one after another, up to the first that is the drain's business (MS_SYNC,
 * MS_SIZE_HIGH); returns how many. */
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
/* Makes the touched rows untouched again and opens the next window. */
void ms_ledger_next_window(ms_ledger *ledger);
/* Bytes of own memory. */
uint64_t ms_ledger_memory_bytes(const ms_ledger *ledger);

static inline uint64_t
ms_row_live_blocks(const ms_row *row)
{
    return row->allocations - row->released;
}

static inline uint64_t
ms_tally_live_blocks(const ms_tally *tally)
{
    return tally->allocations - tally->frees - tally->taken_away;
}

static inline uint64_t
ms_row_live_bytes(const ms_row *row)
{
    return row->allocated_bytes - row->released_bytes;
}

#endif
