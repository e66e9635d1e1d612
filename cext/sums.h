/* sums.h: what the ledger keeps, and how its sums change with a block that comes or goes.
 *
 * The composition of the highest peak is exact and costs one comparison an event: the ledger's `moment` goes on when a
 * new peak is left, and when a window opens. A row that was not touched since the peak is still what it was then; one
 * that is about to change for the first time since then saves its live sums before.
 *
 * Used by the drain alone, in one thread; nothing here is shared.
 */
#ifndef MS_SUMS_H
#define MS_SUMS_H

#include "ages.h"
#include "blockmap.h"
#include "growth.h"
#include "linetree.h"
#include "rowtable.h"
#include "sampler.h"
#include "segment.h"
#include "sizeclass.h"

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

/* What is kept of a domain from event to event; its other sums are its rows'. */
typedef struct ms_domain_sums {
    ms_level live;
    uint64_t reallocations;
    uint64_t taken_away; /* blocks that left other than by a free: reallocated, or replaced */
} ms_domain_sums;

/* An old block between REALLOC_FROM and what follows. */
typedef struct ms_pending {
    uint64_t thread; /* 0: the main ring */
    uint64_t address;
    uint32_t row; /* 0: no such block was known */
    uint32_t birth, chain;
    uint64_t size_bytes;
} ms_pending;

/* Hints a stack: the rows that it went to last, by the low bits of the size class and the domain; 0: none yet. Not one
 * alone: a line makes an object and what the object holds, and the two would take the place from each other. Of the
 * allocations of a JSON decoder, whose one line makes objects of all kinds, a tenth still do; with four, a quarter. */
#define MS_HINTS 8u
#define MS_HINTED_MAX (UINT32_MAX / MS_HINTS / 2) /* stacks; later ones go without */

typedef struct ms_ledger {
    const ms_segment *segment;
    uint64_t sample_bytes; /* 0: exact */
    bool keep_imports;
    bool out_of_memory; /* events were lost since; said in the capture */

    ms_linetree lines;
    ms_rowtable table;
    uint32_t *hints; /* MS_HINTS for each of the segment's node ids */
    uint32_t hints_capacity; /* node ids */
    ms_ages ages;
    ms_growth growth;
    uint64_t growth_from_bytes; /* smaller blocks are not followed */

    ms_blockmap map;
    ms_pending main_pending;
    ms_pending *side_pending; /* reallocations under way on threads without the GIL */
    uint32_t side_count, side_capacity;

    ms_domain_sums domains[MS_DOMAINS];
    ms_level live;       /* of all domains; its most since somebody reset it */
    uint64_t peak_bytes; /* the most of the whole recording */
    uint64_t large_bytes; /* of the live ones, those of MEM and OBJ that pymalloc does not serve */
    bool at_peak; /* what is live now is the highest peak */
    uint64_t moment;
    uint64_t peak_left, window_opened; /* moments: of the highest peak, and of the window */
    uint64_t peak_time_ns;
    uint64_t unknown_frees, unknown_reallocations, replaced_blocks;

    uint64_t swept_at; /* clock when births were last made younger */
    uint64_t now_ns;   /* set by the drain before each batch */

    uint32_t *touched;     /* rows that the open window touched */
    uint32_t touched_count, touched_capacity;
} ms_ledger;

/* Which of a stack's hints an allocation takes. */
MS_INLINE uint32_t
ms_hint_of(ms_domain domain, uint32_t size_class)
{
    return (size_class + 2 * (uint32_t)domain) % MS_HINTS;
}

/* The id of the row that an allocation most likely goes to; 0: none is known. */
MS_INLINE uint32_t
ms_sums_hinted_row(const ms_ledger *ledger, uint32_t node, ms_domain domain, uint32_t size_class)
{
    return MS_LIKELY(node < ledger->hints_capacity)
               ? ledger->hints[node * MS_HINTS + ms_hint_of(domain, size_class)]
               : 0;
}

/* What is live in a row is what was live there at the peak. */
MS_INLINE void
ms_sums_save_peak(ms_ledger *ledger, uint32_t id)
{
    const ms_row *row = &ledger->table.rows[id];
    ledger->table.rest[id].peak_blocks = ms_row_live_blocks(row);
    ledger->table.rest[id].peak_bytes = ms_row_live_bytes(row);
}

/* The first touch of a row since the highest peak, or in this window. */
void ms_sums_touch_anew(ms_ledger *ledger, uint32_t id, ms_row *row);

/* What is live now is the highest peak so far, and about to change: the rows' sums are what they were at the peak
 * until each is touched. Once for a rise, not for each allocation that adds to it. */
MS_INLINE void
ms_sums_leave_peak(ms_ledger *ledger)
{
    if (MS_UNLIKELY(ledger->at_peak)) {
        ledger->at_peak = false;
        ledger->peak_left = ++ledger->moment;
    }
}

/* To be called before a row's sums change. */
MS_INLINE void
ms_sums_touch(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    if (MS_UNLIKELY(row->seen != ledger->moment))
        ms_sums_touch_anew(ledger, id, row);
}

MS_INLINE void
ms_sums_count_lifetime(ms_ledger *ledger, ms_row *row, uint32_t birth, uint64_t weight)
{
    if (MS_UNLIKELY(row->lifetimes == 0))
        row->lifetimes = ms_ages_add(&ledger->ages);
    if (MS_UNLIKELY(row->lifetimes == 0 ||
                    !ms_ages_count(&ledger->ages, row->lifetimes, birth, weight)))
        ledger->out_of_memory = true;
}

typedef struct ms_block {
    uint32_t row, birth, chain;
    uint64_t size_bytes;
} ms_block;

MS_INLINE uint64_t
ms_sums_weight(const ms_ledger *ledger, uint64_t size_bytes)
{
    if (MS_LIKELY(ledger->sample_bytes == 0))
        return 1;
    return ms_sample_weight(size_bytes, ledger->sample_bytes);
}

/* granules: by which the clock goes on. */
MS_INLINE void
ms_sums_count_in(ms_ledger *ledger, ms_row *row, uint64_t size_bytes, uint64_t weight, uint64_t granules)
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
    ledger->ages.clock += granules;
}

MS_INLINE ms_domain_sums *
ms_sums_count_out(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    ms_row *row = &ledger->table.rows[block->row];
    uint64_t bytes = block->size_bytes * weight;
    ms_sums_leave_peak(ledger);
    ms_sums_touch(ledger, block->row, row);
    row->released += weight;
    row->released_bytes += bytes;
    ms_sums_count_lifetime(ledger, row, block->birth, weight);
    ms_domain_sums *domain = &ledger->domains[row->domain];
    ms_level_fall(&domain->live, bytes);
    ms_level_fall(&ledger->live, bytes);
    return domain;
}

/* Whether a slot holds what no block begins with: what is left of a longer one whose free went unseen. */
MS_INLINE bool
ms_sums_is_stale(const ms_ledger *ledger, const uint32_t *words)
{
    return words[0] >> 4 > ledger->table.count;
}

#endif
