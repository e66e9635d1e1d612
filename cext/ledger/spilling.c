#include "ledger/spilling.h"

#include "ledger/counters.h"
#include "ledger/renaming.h"
#include "shared/memory.h"

#define ROOM_SHARE 16u /* of the most that was live, beside the fixed room */
#define DOUBLINGS_MOST 5u

void
ms_spilling_set_room(ms_ledger *ledger, uint64_t bytes)
{
    ledger->spilled.room_bytes = bytes;
}

/* More stacks return than may, or more rows than stacks explain: an eighth of all stacks for each size of the room, and
 * twice as many rows as stacks and a quarter more for each. As long as nothing has gone nothing can return, and the
 * first few stacks of a program have more rows than that. */
static void
widen(ms_ledger *ledger)
{
    ms_spilled *spilled = &ledger->spilled;
    const ms_linetree *lines = &ledger->lines;
    uint64_t rows = spilled->rows + ledger->table.count;
    if (spilled->rows == 0 || (8 * lines->returned <= (1 + spilled->doublings) * (uint64_t)lines->known &&
                               4 * rows <= (8 + spilled->doublings) * (uint64_t)lines->known))
        return;
    spilled->room_bytes = spilled->doublings == DOUBLINGS_MOST ? 0 : spilled->room_bytes * 2;
    spilled->doublings++;
}

bool
ms_spilling_is_due(ms_ledger *ledger)
{
    const ms_spilled *spilled = &ledger->spilled;
    if (spilled->room_bytes == 0)
        return false;
    widen(ledger);
    uint64_t unit = ledger->sample_bytes == 0 ? 1 : MS_SAMPLE_UNIT;
    uint64_t used = ms_folding_used_bytes(ledger);
    return MS_UNLIKELY(spilled->room_bytes != 0 &&
                       used > spilled->room_bytes + ledger->peak_bytes / unit / ROOM_SHARE &&
                       used > spilled->left_bytes + spilled->left_bytes / 2);
}

/* ---- which rows go --------------------------------------------------------------------------- */

static bool
may_go(const ms_row *row, uint64_t before)
{
    return row->allocations == row->released && row->type != MS_TYPE_PARKED && row->seen < before;
}

/* What was not touched since the last time, if that is a third of all; else whatever is empty. */
static void
choose_rows(const ms_ledger *ledger, uint32_t *row_to)
{
    uint32_t old = 0, count = ledger->table.count;
    const ms_row *rows = ledger->table.rows;
    for (uint32_t id = 1; id <= count; id++)
        old += may_go(&rows[id], ledger->spilled.epoch);
    uint64_t before = old >= count / 3 ? ledger->spilled.epoch : UINT64_MAX;
    for (uint32_t id = 1; id <= count; id++)
        row_to[id] = may_go(&rows[id], before) ? 0 : id;
    for (uint32_t i = 0; i < ledger->nogil_count; i++)
        row_to[ledger->nogil_pending[i].row] = ledger->nogil_pending[i].row;
    row_to[ledger->gil_pending.row] = ledger->gil_pending.row;
    row_to[0] = 0;
}

/* Those of rows that stay, and of what grows, with all their callers; and the threads'. */
static void
choose_stacks(const ms_ledger *ledger, const ms_folding *spilling)
{
    uint32_t *to = spilling->stack_to;
    for (uint32_t id = 1; id <= ledger->table.count; id++)
        if (spilling->row_to[id] != 0)
            to[ledger->table.rows[id].stack] = ledger->table.rows[id].stack;
    for (uint32_t place = 1; place <= ledger->growth.count; place++)
        to[ledger->growth.growing[place].stack] = ledger->growth.growing[place].stack;
    for (uint32_t id = ledger->lines.count; id != 0; id--) {
        uint32_t parent = ledger->lines.nodes[id].parent;
        if (parent == 0)
            to[id] = id;
        else if (to[id] != 0)
            to[parent] = parent;
    }
}

bool
ms_spilling_open(ms_folding *spilling, ms_ledger *ledger)
{
    *spilling = (ms_folding){.row_count = ledger->table.count, .stack_count = ledger->lines.count};
    spilling->row_to = ms_memory_get(((size_t)spilling->row_count + 1) * sizeof *spilling->row_to);
    spilling->stack_to = ms_memory_get(((size_t)spilling->stack_count + 1) * sizeof *spilling->stack_to);
    if (spilling->row_to == NULL || spilling->stack_to == NULL) {
        ms_folding_close(spilling);
        return false;
    }
    choose_rows(ledger, spilling->row_to);
    return true;
}

/* ---- they go --------------------------------------------------------------------------------- */

static void
let_row_go(ms_ledger *ledger, uint32_t id)
{
    const ms_row *row = &ledger->table.rows[id];
    const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
    ms_spilled *spilled = &ledger->spilled;
    uint64_t bytes = row->allocated_bytes - passed->taken_in_bytes;
    spilled->rows++;
    spilled->allocations[row->domain] += row->allocations - passed->taken_in;
    spilled->allocated_bytes[row->domain] += bytes;
    spilled->frees[row->domain] += row->released - passed->handed_over;
    if (row->is_sampled) {
        spilled->sampled_allocations += row->allocations - passed->taken_in;
        spilled->sampled_bytes += bytes;
    }
    if (ledger->folded_rows != 0 && ms_folding_has_gap(ledger, row->stack))
        spilled->folded_bytes += bytes;
    ms_rowtable_drop_extra(&ledger->table, id);
    ms_lifetimes_drop(&ledger->lifetimes, row->histogram);
}

void
ms_spilling_apply(ms_folding *spilling, ms_ledger *ledger)
{
    choose_stacks(ledger, spilling);
    for (uint32_t id = 1; id <= spilling->row_count; id++)
        if (spilling->row_to[id] == 0)
            let_row_go(ledger, id);
    ms_renumber_count(spilling->row_to, spilling->row_count);
    ms_renumber_count(spilling->stack_to, spilling->stack_count);
    ms_renaming_apply(ledger, spilling);
    ledger->spilled.left_bytes = ms_folding_used_bytes(ledger);
    ledger->spilled.epoch = ledger->epoch;
}

/* ---- the peak -------------------------------------------------------------------------------- */

void
ms_spilling_add_peak(ms_ledger *ledger, uint64_t blocks, uint64_t bytes, bool gap)
{
    ledger->spilled.peak_blocks += blocks;
    if (gap)
        ledger->spilled.folded_peak_bytes += bytes;
}

void
ms_spilling_peak(const ms_ledger *ledger, uint32_t id, uint64_t *blocks, uint64_t *bytes)
{
    const ms_row *row = &ledger->table.rows[id];
    bool as_now = ledger->at_peak || row->seen < ledger->peak_left;
    *blocks = as_now ? ms_row_live_blocks(row) : ledger->table.rest[id].peak_blocks;
    *bytes = as_now ? ms_row_live_bytes(row) : ledger->table.rest[id].peak_bytes;
}

uint64_t
ms_spilling_peak_number(const ms_ledger *ledger)
{
    return ledger->peak_left;
}
