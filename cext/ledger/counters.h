/* counters.h: what the ledger keeps, and how its counters change when a block comes or goes.
 *
 * A row is a bucket: what one stack requested in one domain and one size class. All counters are per row.
 *
 * The composition of the highest peak is exact and costs one comparison an event. The ledger's `epoch` goes on when a
 * new peak is left, and when a window opens. A row that was not touched since the peak still has the counters that it
 * had then. A row that is about to change for the first time since then saves its live counters before.
 *
 * For the files of ledger/ alone: to all others the ledger is opaque (ledger.h, view.h).
 */
#ifndef MS_COUNTERS_H
#define MS_COUNTERS_H

#include "ledger/blockmap.h"
#include "ledger/growth.h"
#include "ledger/hints.h"
#include "ledger/lifetimes.h"
#include "ledger/linetree.h"
#include "ledger/regions.h"
#include "ledger/rowtable.h"
#include "shared/sampler.h"
#include "shared/segment.h"
#include "shared/sizeclass.h"

/* How much is live, told by how much more there may be until it is the most so far: one subtraction keeps both. */
typedef struct ms_level {
    uint64_t most_bytes, room_bytes;
} ms_level;

MS_INLINE uint64_t
ms_level_bytes(const ms_level *level)
{
    return level->most_bytes - level->room_bytes;
}

/* True: it is at its most now. */
MS_INLINE bool
ms_level_rise(ms_level *level, uint64_t bytes)
{
    if (MS_LIKELY(!__builtin_sub_overflow(level->room_bytes, bytes, &level->room_bytes)))
        return false;
    level->most_bytes -= level->room_bytes;
    level->room_bytes = 0;
    return true;
}

MS_INLINE void
ms_level_fall(ms_level *level, uint64_t bytes)
{
    level->room_bytes += bytes;
}

/* What is kept of a domain from event to event; its other counters are its rows'. */
typedef struct ms_domain_counters {
    ms_level live;
    uint64_t reallocations;
    uint64_t taken_away; /* blocks that left other than by a free: reallocated, or replaced */
} ms_domain_counters;

/* An old block between REALLOC_FROM and what follows. */
typedef struct ms_pending {
    uint64_t thread; /* 0: the SPSC ring */
    uint64_t address;
    uint32_t row; /* 0: no such block was known */
    uint32_t birth, chain;
    bool taken_in;
    uint64_t size_bytes;
} ms_pending;

#define MS_FOLD_BITS_FIRST 12u

/* Spilling (spilling.h), and what rows that are gone have counted. */
typedef struct ms_spilled {
    uint64_t room_bytes; /* 0: nothing spills */
    uint32_t doublings;  /* of the room */
    uint64_t left_bytes; /* after the last time */
    uint64_t epoch;      /* then */
    uint64_t rows;
    uint64_t allocations[MS_DOMAINS], allocated_bytes[MS_DOMAINS], frees[MS_DOMAINS];
    uint64_t folded_bytes; /* of stacks with a gap */
    uint64_t sampled_allocations, sampled_bytes;
    uint64_t peak_blocks, folded_peak_bytes;
} ms_spilled;

struct ms_ledger {
    const ms_segment *segment;
    uint64_t sample_bytes; /* 0: exact */
    bool budgeted;         /* it samples at times */
    bool sampling;         /* small blocks that come now stand for others */
    bool keep_imports;
    bool typed;         /* the program tells of objects */
    bool out_of_memory; /* events were lost since; said in the capture */

    ms_linetree lines;
    ms_rowtable table;
    ms_hints hints, made; /* made: by type, where a stack's objects of it are (ownership.h) */
    ms_lifetimes lifetimes;
    ms_growth growth;
    uint64_t growth_from_bytes; /* smaller blocks are not followed */

    ms_blockmap map;
    ms_pending gil_pending;
    ms_pending *nogil_pending; /* reallocations under way on threads without the GIL */
    uint32_t nogil_count, nogil_capacity;
    ms_regions regions;

    ms_domain_counters domains[MS_DOMAINS];
    ms_level live;        /* of all domains; its most since somebody reset it */
    uint64_t peak_bytes;  /* the most of the whole recording */
    uint64_t large_bytes; /* of the live ones, those of MEM and OBJ that pymalloc does not serve */
    bool at_peak;         /* what is live now is the highest peak */
    uint64_t epoch;
    uint64_t peak_left, window_opened; /* epochs: of the highest peak, and of the window */
    uint64_t peak_time_ns;
    uint64_t peak_clock; /* as the highest peak was left: what is older was live then */
    uint64_t requests;   /* with a budget: allocations, in MS_SAMPLE_UNIT */
    uint64_t unknown_frees, unknown_reallocations, replaced_blocks;
    uint64_t adopted_blocks; /* from before the recording, in which an object was made in it */

    uint64_t swept_at; /* clock when births were last made younger */
    uint64_t now_ns;   /* set by the drain before each batch */

    uint32_t parked[MS_DOMAINS][MS_CLASSES]; /* rows of the blocks of free lists; 0: none yet */

    /* Folding. */
    uint64_t fold_room_bytes; /* 0: the usual */
    uint64_t folded_to_bytes; /* what was left after the last time */
    uint64_t folded_rows;     /* that are part of others now */
    uint32_t fold_bits;       /* how large was large, the last time (coldstacks.c) */

