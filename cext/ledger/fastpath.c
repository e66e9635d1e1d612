#include "ledger/fastpath.h"

#include "ledger/ownership.h"
#include "ledger/slot.h"

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
    *id = ms_hints_row(&ledger->hints, event->stack, ms_event_domain(event), small_class(event));
    ms_row *row = &ledger->table.rows[*id];
    bool small = event->size - 1 < MS_SMALL_MAX;
    return MS_LIKELY(*slot == 0 && small && row->size_class == small_class(event) &&
                     row->domain == (uint8_t)ms_event_domain(event))
               ? row
               : NULL;
}

/* These five: false: nothing was done, the event is to be taken the long way. slot: the block's, or NULL. */
MS_INLINE bool
take_small_alloc(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    uint32_t id;
    ms_row *row = hinted_row(ledger, event, slot, &id);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t size_class = small_class(event);
    slot[0] = id << MS_ROW_SHIFT | ms_blockmap_where(ms_event_address(event)) | (size_class * 16u - event->size);
    slot[1] = (uint32_t)ledger->lifetimes.clock;
    ms_counters_touch(ledger, id, row);
    ms_counters_count_in(ledger, row, event->size, 1, size_class);
    return true;
}

/* Takes an allocation and the free of the same block, which need not be entered at all, unless there is a peak in
 * between. */
MS_INLINE bool
take_small_pair(ms_ledger *ledger, const ms_event *event, const uint32_t *slot, bool typed)
{
    uint32_t id;
    ms_row *row = hinted_row(ledger, event, slot, &id);
    if (MS_UNLIKELY(row == NULL))
        return false;
    uint32_t size_class = small_class(event), size_bytes = event->size;
    if (size_bytes > ledger->live.room_bytes || size_bytes > ledger->domains[row->domain].live.room_bytes)
        return false;
    if (typed && MS_UNLIKELY(row->type != event[1].size)) {
        id = ms_ownership_predict(ledger, id, event->stack, event[1].size);
        row = &ledger->table.rows[id];
    }
    ms_counters_touch(ledger, id, row);
    row->allocations++;
    row->allocated_bytes += size_bytes;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    row->released++;
    row->released_bytes += size_bytes;
    uint32_t birth = (uint32_t)ledger->lifetimes.clock;
    ledger->lifetimes.clock += size_class;
    ms_counters_count_lifetime(ledger, row, birth, 1);
    if (MS_UNLIKELY(row->thread != event[1].stack))
        ms_counters_count_foreign(ledger, id);
    return true;
}

/* Reads the small block of an event's address in its slot. False: there is none, or a larger one. */
MS_INLINE bool
read_small(const ms_ledger *ledger, const ms_event *event, const uint32_t *slot, ms_block *block)
{
    if (MS_UNLIKELY(slot == NULL))
        return false;
    uint32_t word = *slot;
    /* No block begins with other words (ms_counters_is_stale); row 0, which a free place names, is of no size class. */
    if (MS_UNLIKELY(word >> MS_ROW_SHIFT > ledger->table.count))
        return false;
    if (MS_UNLIKELY(((word ^ ms_blockmap_where(ms_event_address(event))) & MS_WHERE_MASK) != 0))
        return false;
    block->row = word >> MS_ROW_SHIFT;
    uint8_t size_class = ledger->table.rows[block->row].size_class;
    if (MS_UNLIKELY((uint8_t)(size_class - 1) >= MS_SMALL_CLASSES))
        return false;
    block->size_bytes = size_class * 16u - (word & MS_SLACK_MASK);
    block->birth = slot[1];
    return true;
}

MS_INLINE bool
take_small_free(ms_ledger *ledger, const ms_event *event, uint32_t *slot, bool typed)
{
    ms_block block = {0};
    if (MS_UNLIKELY(!read_small(ledger, event, slot, &block)))
        return false;
    const ms_row *row = &ledger->table.rows[block.row];
    if (typed && MS_UNLIKELY(row->type != event->size))
        return false;
    slot[0] = slot[1] = 0;
    ms_counters_count_out(ledger, &block, 1);
    if (MS_UNLIKELY(row->thread != event->stack))
        ms_counters_count_foreign(ledger, block.row);
    return true;
}

MS_INLINE void
hand_over(ms_ledger *ledger, ms_block *block, uint32_t *slot, uint32_t to)
{
    ms_ownership_hand_over_weighed(ledger, block, to, 1);
    slot[0] = to << MS_ROW_SHIFT | MS_TAKEN_IN | (slot[0] & (MS_WHERE_MASK | MS_SLACK_MASK));
    slot[1] = block->birth;
}

