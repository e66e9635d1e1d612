#include "drain/dispatch.h"

#include <sched.h>
#include <string.h>

#include "ledger/fastpath.h"
#include "ledger/ranges.h"
#include "ledger/view.h"
#include "shared/memory.h"

#define RELEASE_EVERY 4096u /* events; a waiting program gets room before the batch is through */
#define FEW_ARENAS 32u
#define MPSC_RUN 64u /* events that are taken together: 1 KiB on the stack */

ms_status
ms_dispatch_open(ms_dispatch *dispatch, const ms_segment *segment, ms_ledger *ledger, ms_heap *heap, ms_writer *writer,
                 bool keep_events)
{
    *dispatch = (ms_dispatch){.segment = segment, .ledger = ledger, .heap = heap, .writer = writer};
    /* The program may have begun already: from the first event that nobody has taken. */
    dispatch->spsc_position = atomic_load(&segment->spsc->tail);
    dispatch->mpsc_position = atomic_load(&segment->mpsc->tail);
    if (keep_events)
        dispatch->kept = ms_memory_get(MS_EVENTS_A_FRAME * sizeof *dispatch->kept);
    return keep_events && dispatch->kept == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_dispatch_close(ms_dispatch *dispatch)
{
    ms_memory_give(dispatch->kept);
    memset(dispatch, 0, sizeof *dispatch);
}

/* ---- events ---------------------------------------------------------------------------------- */

void
ms_dispatch_flush(ms_dispatch *dispatch)
{
    if (dispatch->kept_count == 0)
        return;
    ms_writer_stacks(dispatch->writer, ms_ledger_lines(dispatch->ledger));
    ms_writer_events(dispatch->writer, dispatch->kept, dispatch->kept_count);
    dispatch->kept_count = 0;
}

/* --events: remembers the event for the file. A reallocation becomes one entry when it has succeeded. */
static void
keep_event(ms_dispatch *dispatch, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    ms_kind kind = ms_event_kind(event);
    if (kind != MS_ALLOC && kind != MS_FREE && kind != MS_REALLOC_TO)
        return;
    ms_kept_event *kept = &dispatch->kept[dispatch->kept_count++];
    *kept = (ms_kept_event){
        .address = ms_event_address(event),
        .size_bytes = kind == MS_FREE ? 0 : size_bytes,
        .stack = kind == MS_FREE ? event->stack : ms_ledger_line_node(dispatch->ledger, event->stack),
        .kind = kind == MS_ALLOC  ? MS_KEPT_ALLOCATION
                : kind == MS_FREE ? MS_KEPT_FREE
                                  : MS_KEPT_REALLOCATION,
        .domain = (uint8_t)ms_event_domain(event),
    };
    if (kind == MS_REALLOC_TO)
        kept->old_address = ms_ledger_pending_address(dispatch->ledger, thread);
    if (dispatch->kept_count == MS_EVENTS_A_FRAME)
        ms_dispatch_flush(dispatch);
}

static void
take(ms_dispatch *dispatch, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    if (MS_UNLIKELY(dispatch->kept != NULL))
        keep_event(dispatch, event, size_bytes, thread);
    ms_ledger_take(dispatch->ledger, event, size_bytes, thread);
    dispatch->events++;
}

/* A block became two: to who reads the events, it was reallocated, and the second one allocated. */
static void
keep_split(void *context, const ms_region *first, const ms_region *second, uint32_t row)
{
    ms_dispatch *dispatch = context;
    if (dispatch->kept == NULL)
        return;
    const ms_region *pieces[] = {first, second};
    for (int i = 0; i < 2; i++) {
        dispatch->kept[dispatch->kept_count++] = (ms_kept_event){
            .address = pieces[i]->start,
            .size_bytes = pieces[i]->end - pieces[i]->start,
            .stack = ms_ledger_rows(dispatch->ledger).row[row].stack,
            .kind = i == 0 ? MS_KEPT_REALLOCATION : MS_KEPT_ALLOCATION,
            .domain = MS_MAPPED,
            .old_address = i == 0 ? first->start : 0,
        };
        if (dispatch->kept_count == MS_EVENTS_A_FRAME)
            ms_dispatch_flush(dispatch);
    }
}

static void
take_of_block(void *context, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    take(context, event, size_bytes, thread);
}

/* An event of a range, or of a block. */
static void
take_any(ms_dispatch *dispatch, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    const ms_ranges_taker taker = {.take = take_of_block, .split = keep_split, .context = dispatch};
    if (MS_UNLIKELY(ms_ranges_takes(ms_event_kind(event))))
        ms_ranges_take(dispatch->ledger, event, size_bytes, thread, &taker);
    else
        take(dispatch, event, size_bytes, thread);
}

/* Whether an event is of the heap, not of a block. */
static bool
is_of_heap(ms_kind kind)
{
    return kind == MS_ARENA || kind == MS_ARENA_GONE || kind == MS_POOL;
}

/* Blocks fill a new arena; in one from before the recording there may never be any. What few there are is known by the
 * processor without huge pages. */
static void
take_of_heap(ms_dispatch *dispatch, const ms_event *event)
{
    ms_heap_take(dispatch->heap, event);
    uint64_t address = ms_event_address(event);
    bool grown = ms_event_kind(event) == MS_ARENA && event->stack == 0 && dispatch->heap->count > FEW_ARENAS;
    if (grown)
        ms_ledger_expect_blocks(dispatch->ledger, address, address + event->size);
}

/* The MPSC event at the current position. NULL: not yet published, and with `wait` given up on. */
static const ms_mpsc_event *
next_mpsc(ms_dispatch *dispatch, bool wait)
{
    const ms_mpsc_event *event = ms_mpscring_peek(dispatch->segment->mpsc, dispatch->mpsc_position);
    /* Another thread is between claiming and publishing: a few instructions, unless it was
     * interrupted there, or its process killed. A second: on a busy machine it may be long until its turn. */
    for (int tries = 0; event == NULL && wait && tries < 20000; tries++) {
        if (tries < 100)
            sched_yield();
        else
            ms_sleep_ns(50000);
        event = ms_mpscring_peek(dispatch->segment->mpsc, dispatch->mpsc_position);
    }
    return event;
}

static void
take_mpsc(ms_dispatch *dispatch, const ms_mpsc_event *event)
{
    if (MS_UNLIKELY(is_of_heap(ms_event_kind(&event->event))))
        take_of_heap(dispatch, &event->event);
    else
        take_any(dispatch, &event->event, event->size_bytes, event->thread);
    dispatch->mpsc_position++;
    ms_mpscring_release(dispatch->segment->mpsc, dispatch->mpsc_position);
}

/* Whether an event says all that the ledger needs of it without its thread and the upper half of its size. */
static bool
is_short(const ms_mpsc_event *event)
{
    ms_kind kind = ms_event_kind(&event->event);
    return (kind == MS_ALLOC || kind == MS_FREE) && event->size_bytes >> 32 == 0;
}

/* Takes the allocations and frees that are at hand the fast way: those before a position that need no event of the SPSC
 * ring from another on. How many; 0: the next one is to be taken alone. */
static uint32_t
take_mpsc_run(ms_dispatch *dispatch, uint64_t before, uint64_t needs_before)
{
    ms_event run[MPSC_RUN];
    uint32_t count = 0;
    if (dispatch->kept != NULL || !ms_fastpath_is_open(dispatch->ledger))
        return 0;
    for (uint64_t position = dispatch->mpsc_position; count < MPSC_RUN && position < before; position++) {
        const ms_mpsc_event *event = ms_mpscring_peek(dispatch->segment->mpsc, position);
        if (event == NULL || event->after > needs_before || !is_short(event))
            break;
        run[count++] = event->event;
    }
    if (count == 0)
        return 0;
    dispatch->mpsc_position += count;
    ms_mpscring_release(dispatch->segment->mpsc, dispatch->mpsc_position);
    dispatch->events += ms_fastpath_take(dispatch->ledger, run, count);
    return count;
}

/* Takes MPSC events up to a position that the SPSC ring asks for. */
static void
take_mpsc_until(ms_dispatch *dispatch, uint64_t position)
{
    if (MS_UNLIKELY(position > dispatch->mpsc_position && position - dispatch->mpsc_position > MS_MPSC_SLOTS)) {
        dispatch->damaged = true;
        return;
    }
    while (dispatch->mpsc_position < position) {
        if (take_mpsc_run(dispatch, position, UINT64_MAX) != 0)
            continue;
        const ms_mpsc_event *event = next_mpsc(dispatch, !dispatch->program_gone);
        if (event == NULL) {
            dispatch->lost_events++;
            dispatch->mpsc_position++;
            ms_mpscring_release(dispatch->segment->mpsc, dispatch->mpsc_position);
            continue;
        }
        take_mpsc(dispatch, event);
    }
}

/* Takes the MPSC events that need no later event of the SPSC ring first. */
static void
take_mpsc_ready(ms_dispatch *dispatch)
{
    for (;;) {
        if (take_mpsc_run(dispatch, UINT64_MAX, dispatch->spsc_position) != 0)
            continue;
        const ms_mpsc_event *event = next_mpsc(dispatch, false);
        if (event == NULL || event->after > dispatch->spsc_position)
            return;
        take_mpsc(dispatch, event);
    }
}

/* Takes one event of the SPSC ring that the ledger leaves to the drain, or that is to be kept. */
static void
take_single(ms_dispatch *dispatch, const ms_event *event)
{
    ms_kind kind = ms_event_kind(event);
    if (kind == MS_SYNC) {
        take_mpsc_until(dispatch, ms_event_address(event));
    } else if (kind == MS_SAMPLING) {
        dispatch->sampling = event->stack != 0;
        ms_ledger_sample(dispatch->ledger, dispatch->sampling);
    } else if (kind == MS_SIZE_HIGH) {
        dispatch->size_high = ms_event_address(event);
    } else if (is_of_heap(kind)) {
        take_of_heap(dispatch, event);
    } else {
        take_any(dispatch, event, dispatch->size_high << 32 | event->size, 0);
        dispatch->size_high = 0;
    }
    dispatch->spsc_position++;
}

MS_HOT uint64_t
ms_dispatch_take(ms_dispatch *dispatch, uint64_t time_ns)
{
    ms_spscring *ring = dispatch->segment->spsc;
    uint64_t before = dispatch->events;
    uint64_t head = ms_spscring_available(ring);
    uint64_t slots = ms_spscring_slots(ring);
    if (MS_UNLIKELY(head - dispatch->spsc_position > slots)) {
        dispatch->damaged = true;
        head = dispatch->spsc_position;
    }
    ms_ledger_batch(dispatch->ledger, time_ns);
    while (dispatch->spsc_position < head) {
        const ms_event *event = ms_spscring_at(ring, slots, dispatch->spsc_position);
        if (MS_UNLIKELY(dispatch->kept != NULL || dispatch->size_high != 0)) {
            take_single(dispatch, event);
        } else {
            /* As far as slots lie one after another, and to where the program gets room again. */
            uint64_t run = RELEASE_EVERY - (dispatch->spsc_position & (RELEASE_EVERY - 1));
            if (run > head - dispatch->spsc_position)
                run = head - dispatch->spsc_position;
            uint32_t taken = ms_fastpath_take(dispatch->ledger, event, (uint32_t)run);
            dispatch->spsc_position += taken;
            dispatch->events += taken;
            if (taken < run)
                take_single(dispatch, event + taken);
        }
        if ((dispatch->spsc_position & (RELEASE_EVERY - 1)) == 0)
            ms_spscring_release(ring, dispatch->spsc_position);
    }
    ms_spscring_release(ring, dispatch->spsc_position);
    take_mpsc_ready(dispatch);
    return dispatch->events - before;
}

void
ms_dispatch_take_mpsc(ms_dispatch *dispatch)
{
    take_mpsc_until(dispatch, atomic_load(&dispatch->segment->mpsc->head));
}

/* ---- sections ------------------------------------------------------------------------------------ */

/* Whether an event makes the ledger know a block: an object's may be from before, and so from no allocation. */
static bool
enters_block(ms_kind kind)
{
    return kind == MS_ALLOC || kind == MS_REALLOC_TO || kind == MS_REUSE || kind == MS_OWNED;
}

/* Of a short section the blocks are those that its events, still in the rings, have named. */
static void
forget_blocks(ms_dispatch *dispatch)
{
    if (dispatch->spsc_position - dispatch->section_spsc > MS_SPSC_FIRST ||
        dispatch->mpsc_position - dispatch->section_mpsc > MS_MPSC_SLOTS) {
        ms_ledger_wipe_blocks(dispatch->ledger);
        return;
    }
    uint64_t slots = ms_spscring_slots(dispatch->segment->spsc);
    for (uint64_t position = dispatch->section_spsc; position < dispatch->spsc_position; position++) {
        const ms_event *event = ms_spscring_at(dispatch->segment->spsc, slots, position);
        if (enters_block(ms_event_kind(event)))
            ms_ledger_wipe_block(dispatch->ledger, ms_event_address(event));
    }
    for (uint64_t position = dispatch->section_mpsc; position < dispatch->mpsc_position; position++) {
        const ms_mpsc_event *event = ms_mpscring_peek(dispatch->segment->mpsc, position);
        if (event != NULL)
            ms_ledger_wipe_block(dispatch->ledger, ms_event_address(&event->event));
    }
}

void
ms_dispatch_begin_section(ms_dispatch *dispatch)
{
    forget_blocks(dispatch);
    dispatch->section_spsc = dispatch->spsc_position;
    dispatch->section_mpsc = dispatch->mpsc_position;
    dispatch->size_high = 0;
    dispatch->events = 0;
}
