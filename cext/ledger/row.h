/* row.h: a row of counters: the bucket of the blocks of one stack, domain, size class and type.
 *
 *   ms_row        what every event touches, one cache line
 *   ms_row_rest   the rest
 *   ms_row_told   what the capture's windows know of it: for rows that the open window touched
 *   ms_row_passed blocks that passed on: for rows that have any
 *   ms_row_seldom reallocations, frees by other threads: for rows that have any
 */
#ifndef MS_ROW_H
#define MS_ROW_H

#include "shared/platform.h"

/* What keeps the rows. The struct is in counters.h, for the files of ledger/ alone. */
typedef struct ms_ledger ms_ledger;

/* No object of this row's has died yet: the first one that does gives the row its type. */
#define MS_TYPE_UNSET UINT32_MAX
/* Blocks of free lists: the interpreter keeps them, and no line owns them. */
#define MS_TYPE_PARKED (UINT32_MAX - 1)

/* What every event reads and writes: one cache line. */
typedef struct ms_row {
    alignas(64) uint32_t stack; /* line node */
    uint8_t domain;
    uint8_t size_class;
    uint8_t thread;      /* of the stack's root */
    bool is_member : 1;  /* of a family (rowtable.h), not its first row */
    bool is_sampled : 1; /* its small blocks stand for others (sampler.h) */
    uint64_t allocations, allocated_bytes;
    uint64_t released, released_bytes;
    uint64_t max_live_blocks;
    uint64_t seen;      /* the ledger's epoch when the row was last touched */
    uint32_t histogram; /* index of ms_lifetime_histogram; 0: nothing was released yet */
    uint32_t type;      /* id in the segment, 0 (no object, or not known), or MS_TYPE_* below */
} ms_row;

_Static_assert(sizeof(ms_row) == 64, "one cache line");

/* The rest of a row, at the same index. */
typedef struct ms_row_rest {
    uint64_t peak_blocks, peak_bytes;
    uint32_t node;   /* of the segment: whose hint led here last; 0: none */
    uint32_t latest; /* of a family's first row: the member that allocations without a hint go to; 0: itself */
    uint32_t extra;  /* place of its ms_row_passed, or with MS_ROW_FULL of its ms_row_full; 0: all of that is 0 */
    uint32_t told;   /* of a row that the open window touched: index of its ms_row_told; 0: all of that is 0 */
} ms_row_rest;

/* What windows have told of a row that the open one touches: its counters when the last one was closed. */
typedef struct ms_row_told {
    uint64_t allocations, allocated_bytes;
    uint64_t released, released_bytes;
} ms_row_told;

/* Of the allocations, blocks that came from another row; of the released, those that went to one (ownership.h). */
typedef struct ms_row_passed {
    uint64_t taken_in, taken_in_bytes;
    uint64_t handed_over, handed_over_bytes;
    uint64_t reused; /* of those taken in, the ones in which an object was made */
} ms_row_passed;

/* What most rows have nothing of. */
typedef struct ms_row_seldom {
    uint64_t reallocations, moved, copied_bytes;
    uint64_t reallocated;   /* of the released, those that a reallocation took away */
    uint64_t foreign_frees; /* of the released, those freed on another thread */
    uint64_t longest_chain;
} ms_row_seldom;

typedef struct ms_row_full {
    ms_row_passed passed;
    ms_row_seldom seldom;
} ms_row_full;

#define MS_ROW_FULL (1u << 31)

/* Of rows that have only passed blocks on, and of the others; both by place, and 0 at place 0. */
typedef struct ms_row_extras {
    ms_row_passed *passed;
    ms_row_full *full;
} ms_row_extras;

static inline const ms_row_passed *
ms_row_passed_at(const ms_row_extras *extras, uint32_t place)
{
    return (place & MS_ROW_FULL) != 0 ? &extras->full[place & ~MS_ROW_FULL].passed : &extras->passed[place];
}

static inline const ms_row_seldom *
ms_row_seldom_at(const ms_row_extras *extras, uint32_t place)
{
    return &extras->full[(place & MS_ROW_FULL) != 0 ? place & ~MS_ROW_FULL : 0].seldom;
}

static inline uint64_t
ms_row_live_blocks(const ms_row *row)
{
    return row->allocations - row->released;
}

static inline uint64_t
ms_row_live_bytes(const ms_row *row)
{
    return row->allocated_bytes - row->released_bytes;
}

#endif