/* An object in a block of a free list, or of one that held the like, in a row of its type that is known. */
MS_INLINE bool
take_small_reuse(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    ms_block block = {0};
    if (MS_UNLIKELY(!read_small(ledger, event, slot, &block)))
        return false;
    uint32_t type = ms_reuse_type(event);
    const ms_row *from = &ledger->table.rows[block.row];
    if (MS_UNLIKELY(from->type != MS_TYPE_PARKED && from->type != type))
        return false;
    uint32_t to = ms_ownership_made(ledger, event->stack, type, from->domain, from->size_class);
    if (MS_UNLIKELY(to == 0))
        return false;
    hand_over(ledger, &block, slot, to);
    ms_rowtable_change_passed(&ledger->table, to)->reused++;
    return true;
}

/* An object of its row's type died in a block. */
MS_INLINE bool
take_small_parked(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    ms_block block = {0};
    if (MS_UNLIKELY(!read_small(ledger, event, slot, &block)))
        return false;
    const ms_row *from = &ledger->table.rows[block.row];
    uint32_t to = ledger->parked[from->domain][from->size_class];
    if (MS_UNLIKELY(to == 0 || from->type == MS_TYPE_PARKED || from->type != event->size))
        return false;
    hand_over(ledger, &block, slot, to);
    return true;
}

MS_INLINE bool
is_plain(const ms_event *event)
{
    return ms_event_kind(event) < MS_SIZE_HIGH;
}

/* Whether an event is an allocation and the next one the free of the same block: a quarter of all blocks are. */
MS_INLINE bool
is_pair(const ms_event *event, const ms_event *stop)
{
    return event + 1 < stop && event[1].word - event->word == (uint64_t)(MS_FREE - MS_ALLOC) << MS_KIND_SHIFT;
}

MS_INLINE uint32_t
take_run(ms_ledger *ledger, const ms_event *events, uint32_t count, bool large_heap, bool typed)
{
    const ms_event *stop = events + count;
    for (const ms_event *event = events; event < stop; event++) {
        if (large_heap)
            ms_blockmap_prefetch(&ledger->map, ms_event_address(event + AHEAD < stop ? event + AHEAD : event));
        uint64_t address = ms_event_address(event);
        uint32_t *slot = ms_blockpage_slot(ms_blockmap_recent(&ledger->map, address), address);
        ms_kind kind = ms_event_kind(event);
        if (kind == MS_ALLOC) {
            if (is_pair(event, stop) && take_small_pair(ledger, event, slot, typed)) {
                event++;
                continue;
            }
            if (MS_LIKELY(take_small_alloc(ledger, event, slot)))
                continue;
        } else if (kind == MS_FREE) {
            if (MS_LIKELY(take_small_free(ledger, event, slot, typed)))
                continue;
        } else if (typed && kind == MS_REUSE) {
            if (MS_LIKELY(take_small_reuse(ledger, event, slot)))
                continue;
        } else if (typed && kind == MS_PARKED) {
            if (MS_LIKELY(take_small_parked(ledger, event, slot)))
                continue;
        } else if (!is_plain(event)) {
            return (uint32_t)(event - events);
        }
        ms_ledger_take(ledger, event, event->size, 0);
    }
    return count;
}

bool
ms_fastpath_is_open(const ms_ledger *ledger)
{
    return ledger->sample_bytes == 0;
}

MS_HOT uint32_t
ms_fastpath_take(ms_ledger *ledger, const ms_event *events, uint32_t count)
{
    if (ledger->sample_bytes != 0) {
        uint32_t at = 0;
        for (; at < count && is_plain(&events[at]); at++)
            ms_ledger_take(ledger, &events[at], events[at].size, 0);
        return at;
    }
    uint32_t nodes = atomic_load_explicit(&ledger->segment->header->node_count, memory_order_relaxed);
    ms_hints_expect(&ledger->hints, nodes);
    if (ledger->typed)
        ms_hints_expect(&ledger->made, nodes);
    /* Four loops: nobody pays for what is not asked for. */
    bool large_heap = ms_level_bytes(&ledger->live) > LARGE_HEAP_BYTES;
    if (ledger->typed)
        return large_heap ? take_run(ledger, events, count, true, true) : take_run(ledger, events, count, false, true);
    return large_heap ? take_run(ledger, events, count, true, false) : take_run(ledger, events, count, false, false);
}
