#include "ledger/ownership.h"

#include "ledger/sweep.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* What an event says is written by the program. */
static uint32_t
known_type(const ms_ledger *ledger, uint32_t type)
{
    return type == MS_TYPE_PARKED || ms_segment_has_type(ledger->segment, type) ? type : 0;
}

/* What a row is found by, of row `like`, but with another stack and type. */
static ms_row
key_like(const ms_ledger *ledger, uint32_t like, uint32_t stack, uint32_t type)
{
    const ms_row *row = &ledger->table.rows[like];
    return (ms_row){.stack = stack,
                    .domain = row->domain,
                    .size_class = row->size_class,
                    .thread = (uint8_t)MS_NODE_THREAD(ledger->lines.nodes[stack].state),
                    .is_sampled = row->is_sampled,
                    .type = known_type(ledger, type)};
}

static uint32_t
first_of_family(const ms_ledger *ledger, const ms_row *key)
{
    return ms_rowtable_find(&ledger->table, key->stack, (ms_domain)key->domain, key->size_class, key->is_sampled);
}

/* 0: no memory. */
static uint32_t
row_of_type(ms_ledger *ledger, uint32_t first, const ms_row *key)
{
    if (first != 0 && ledger->table.rows[first].type == key->type)
        return first;
    uint32_t id = ms_rowtable_find_member(&ledger->table, key);
    if (id == 0)
        id = ms_rowtable_add_member(&ledger->table, key);
    if (id == 0)
        ledger->out_of_memory = true;
    return id;
}

uint32_t
ms_ownership_row(ms_ledger *ledger, uint32_t like, uint32_t stack, uint32_t type)
{
    ms_row key = key_like(ledger, like, stack, type);
    return row_of_type(ledger, first_of_family(ledger, &key), &key);
}

/* The row of an object that has died; the first one gives the first row its type. */
static uint32_t
row_of_dead(ms_ledger *ledger, uint32_t first, const ms_row *key)
{
    ms_row *row = &ledger->table.rows[first];
    if (first != 0 && row->type == MS_TYPE_UNSET && ms_rowtable_find_member(&ledger->table, key) == 0) {
        ms_counters_touch(ledger, first, row); /* so that the capture is told */
        row->type = key->type;
    }
    return row_of_type(ledger, first, key);
}

/* Allocations of the node whose hint led to a row go to another of its family from now on. */
static void
lead_to(ms_ledger *ledger, uint32_t node, uint32_t to)
{
    const ms_row *row = &ledger->table.rows[to];
    ledger->table.rest[to].node = node;
    ms_hints_set(&ledger->hints, node, (ms_domain)row->domain, row->size_class, to);
}

/* The same, and those of other nodes of the line, which have no hint yet. */
static void
redirect(ms_ledger *ledger, uint32_t first, uint32_t node, uint32_t to)
{
    ledger->table.rest[first].latest = to;
    lead_to(ledger, node, to);
}

