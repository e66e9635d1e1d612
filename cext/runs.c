#include "runs.h"

#include "memory.h"
#include "slot.h"

/* Nearly all events are of blocks that pymalloc serves, in rows that are there already. Those are taken here, with all
 * that is seldom left out; whatever else comes up goes the long way.
 *
 * The words of a small heap's blocks stay in the processor's cache, and what it works on ahead hides the rest. Those of
 * a large one do not: there each is asked for some events before it is needed (11 instead of 15 ns an event with 140 MB
 * live; with 5 MB it would cost 0.7). */
#define LARGE_HEAP_BYTES (UINT64_C(32) << 20)
#define AHEAD 16u /* events */

/* The size class of an allocation, if it is one of 1 to MS_SMALL_CLASSES; else any other number. */
MS_INLINE uint32_t
small_class(const ms_event *event)
{
    return (event->size + 15) >> 4;
}

/* The row that an allocation's hint leads to; id: which. NULL: it is another's, or the block is not a small one at a
 * free place. */
MS_INLINE ms_row *
hinted_row(const ms_ledger *ledger, const ms_event *event, const uint32_t *slot, uint32_t *id)
{
    if (MS_UNLIKELY(slot == NULL))
        return NULL;
    *id = ms_sums_hinted_row(ledger, event->stack, ms_event_domain(event), small_class(event));
    ms_row *row = &ledger->table.rows[*id];
    bool small = event->size - 1 < MS_SMALL_MAX;
    return MS_LIKELY(*slot == 0 && small && row->size_class == small_class(event) &&
                     row->domain == (uint8_t)ms_event_domain(event))
               ? row
               : NULL;
}

/* These three: false: nothing was done, the event is to be taken the long way. slot: the block's, or NULL. */
MS_INLINE bool
take_small_alloc(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    uint32_t id;
    ms_row *row = hinted_row(ledger, event, slot, &id);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t size_class = small_class(event);
    *slot = id << 4 | (size_class * 16u - event->size);
    *ms_slot_birth(0, slot, size_class) = (uint32_t)ledger->ages.clock;
    ms_sums_touch(ledger, id, row);
    ms_sums_count_in(ledger, row, event->size, 1, size_class);
    return true;
}

/* Takes an allocation and the free of the same block, which need not be entered at all, unless there is a peak in
 * between. */
MS_INLINE bool
take_small_pair(ms_ledger *ledger, const ms_event *event, const uint32_t *slot)
{
    uint32_t id;
    ms_row *row = hinted_row(ledger, event, slot, &id);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t size_class = small_class(event), size_bytes = event->size;
    if (size_bytes > ledger->live.room_bytes || size_bytes > ledger->domains[row->domain].live.room_bytes)
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
take_small_free(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    if (MS_UNLIKELY(slot == NULL))
        return false;
    uint32_t word = *slot;
    if (MS_UNLIKELY(word == 0 || ms_sums_is_stale(ledger, &word)))
        return false;
    ms_block block = {.row = word >> 4};
    const ms_row *row = &ledger->table.rows[block.row];
    uint8_t size_class = row->size_class;
    if (MS_UNLIKELY((uint8_t)(size_class - 1) >= MS_SMALL_CLASSES))
        return false;
    uint32_t *birth = ms_slot_birth(0, slot, size_class);
    block.size_bytes = size_class * 16u - (word & 15);
    block.birth = *birth;
    *slot = *birth = 0;
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

/* Whether an event is an allocation and the next one the free of the same block: a quarter of all blocks are. */
MS_INLINE bool
is_pair(const ms_event *event, const ms_event *stop)
{
    return event + 1 < stop && event[1].word - event->word == (uint64_t)(MS_FREE - MS_ALLOC) << 58;
}

MS_INLINE uint32_t
take_run(ms_ledger *ledger, const ms_event *events, uint32_t count, bool large_heap)
{
    const ms_event *stop = events + count;
    for (const ms_event *event = events; event < stop; event++) {
        if (large_heap)
            ms_blockmap_prefetch(&ledger->map,
                                 ms_event_address(event + AHEAD < stop ? event + AHEAD : event));
        uint32_t *slot = ms_blockmap_recent(&ledger->map, ms_event_address(event));
        ms_kind kind = ms_event_kind(event);
        if (kind == MS_ALLOC) {
            if (is_pair(event, stop) && take_small_pair(ledger, event, slot)) {
                event++;
                continue;
            }
            if (MS_LIKELY(take_small_alloc(ledger, event, slot)))
                continue;
        } else if (kind == MS_FREE) {
            if (MS_LIKELY(take_small_free(ledger, event, slot)))
                continue;
        } else if (!is_plain(event)) {
            return (uint32_t)(event - events);
        }
        ms_ledger_take(ledger, event, event->size, 0);
    }
    return count;
}

MS_HOT uint32_t
ms_runs_take(ms_ledger *ledger, const ms_event *events, uint32_t count)
{
    if (ledger->sample_bytes != 0) {
        uint32_t at = 0;
        for (; at < count && is_plain(&events[at]); at++)
            ms_ledger_take(ledger, &events[at], events[at].size, 0);
        return at;
    }
    uint32_t nodes = atomic_load_explicit(&ledger->segment->header->node_count, memory_order_relaxed);
    if (MS_UNLIKELY(nodes >= ledger->hints_capacity && nodes <= MS_HINTED_MAX))
        grow_hints(ledger, nodes);
    return ms_level_bytes(&ledger->live) > LARGE_HEAP_BYTES ? take_run(ledger, events, count, true)
                                                 : take_run(ledger, events, count, false);
}
