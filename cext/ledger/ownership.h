/* ownership.h: blocks change rows, because a block belongs to the line that made the object in it.
 *
 *   settle      An object dies, and is found to be of another type than its row: the block counts as if it had always
 *               been in the row of that type.
 *   hand over   A new object in the block, or none: from now on the block lives in another row.
 *   reassign    Asked at the end, an object owns the block: it belongs to the object's line for as long as it is live.
 *               Requests stay with the line that asked.
 *
 *               allocations   live   share of the peak   lifetime
 *   settle         moves      moves       moves          in the new row
 *   hand over      stay       moves       stays          ends in the old row, and another one begins
 *   reassign       stay       moves       moves          goes on
 *
 * Whatever happens, the rows' live bytes sum up to all that is live, and their shares of the highest peak to the peak.
 * The rows' `allocations` and `released` count blocks that pass on too; `taken_in` and `handed_over` say how many.
 *
 * Used by the ledger alone.
 */
#ifndef MS_OWNERSHIP_H
#define MS_OWNERSHIP_H

#include "ledger/counters.h"

/* The row of a stack and a type, of the same domain and size class as row `like`. 0: no memory. */
uint32_t ms_ownership_row(ms_ledger *ledger, uint32_t like, uint32_t stack, uint32_t type);
/* A block of row `id`, of this node, held an object of another type: the row for the next ones, and this one. */
uint32_t ms_ownership_predict(ms_ledger *ledger, uint32_t id, uint32_t node, uint32_t type);
/* The object in a block is of this type. The block's slot is the caller's to write. */
void ms_ownership_settle(ms_ledger *ledger, ms_block *block, uint32_t type);
/* The block lives in row `to` from now on; its slot is the caller's to write. */
void ms_ownership_hand_over(ms_ledger *ledger, ms_block *block, uint32_t to);
/* The block, live at the end, is held by an object of this line node alone. The same. */
void ms_ownership_reassign(ms_ledger *ledger, ms_block *block, uint32_t stack, uint32_t type);

/* The row of a node's objects of a type, of a domain and size class, if one was met there lately; else 0. */
MS_INLINE uint32_t
ms_ownership_made(const ms_ledger *ledger, uint32_t node, uint32_t type, uint8_t domain, uint8_t size_class)
{
    uint32_t id = ms_hints_row(&ledger->made, node, MS_RAW, type);
    const ms_row *row = &ledger->table.rows[id];
    return MS_LIKELY(row->type == type && row->size_class == size_class && row->domain == domain) ? id : 0;
}

/* ---- what a block that passes to another row changes, for the fast path too ------------------- */

MS_INLINE void
ms_ownership_raise_most(ms_row *row)
{
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
}

/* To be called before a block passes from its row to another. */
MS_INLINE void
ms_ownership_touch_both(ms_ledger *ledger, uint32_t from, uint32_t to)
{
    ms_counters_leave_peak(ledger);
    ms_counters_touch(ledger, from, &ledger->table.rows[from]);
    ms_counters_touch(ledger, to, &ledger->table.rows[to]);
}

/* Both rows are touched. */
MS_INLINE void
ms_ownership_pass_on(ms_ledger *ledger, ms_block *block, uint32_t to, uint64_t weight)
{
    uint64_t bytes = weight * block->size_bytes;
    ms_row *old = &ledger->table.rows[block->row], *new = &ledger->table.rows[to];
    ms_row_passed *from = ms_rowtable_change_passed(&ledger->table, block->row);
    ms_row_passed *into = ms_rowtable_change_passed(&ledger->table, to);
    old->released += weight;
    old->released_bytes += bytes;
    from->handed_over += weight;
    from->handed_over_bytes += bytes;
    new->allocations += weight;
    new->allocated_bytes += bytes;
    into->taken_in += weight;
    into->taken_in_bytes += bytes;
    ms_ownership_raise_most(new);
    block->row = to;
    block->taken_in = true;
}

/* A block of this weight is handed over. */
MS_INLINE void
ms_ownership_hand_over_weighed(ms_ledger *ledger, ms_block *block, uint32_t to, uint64_t weight)
{
    ms_row *row = &ledger->table.rows[block->row];
    ms_ownership_touch_both(ledger, block->row, to);
    if (row->type != MS_TYPE_PARKED)
        ms_counters_count_lifetime(ledger, row, block->birth, weight);
    ms_ownership_pass_on(ledger, block, to, weight);
    block->birth = (uint32_t)ledger->lifetimes.clock;
}

#endif
