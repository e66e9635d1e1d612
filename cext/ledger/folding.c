#include "ledger/folding.h"

#include "ledger/coldstacks.h"
#include "ledger/renaming.h"
#include "shared/array.h"
#include "shared/memory.h"

/* Two million rows. With 24 MiB, sympy's flame lost calls of 41 % of its bytes. */
#define ROOM_BYTES (UINT64_C(192) << 20)
#define ROOM_SHARE 8u /* and of the most that was live */

/* ---- when ------------------------------------------------------------------------------------ */

uint64_t
ms_folding_used_bytes(const ms_ledger *ledger)
{
    uint64_t row_bytes = sizeof(ms_row) + sizeof(ms_row_rest) + 2 * sizeof(uint32_t);
    uint64_t stack_bytes = sizeof(ms_linenode) + 3 * sizeof(uint32_t);
    return ledger->table.count * row_bytes + ledger->lines.count * stack_bytes +
           ms_rowtable_extra_bytes(&ledger->table) +
           ms_lifetimes_used(&ledger->lifetimes) * sizeof(ms_lifetime_histogram);
}

static uint64_t
room_bytes(const ms_ledger *ledger)
{
    if (ledger->fold_room_bytes != 0)
        return ledger->fold_room_bytes;
    uint64_t unit = ledger->sample_bytes == 0 ? 1 : MS_SAMPLE_UNIT;
    return ROOM_BYTES + ledger->peak_bytes / unit / ROOM_SHARE;
}

bool
ms_folding_is_due(const ms_ledger *ledger)
{
    /* Where there are so many lines that all is folded already, not again for a few more. */
    uint64_t used = ms_folding_used_bytes(ledger);
    return MS_UNLIKELY(used > room_bytes(ledger) && used > ledger->folded_to_bytes + ledger->folded_to_bytes / 2);
}