    ms_spilled spilled;

    uint32_t *touched; /* rows that the open window touched */
    uint32_t touched_count, touched_capacity;
    ms_row_told *told; /* from 1 */
    uint32_t told_count, told_capacity;
};

/* What is live in a row is what was live there at the peak. */
MS_INLINE void
ms_counters_save_peak(ms_ledger *ledger, uint32_t id)
{
    const ms_row *row = &ledger->table.rows[id];
    ledger->table.rest[id].peak_blocks = ms_row_live_blocks(row);
    ledger->table.rest[id].peak_bytes = ms_row_live_bytes(row);
}

/* Room for so many rows that a window touches, and for what is told of so many. */
bool ms_counters_reach_touched(ms_ledger *ledger, uint64_t touched, uint64_t told);
/* The first touch of a row since the highest peak, or in this window. */
void ms_counters_touch_anew(ms_ledger *ledger, uint32_t id, ms_row *row);

/* A block of a row was freed on another thread. Never inlined: it is one instruction more for each event. */
void ms_counters_count_foreign(ms_ledger *ledger, uint32_t id);

/* What is live now is the highest peak so far, and about to change: the rows' counters are what they were at the peak
 * until each is touched. Once for a rise, not for each allocation that adds to it. */
MS_INLINE void
ms_counters_leave_peak(ms_ledger *ledger)
{
    if (MS_UNLIKELY(ledger->at_peak)) {
        ledger->at_peak = false;
        ledger->peak_left = ++ledger->epoch;
        ledger->peak_clock = ledger->lifetimes.clock;
    }
}

/* To be called before a row's counters change. */
MS_INLINE void
ms_counters_touch(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    if (MS_UNLIKELY(row->seen != ledger->epoch))
        ms_counters_touch_anew(ledger, id, row);
}

MS_INLINE void
ms_counters_count_lifetime(ms_ledger *ledger, ms_row *row, uint32_t birth, uint64_t weight)
{
    if (MS_UNLIKELY(row->histogram == 0))
        row->histogram = ms_lifetimes_add(&ledger->lifetimes);
    if (MS_UNLIKELY(row->histogram == 0 || !ms_lifetimes_count(&ledger->lifetimes, row->histogram, birth, weight)))
        ledger->out_of_memory = true;
}

typedef struct ms_block {
    uint32_t row, birth, chain;
    bool taken_in; /* it came from another row */
    uint64_t size_bytes;
} ms_block;

/* How many a block of this row counts for, in the ledger's unit. */
MS_INLINE uint64_t
ms_counters_weight(const ms_ledger *ledger, uint32_t row, uint64_t size_bytes)
{
    if (MS_LIKELY(ledger->sample_bytes == 0))
        return 1;
    if (!ledger->table.rows[row].is_sampled)
        return MS_SAMPLE_UNIT;
    return ms_sample_weight(size_bytes, ledger->sample_bytes);
}

/* granules: by which the clock goes on. */
MS_INLINE void
ms_counters_count_in(ms_ledger *ledger, ms_row *row, uint64_t size_bytes, uint64_t weight, uint64_t granules)
{
    uint64_t bytes = size_bytes * weight;
    row->allocations += weight;
    row->allocated_bytes += bytes;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    (void)ms_level_rise(&ledger->domains[row->domain].live, bytes);
    if (ms_level_rise(&ledger->live, bytes) && ledger->live.most_bytes > ledger->peak_bytes) {
        ledger->peak_bytes = ledger->live.most_bytes;
        ledger->at_peak = true;
        ledger->peak_time_ns = ledger->now_ns;
    }
    ledger->lifetimes.clock += granules;
}

/* Counts a block out of its row: it is freed, or goes to another row. */
MS_INLINE void
ms_counters_let_go(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    ms_row *row = &ledger->table.rows[block->row];
    ms_counters_leave_peak(ledger);
    ms_counters_touch(ledger, block->row, row);
    row->released += weight;
    row->released_bytes += block->size_bytes * weight;
}

/* There are fewer live bytes in a domain, and in all. */
MS_INLINE ms_domain_counters *
ms_counters_fall(ms_ledger *ledger, uint8_t domain, uint64_t bytes)
{
    ms_level_fall(&ledger->domains[domain].live, bytes);
    ms_level_fall(&ledger->live, bytes);
    return &ledger->domains[domain];
}

MS_INLINE ms_domain_counters *
ms_counters_count_out(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    ms_row *row = &ledger->table.rows[block->row];
    ms_counters_let_go(ledger, block, weight);
    ms_counters_count_lifetime(ledger, row, block->birth, weight);
    return ms_counters_fall(ledger, row->domain, block->size_bytes * weight);
}

/* Word 0 of a slot (blockmap.h). */
#define MS_ROW_SHIFT 7
#define MS_TAKEN_IN 16u
#define MS_SLACK_MASK 15u

/* Whether a slot holds what no block begins with: what is left of a longer one whose free went unseen. */
MS_INLINE bool
ms_counters_is_stale(const ms_ledger *ledger, const uint32_t *words)
{
    return (words[0] >> MS_ROW_SHIFT) - 1 >= ledger->table.count;
}

#endif
