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
    uint32_t *slot;     /* of the event's block, or no_slot */
    uint32_t hint;      /* number of the hint to the row, of an allocation */
    uint8_t size_class; /* of an allocation */
} ms_plan;

/* For blocks without a lasting one: it holds what no block begins with, so neither an allocation nor a free is taken
 * with it. */
static uint32_t no_slot[MS_SLOT_WORDS] = {UINT32_MAX};

MS_INLINE void
look_far(ms_ledger *ledger, const ms_event *event, ms_plan *plan, uint32_t count)
{
    const uint32_t *hints = ledger->hints;
    uint32_t hinted = ledger->hints_capacity;
    for (const ms_event *end = event + count; event < end; event++, plan++) {
        uint32_t *slot = ms_blockmap_lasting(&ledger->map, ms_event_address(event));
        plan->slot = MS_LIKELY(slot != NULL) ? slot : no_slot;
        MS_PREFETCH(plan->slot);
        plan->size_class = ms_sizeclass(event->size);
        uint32_t node = event->stack < hinted ? event->stack : 0; /* whose hints lead nowhere */
        plan->hint = node * MS_HINTS + plan->size_class % MS_HINTS;
        MS_PREFETCH(&hints[plan->hint]);
    }
}

MS_INLINE void
look_ahead(const ms_ledger *ledger, const ms_plan *plan, uint32_t count)
{
    const uint32_t *hints = ledger->hints;
    const ms_row *rows = ledger->table.rows;
    /* One of the two is 0, nearly always: a free's slot is filled, an allocation's is not. */
    for (const ms_plan *end = plan + count; plan < end; plan++)
        MS_PREFETCH(&rows[*plan->slot >> 4 | hints[plan->hint]]);
}

/* Of the block that lies in a slot of the shadow. */
MS_INLINE uint32_t *
birth_in(uint32_t *slot, uint8_t size_class)
{
    return size_class == 1 ? ms_blockmap_late(0, slot) : &slot[1];
}

/* Takes an allocation; with `next`, a free of the same block, too: that need not be entered at all, unless there is a
 * peak in between. False, as below: nothing was done, it is to be taken the long way. */
MS_INLINE bool
take_small_alloc(ms_ledger *ledger, const ms_event *event, const ms_plan *plan, const ms_event *next)
{
    uint32_t id = ledger->hints[plan->hint];
    ms_row *row = &ledger->table.rows[id];
    uint8_t size_class = plan->size_class;
    bool small = (uint8_t)(size_class - 1) < MS_SMALL_CLASSES;
    if (MS_UNLIKELY(*plan->slot != 0 || row->size_class != size_class || !small ||
                    row->domain != (uint8_t)ms_event_domain(event)))
        return false;
    uint32_t birth = (uint32_t)ledger->ages.clock;
    if (next == NULL) {
        *plan->slot = id << 4 | (size_class * 16u - event->size);
        *birth_in(plan->slot, size_class) = birth;
        ms_sums_touch(ledger, id, row);
        ms_sums_count_in(ledger, row, event->size, 1, size_class);
        return true;
    }
    const ms_domain_sums *domain = &ledger->domains[row->domain];
    if (ledger->live_bytes + event->size > ledger->window_max_bytes ||
        domain->live_bytes + event->size > domain->peak_bytes)
        return false;
    ms_sums_touch(ledger, id, row);
    row->allocations++;
    row->allocated_bytes += event->size;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    row->released++;
    row->released_bytes += event->size;
    ledger->ages.clock += size_class;
    ms_sums_count_lifetime(ledger, row, birth, 1);
    if (MS_UNLIKELY(row->thread != next->stack))
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
    bool taken = false; /* the event at `at`, together with the one before */
    for (uint32_t first = 0; first < count; first += BLOCK) {
        uint32_t end = first + BLOCK;
        if (MS_LIKELY(first + 3 * BLOCK <= count)) {
            look_far(ledger, &events[first + 2 * BLOCK], &plans[(first + 2 * BLOCK) % PLANS], BLOCK);
            look_ahead(ledger, &plans[(first + BLOCK) % PLANS], BLOCK);
        } else {
            end = end < count ? end : count;
            if (first + 2 * BLOCK < count)
                look_far(ledger, &events[first + 2 * BLOCK], &plans[(first + 2 * BLOCK) % PLANS],
                         count - first - 2 * BLOCK);
        }
        for (uint32_t at = first; at < end; at++) {
            const ms_event *event = &events[at];
            const ms_plan *plan = &plans[at % PLANS];
            ms_kind kind = ms_event_kind(event);
            if (taken) {
                taken = false;
            } else if (kind == MS_ALLOC) {
                /* A quarter of all blocks are freed by the very next event. */
                bool pair = at + 1 < count && (event->word ^ event[1].word) == (uint64_t)(MS_ALLOC ^ MS_FREE) << 58;
                taken = pair && take_small_alloc(ledger, event, plan, &event[1]);
                if (!taken && !take_small_alloc(ledger, event, plan, NULL))
                    ms_ledger_take(ledger, event, event->size, 0);
            } else if (kind == MS_FREE) {
                if (MS_UNLIKELY(!take_small_free(ledger, event, plan)))
                    ms_ledger_take(ledger, event, event->size, 0);
            } else if (is_plain(event)) {
                ms_ledger_take(ledger, event, event->size, 0);
            } else {
                return at;
            }
        }
    }
    return count;
}
