/* rowtable.h: the rows of tallies, found by stack, domain and size class.
 *
 *   (stack, domain, size class) ──► index ──► id ──► rows[id]  what every event touches, one cache line
 *                                                    rest[id]  the rest
 *
 * Ids count from 1 and never change. Used by the ledger alone.
 */
#ifndef MS_ROWTABLE_H
#define MS_ROWTABLE_H

#include "event.h"
#include "status.h"

#define MS_ROW_MAX ((1u << 28) - 1) /* a row id must fit a word of the block map, beside 4 bits */

/* What every event reads and writes: one cache line. */
typedef struct ms_row {
    alignas(64) uint32_t stack; /* line node */
    uint8_t domain;
    uint8_t size_class;
    uint16_t thread; /* of the stack's root */
    uint64_t allocations, allocated_bytes;
    uint64_t released, released_bytes;
    uint64_t max_live_blocks;
    uint64_t seen;      /* the ledger's moment when the row was last touched */
    uint32_t lifetimes; /* index of ms_lifetimes; 0: nothing was released yet */
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

typedef struct ms_rowtable {
    ms_row *rows; /* from 1 */
    ms_row_rest *rest;
    uint32_t count, capacity;
    uint32_t *index; /* open addressing by key */
    uint32_t mask;
} ms_rowtable;

ms_status ms_rowtable_open(ms_rowtable *table);
void ms_rowtable_close(ms_rowtable *table);
/* Bytes of own memory. */
uint64_t ms_rowtable_bytes(const ms_rowtable *table);

/* The row's id, or 0. */
uint32_t ms_rowtable_find(const ms_rowtable *table, uint32_t stack, ms_domain domain,
                          uint8_t size_class);
/* Adds a row that is not there yet, all 0. 0: no memory. Rows may lie elsewhere from then on. */
uint32_t ms_rowtable_add(ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class);

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
