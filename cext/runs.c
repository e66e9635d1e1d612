#include "runs.h"

#include "memory.h"

/* Nearly all events are of blocks that pymalloc serves, in rows that are there already. Those are taken here, with all
 * that is seldom left out; whatever else comes up goes the way above.
 *
 * The drain knows what comes: while one event is taken, what later ones need is on its way. A block's word leads to
 * its row, as a stack's hint does, so it takes two steps. Neither asks what kind of event it is: a guess that is wrong
 * half of the time costs more than what is fetched in vain. */
#define BLOCK 8u  /* events that one step is made for at once */
#define PLANS 32u /* three blocks' and some */

typedef struct ms_plan {
    uint32_t *slot;       /* of the event's block, or no_slot */
    const uint32_t *hint; /* to the row, of an allocation */
} ms_plan;

/* For blocks without a lasting one: it holds what no block begins with, so neither an allocation nor a free is taken
 * with it. */
static uint32_t no_slot[MS_SLOT_WORDS] = {UINT32_MAX};

/* The size class of an allocation, if it is one of 1 to MS_SMALL_CLASSES; else any other number. */
MS_INLINE uint32_t
small_class(const ms_event *event)
{
    return (event->size + 15) >> 4;
}

/* Plans for an event whose block lies in no leaf that was used lately, or whose stack has no hints. */
static MS_COLD void
look_around(ms_ledger *ledger, const ms_event *event, ms_plan *plan)
{
    uint64_t address = ms_event_address(event);
    uint32_t *slot = ms_blockmap_is_even(address) ? ms_blockmap_find(&ledger->map, address, false) : NULL;
    plan->slot = slot == NULL ? no_slot : slot;
    uint32_t node = event->stack < ledger->hints_capacity ? event->stack : 0; /* whose hints lead nowhere */
    plan->hint = &ledger->hints[node * MS_HINTS + ms_hint_of(ms_event_domain(event), small_class(event))];
}

MS_INLINE void
look_far(ms_ledger *ledger, const ms_event *event, ms_plan *plan, uint32_t count)
{
    const uint32_t *hints = ledger->hints;
    uint32_t hinted = ledger->hints_capacity;
    for (const ms_event *end = event + count; event < end; event++, plan++) {
        plan->slot = ms_blockmap_recent(&ledger->map, ms_event_address(event));
        if (MS_UNLIKELY(plan->slot == NULL || event->stack >= hinted)) {
            look_around(ledger, event, plan);
            continue;
        }
        plan->hint = &hints[event->stack * MS_HINTS + ms_hint_of(ms_event_domain(event), small_class(event))];
        MS_PREFETCH(plan->slot);
        MS_PREFETCH(plan->hint);
    }
}

MS_INLINE void
look_ahead(const ms_ledger *ledger, const ms_plan *plan, uint32_t count)
{
    const ms_row *rows = ledger->table.rows;
    /* One of the two is 0, nearly always: a free's slot is filled, an allocation's is not. */
    for (const ms_plan *end = plan + count; plan < end; plan++)
        MS_PREFETCH(&rows[*plan->slot >> 4 | *plan->hint]);
}

/* Of the block that lies in a slot of the shadow. */
MS_INLINE uint32_t *
birth_in(uint32_t *slot, uint32_t size_class)
{
    return size_class == 1 ? ms_blockmap_late(0, slot) : &slot[1];
}

/* The row that an allocation's hint leads to. NULL: it is another's, or the block is not a small one at a free place. */
MS_INLINE ms_row *
hinted_row(const ms_ledger *ledger, const ms_event *event, const ms_plan *plan)
{
    ms_row *row = &ledger->table.rows[*plan->hint];
    bool small = event->size - 1 < MS_SMALL_MAX;
    return MS_LIKELY(*plan->slot == 0 && small && row->size_class == small_class(event) &&
                     row->domain == (uint8_t)ms_event_domain(event))
               ? row
               : NULL;
}

/* Both: false: nothing was done, the event is to be taken the long way. */
MS_INLINE bool
take_small_alloc(ms_ledger *ledger, const ms_event *event, const ms_plan *plan)
{
    ms_row *row = hinted_row(ledger, event, plan);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t id = *plan->hint, size_class = small_class(event);
    *plan->slot = id << 4 | (size_class * 16u - event->size);
    *birth_in(plan->slot, size_class) = (uint32_t)ledger->ages.clock;
    ms_sums_touch(ledger, id, row);
    ms_sums_count_in(ledger, row, event->size, 1, size_class);
    return true;
}

/* Takes an allocation and the free of the same block, which need not be entered at all, unless there is a peak in
 * between. */