MS_COLD uint32_t
ms_ownership_predict(ms_ledger *ledger, uint32_t id, uint32_t node, uint32_t type)
{
    const ms_row *row = &ledger->table.rows[id];
    uint32_t made = ms_ownership_made(ledger, node, type, row->domain, row->size_class);
    if (made != 0) {
        lead_to(ledger, node, made);
        return made;
    }
    ms_row key = key_like(ledger, id, row->stack, type);
    uint32_t first = first_of_family(ledger, &key);
    uint32_t to = row_of_dead(ledger, first, &key);
    if (to == 0)
        return id;
    redirect(ledger, first, node, to);
    ms_hints_set(&ledger->made, node, MS_RAW, type, to);
    return to;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Whether a block was live in its row at the highest peak, which has been left. Ages of more than 32 GiB of allocations
 * are not kept: where the peak is as long ago, what is as old is taken to be older. */
static bool
was_there_at_peak(const ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    uint64_t peak_age = ledger->lifetimes.clock - ledger->peak_clock;
    uint32_t age = (uint32_t)ledger->lifetimes.clock - block->birth;
    const ms_row_rest *rest = &ledger->table.rest[block->row];
    bool older = peak_age < MS_AGE_KNOWN ? age > peak_age : age >= MS_AGE_KNOWN;
    return older && rest->peak_blocks >= weight && rest->peak_bytes >= weight * block->size_bytes;
}

static void
move_peak(ms_ledger *ledger, const ms_block *block, uint32_t to, uint64_t weight)
{
    if (!was_there_at_peak(ledger, block, weight))
        return;
    ms_row_rest *from = &ledger->table.rest[block->row], *into = &ledger->table.rest[to];
    from->peak_blocks -= weight;
    from->peak_bytes -= weight * block->size_bytes;
    into->peak_blocks += weight;
    into->peak_bytes += weight * block->size_bytes;
}

static uint64_t
least(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Which allocations were reallocations is known of a row, not of a block. A row keeps as many as it can have. */
static void
move_reallocations(ms_ledger *ledger, uint32_t from, uint32_t to)
{
    const ms_row_seldom *seldom = ms_rowtable_seldom(&ledger->table, from);
    uint64_t requests = ledger->table.rows[from].allocations - ms_rowtable_passed(&ledger->table, from)->taken_in;
    if (MS_LIKELY(seldom->reallocations <= requests))
        return;
    ms_row_seldom *old = ms_rowtable_change_seldom(&ledger->table, from);
    ms_row_seldom *into = ms_rowtable_change_seldom(&ledger->table, to);
    uint64_t count = old->reallocations - requests, moved = least(count, old->moved);
    old->reallocations -= count;
    into->reallocations += count;
    old->moved -= moved;
    into->moved += moved;
}

/* As if the block had always been in the other row, which is of the same stack. */
static void
relabel(ms_ledger *ledger, ms_block *block, uint32_t to)
{
    uint32_t from = block->row;
    uint64_t weight = ms_counters_weight(ledger, block->row, block->size_bytes), bytes = weight * block->size_bytes;
    ms_ownership_touch_both(ledger, from, to);
    move_peak(ledger, block, to, weight);
    ms_row *old = &ledger->table.rows[from], *new = &ledger->table.rows[to];
    old->allocations -= weight;
    old->allocated_bytes -= bytes;
    new->allocations += weight;
    new->allocated_bytes += bytes;
    ms_ownership_raise_most(new);
    if (block->taken_in) {
        ms_row_passed *passed = ms_rowtable_change_passed(&ledger->table, from);
        ms_row_passed *into = ms_rowtable_change_passed(&ledger->table, to);
        uint64_t reused = least(weight, passed->reused);
        passed->taken_in -= weight;
        passed->taken_in_bytes -= bytes;
        passed->reused -= reused;
        into->taken_in += weight;
        into->taken_in_bytes += bytes;
        into->reused += reused;
    }
    move_reallocations(ledger, from, to);
    block->row = to;
}

void
ms_ownership_settle(ms_ledger *ledger, ms_block *block, uint32_t type)
{
    const ms_row *row = &ledger->table.rows[block->row];
    if (row->type == type || row->type == MS_TYPE_PARKED)
        return;
    /* Of what is not requested for an object, deaths tell nothing. */
    if (row->domain != MS_OBJ && row->type != MS_TYPE_UNSET)
        return;
    uint32_t from = block->row, node = ledger->table.rest[from].node;
    uint32_t made = ms_ownership_made(ledger, node, type, row->domain, row->size_class);
    bool led_here = ms_hints_row(&ledger->hints, node, (ms_domain)row->domain, row->size_class) == from;
    if (made != 0 && ledger->table.rows[made].stack == row->stack) {
        relabel(ledger, block, made);
        if (led_here)
            lead_to(ledger, node, made);
        return;
    }
    ms_row key = key_like(ledger, from, row->stack, type);
    uint32_t first = first_of_family(ledger, &key);
    uint32_t to = row_of_dead(ledger, first, &key);
    if (to == 0 || to == from)
        return;
    relabel(ledger, block, to);
    ms_hints_set(&ledger->made, node, MS_RAW, type, to);
    if (led_here)
        redirect(ledger, first, node, to);
}

void
ms_ownership_hand_over(ms_ledger *ledger, ms_block *block, uint32_t to)
{
    ms_ownership_hand_over_weighed(ledger, block, to, ms_counters_weight(ledger, block->row, block->size_bytes));
}

void
ms_ownership_reassign(ms_ledger *ledger, ms_block *block, uint32_t stack, uint32_t type)
{
    uint32_t from = block->row;
    uint32_t to = ms_ownership_row(ledger, from, stack, type);
    if (to == 0 || to == from)
        return;
    if (ledger->table.rows[from].stack == stack) {
        relabel(ledger, block, to);
        return;
    }
    uint64_t weight = ms_counters_weight(ledger, block->row, block->size_bytes);
    ms_ownership_touch_both(ledger, from, to);
    move_peak(ledger, block, to, weight);
    ms_ownership_pass_on(ledger, block, to, weight);
}