void
ms_folding_set_room(ms_ledger *ledger, uint64_t bytes)
{
    ledger->fold_room_bytes = bytes;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
add_passed(ms_rowtable *table, uint32_t to, uint32_t id)
{
    const ms_row_passed *from = ms_rowtable_passed(table, id);
    ms_row_passed *into = ms_rowtable_change_passed(table, to);
    into->taken_in += from->taken_in;
    into->taken_in_bytes += from->taken_in_bytes;
    into->handed_over += from->handed_over;
    into->handed_over_bytes += from->handed_over_bytes;
    into->reused += from->reused;
}

static void
add_seldom(ms_rowtable *table, uint32_t to, uint32_t id)
{
    const ms_row_seldom *from = ms_rowtable_seldom(table, id);
    ms_row_seldom *into = ms_rowtable_change_seldom(table, to);
    into->reallocations += from->reallocations;
    into->moved += from->moved;
    into->copied_bytes += from->copied_bytes;
    into->reallocated += from->reallocated;
    into->foreign_frees += from->foreign_frees;
    if (from->longest_chain > into->longest_chain)
        into->longest_chain = from->longest_chain;
}

static void
add_extra(ms_rowtable *table, uint32_t to, uint32_t id)
{
    if (table->rest[id].extra == 0)
        return;
    add_passed(table, to, id);
    if ((table->rest[id].extra & MS_ROW_FULL) != 0)
        add_seldom(table, to, id);
    ms_rowtable_drop_extra(table, id);
}

static void
add_lifetimes(ms_ledger *ledger, ms_row *into, const ms_row *from)
{
    if (into->histogram == 0)
        into->histogram = from->histogram;
    else if (from->histogram != 0 && !ms_lifetimes_merge(&ledger->lifetimes, into->histogram, from->histogram))
        ledger->out_of_memory = true;
}

/* What windows have told of a row is taken back in the next one, and told of the row that it is part of. */
static void
note_folded(ms_folding *folding, ms_ledger *ledger, uint32_t id)
{
    ms_counters_touch(ledger, id, &ledger->table.rows[id]); /* so that what was told of it is known */
    uint32_t *told = &ledger->table.rest[id].told;
    if (*told == 0)
        return;
    folding->folded[folding->folded_count++] = (ms_folded_row){.row = id, .told = ledger->told[*told]};
    *told = 0; /* and of what it is now nothing was */
}

/* Both have been touched, so both know what of theirs was live at the peak. */
static void
merge_row(ms_ledger *ledger, uint32_t from, uint32_t to)
{
    ms_row *old = &ledger->table.rows[from], *into = &ledger->table.rows[to];
    ms_counters_touch(ledger, from, old);
    ms_counters_touch(ledger, to, into);
    into->allocations += old->allocations;
    into->allocated_bytes += old->allocated_bytes;
    into->released += old->released;
    into->released_bytes += old->released_bytes;
    into->max_live_blocks += old->max_live_blocks;
    add_lifetimes(ledger, into, old);
    ledger->table.rest[to].peak_blocks += ledger->table.rest[from].peak_blocks;
    ledger->table.rest[to].peak_bytes += ledger->table.rest[from].peak_bytes;
    add_extra(&ledger->table, to, from);
}

static void
merge_rows(ms_ledger *ledger, ms_folding *folding)
{
    ms_counters_leave_peak(ledger);
    for (uint32_t id = 1; id <= folding->row_count; id++) {
        uint32_t to = ms_renumber_id(folding->row_to, id);
        if (folding->row_to[id] == id)
            continue;
        note_folded(folding, ledger, id);
        if (to != id)
            merge_row(ledger, id, to);
        ledger->folded_rows += to != id;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        if (ms_renumber_id(folding->row_to, ledger->touched[i]) == ledger->touched[i])
            ledger->touched[kept++] = ledger->touched[i];
    }
    ledger->touched_count = kept;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* All memory that is needed later, so that nothing can fail half-way. */
static bool
prepare(ms_folding *folding, ms_ledger *ledger)
{
    folding->row_count = ledger->table.count;
    /* Each node that folds may need two others at most: its own, and a gap. */
    size_t stacks = (size_t)ledger->lines.count + 1;
    folding->stack_to = ms_memory_get(stacks * 3 * sizeof *folding->stack_to);
    size_t rows = (size_t)ledger->table.count + 1;
    folding->row_to = ms_memory_get(rows * sizeof *folding->row_to);
    folding->folded = ms_memory_get(rows * sizeof *folding->folded);
    folding->aside = ms_memory_get(rows * sizeof *folding->aside); /* pages that are not needed are not touched */
    bool ready = folding->stack_to != NULL && folding->row_to != NULL && folding->folded != NULL &&
                 folding->aside != NULL &&
                 ms_counters_reach_touched(ledger, ledger->table.count, ledger->table.count) &&
                 ms_coldstacks_find(ledger, folding->stack_to);
    folding->stack_count = ledger->lines.count;
    for (uint32_t id = (uint32_t)stacks; ready && id <= folding->stack_count; id++)
        folding->stack_to[id] = id; /* those that are new */
    return ready;
}

bool
ms_folding_open(ms_folding *folding, ms_ledger *ledger)
{
    *folding = (ms_folding){0};
    if (!prepare(folding, ledger)) {
        ms_folding_close(folding);
        return false;
    }
    ms_rowtable_regroup(&ledger->table, folding->stack_to, folding->row_to);
    merge_rows(ledger, folding);
    ms_renumber_count(folding->row_to, folding->row_count);
    ms_renumber_count(folding->stack_to, folding->stack_count);
    ms_renaming_apply(ledger, folding);
    ms_memory_give(folding->aside);
    folding->aside = NULL;
    ledger->folded_to_bytes = ms_folding_used_bytes(ledger);
    return true;
}

void
ms_folding_close(ms_folding *folding)
{
    ms_memory_give(folding->row_to);
    ms_memory_give(folding->stack_to);
    ms_memory_give(folding->folded);
    ms_memory_give(folding->aside);
    *folding = (ms_folding){0};
}

bool
ms_folding_has_gap(const ms_ledger *ledger, uint32_t stack)
{
    const ms_linenode *nodes = ledger->lines.nodes;
    while (stack != 0 && nodes[stack].code != MS_CODE_LEFT_OUT)
        stack = nodes[stack].parent;
    return stack != 0;
}

ms_folded_sums
ms_folding_sums(const ms_ledger *ledger)
{
    ms_folded_sums sums = {.rows = ledger->folded_rows,
                           .allocated_bytes = ledger->spilled.folded_bytes,
                           .peak_bytes = ledger->spilled.folded_peak_bytes};
    for (uint32_t id = 1; sums.rows != 0 && id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        if (!ms_folding_has_gap(ledger, row->stack))
            continue;
        sums.allocated_bytes += row->allocated_bytes - ms_rowtable_passed(&ledger->table, id)->taken_in_bytes;
        sums.live_bytes += ms_row_live_bytes(row);
        sums.peak_bytes += ledger->table.rest[id].peak_bytes;
    }
    return sums;
}