MS_INLINE bool
take_small_pair(ms_ledger *ledger, const ms_event *event, const ms_plan *plan)
{
    ms_row *row = hinted_row(ledger, event, plan);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t id = *plan->hint, size_class = small_class(event), size_bytes = event->size;
    const ms_domain_sums *domain = &ledger->domains[row->domain];
    if (ledger->live_bytes + size_bytes > ledger->window_max_bytes ||
        domain->live_bytes + size_bytes > domain->peak_bytes)
        return false;
    ms_sums_touch(ledger, id, row);
    row->allocations++;
    row->allocated_bytes += size_bytes;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    row->released++;
    row->released_bytes += size_bytes;
    uint32_t birth = (uint32_t)ledger->ages.clock;
    ledger->ages.clock += size_class;
    ms_sums_count_lifetime(ledger, row, birth, 1);
    if (MS_UNLIKELY(row->thread != event[1].stack))
        ledger->table.rest[id].foreign_frees++;
    return true;
}

MS_INLINE bool
take_small_free(ms_ledger *ledger, const ms_event *event, const ms_plan *plan)
{
    uint32_t word = *plan->slot;
    if (MS_UNLIKELY(word == 0 || ms_sums_is_stale(ledger, &word)))
        return false;
    ms_block block = {.row = word >> 4};
    const ms_row *row = &ledger->table.rows[block.row];
    uint8_t size_class = row->size_class;
    if (MS_UNLIKELY((uint8_t)(size_class - 1) >= MS_SMALL_CLASSES))
        return false;
    uint32_t *birth = birth_in(plan->slot, size_class);
    block.size_bytes = size_class * 16u - (word & 15);
    block.birth = *birth;
    *plan->slot = *birth = 0;
    ms_sums_count_out(ledger, &block, 1);
    if (MS_UNLIKELY(row->thread != event->stack))
        ledger->table.rest[block.row].foreign_frees++;
    return true;
}

MS_INLINE bool
is_plain(const ms_event *event)
{
    return ms_event_kind(event) < MS_SIZE_HIGH;
}

/* Room for the hints of all stacks that there are now. Without, the rows are searched for. */
static MS_COLD void
grow_hints(ms_ledger *ledger, uint32_t nodes)
{
    uint64_t capacity = ledger->hints_capacity;
    while (capacity <= nodes)
        capacity *= 2;
    size_t node_bytes = MS_HINTS * sizeof *ledger->hints;
    uint32_t *hints = ms_memory_grow(ledger->hints, ledger->hints_capacity * node_bytes, capacity * node_bytes);
    if (hints == NULL)
        return;
    ledger->hints = hints;
    ledger->hints_capacity = (uint32_t)capacity;
}

MS_HOT uint32_t
ms_runs_take(ms_ledger *ledger, const ms_event *events, uint32_t count)
{
    ms_plan plans[PLANS]; /* of the events from `at` on, by their index */
    if (ledger->sample_bytes != 0) {
        uint32_t at = 0;
        for (; at < count && is_plain(&events[at]); at++)
            ms_ledger_take(ledger, &events[at], events[at].size, 0);
        return at;
    }
    /* Not in between: the plans lead into them. */
    uint32_t nodes = atomic_load_explicit(&ledger->segment->header->node_count, memory_order_relaxed);
    if (MS_UNLIKELY(nodes >= ledger->hints_capacity && nodes <= MS_HINTED_MAX))
        grow_hints(ledger, nodes);
    look_far(ledger, events, plans, count < 2 * BLOCK ? count : 2 * BLOCK);
    look_ahead(ledger, plans, count < BLOCK ? count : BLOCK);
    const ms_event *event = events, *stop = events + count;
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const ms_event *end = &events[first + BLOCK];
        if (MS_LIKELY(first + 3 * BLOCK <= count)) {
            look_far(ledger, &events[first + 2 * BLOCK], &plans[(first + 2 * BLOCK) % PLANS], BLOCK);
            look_ahead(ledger, &plans[(first + BLOCK) % PLANS], BLOCK);
        } else {
            end = end < stop ? end : stop;
            if (first + 2 * BLOCK < count)
                look_far(ledger, &events[first + 2 * BLOCK], &plans[(first + 2 * BLOCK) % PLANS],
                         count - first - 2 * BLOCK);
        }
        /* The first event may be gone already, with the one before. */
        const ms_plan *plan = &plans[first % PLANS] + (event - &events[first]);
        for (; event < end; event++, plan++) {
            ms_kind kind = ms_event_kind(event);
            if (kind == MS_ALLOC) {
                /* A quarter of all blocks are freed by the very next event. */
                bool pair = event + 1 < stop && event[1].word - event->word == (uint64_t)(MS_FREE - MS_ALLOC) << 58;
                if (pair && take_small_pair(ledger, event, plan))
                    event++, plan++;
                else if (MS_UNLIKELY(!take_small_alloc(ledger, event, plan)))
                    ms_ledger_take(ledger, event, event->size, 0);
            } else if (kind == MS_FREE) {
                if (MS_UNLIKELY(!take_small_free(ledger, event, plan)))
                    ms_ledger_take(ledger, event, event->size, 0);
            } else if (is_plain(event)) {
                ms_ledger_take(ledger, event, event->size, 0);
            } else {
                return (uint32_t)(event - events);
            }
        }
    }
    return count;
}
