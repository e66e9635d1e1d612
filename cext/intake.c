#include "intake.h"

#include <sched.h>
#include <string.h>

#include "memory.h"
#include "runs.h"

#define RELEASE_EVERY 4096u /* events; a waiting program gets room before the batch is through */
#define FEW_ARENAS 8u

ms_status
ms_intake_open(ms_intake *intake, const ms_segment *segment, ms_ledger *ledger, ms_heap *heap,
               ms_writer *writer, bool keep_events)
{
    *intake = (ms_intake){.segment = segment, .ledger = ledger, .heap = heap, .writer = writer};
    /* The program may have begun already: from the first event that nobody has taken. */
    intake->main_position = atomic_load(&segment->ring->tail);
    intake->side_position = atomic_load(&segment->side->tail);
    if (keep_events)
        intake->kept = ms_memory_get(MS_EVENTS_A_FRAME * sizeof *intake->kept);
    return keep_events && intake->kept == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_intake_close(ms_intake *intake)
{
    ms_memory_give(intake->kept);
    memset(intake, 0, sizeof *intake);
}

/* ---- events -------------------------------------------------------------------------------------- */

void
ms_intake_flush(ms_intake *intake)
{
    if (intake->kept_count == 0)
        return;
    ms_writer_stacks(intake->writer, &intake->ledger->lines);
    ms_writer_events(intake->writer, intake->kept, intake->kept_count);
    intake->kept_count = 0;
}

/* --events: remembers the event for the file. A reallocation becomes one entry when it has succeeded. */
static void
keep_event(ms_intake *intake, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    ms_kind kind = ms_event_kind(event);
    if (kind != MS_ALLOC && kind != MS_FREE && kind != MS_REALLOC_TO)
        return;
    ms_kept_event *kept = &intake->kept[intake->kept_count++];
    *kept = (ms_kept_event){
        .address = ms_event_address(event),
        .size_bytes = size_bytes,
        .stack = kind == MS_FREE ? event->stack
                                 : ms_linetree_of(&intake->ledger->lines, event->stack),
        .kind = kind == MS_ALLOC ? 1 : kind == MS_FREE ? 2 : 3,
        .domain = (uint8_t)ms_event_domain(event),
    };
    if (kind == MS_REALLOC_TO)
        kept->old_address = ms_ledger_pending_address(intake->ledger, thread);
    if (intake->kept_count == MS_EVENTS_A_FRAME)
        ms_intake_flush(intake);
}

static void
take(ms_intake *intake, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    if (MS_UNLIKELY(intake->kept != NULL))
        keep_event(intake, event, size_bytes, thread);
    ms_ledger_take(intake->ledger, event, size_bytes, thread);
    intake->events++;
}

/* Whether an event is of the heap, not of a block. */
static bool
is_of_heap(ms_kind kind)
{
    return kind == MS_ARENA || kind == MS_ARENA_GONE || kind == MS_POOL;
}

/* Blocks fill an arena. What few there are is known by the processor without huge pages, and of a sampled recording's
 * blocks few lie in each. */
static void
take_of_heap(ms_intake *intake, const ms_event *event)
{
    ms_heap_take(intake->heap, event);
    uint64_t address = ms_event_address(event);
    bool grown = ms_event_kind(event) == MS_ARENA && intake->heap->count > FEW_ARENAS;
    if (grown && intake->ledger->sample_bytes == 0)
        ms_blockmap_expect(&intake->ledger->map, address, address + event->size);
}

/* The side event at the current position. NULL: not yet published, and with `wait` given up on. */
static const ms_side_event *
next_side(ms_intake *intake, bool wait)
{
    const ms_side_event *event = ms_sidering_peek(intake->segment->side, intake->side_position);
    /* Another thread is between claiming and publishing: a few instructions, unless it was
     * interrupted there, or its process killed. A second: on a busy machine it may be long until its turn. */
    for (int tries = 0; event == NULL && wait && tries < 20000; tries++) {
        if (tries < 100)
            sched_yield();
        else
            ms_sleep_ns(50000);
        event = ms_sidering_peek(intake->segment->side, intake->side_position);
    }
    return event;
}

static void
take_side(ms_intake *intake, const ms_side_event *event)
{
    if (MS_UNLIKELY(is_of_heap(ms_event_kind(&event->event))))
        take_of_heap(intake, &event->event);
    else
        take(intake, &event->event, event->size_bytes, event->thread);
    intake->side_position++;
    ms_sidering_release(intake->segment->side, intake->side_position);
}

/* Takes side events up to a position that the main ring asks for. */
static void
take_side_until(ms_intake *intake, uint64_t position)
{
    if (MS_UNLIKELY(position > intake->side_position && position - intake->side_position > MS_SIDE_SLOTS)) {
        intake->damaged = true;
        return;
    }
    while (intake->side_position < position) {
        const ms_side_event *event = next_side(intake, !intake->program_gone);
        if (event == NULL) {
            intake->lost_events++;
            intake->side_position++;
            ms_sidering_release(intake->segment->side, intake->side_position);
            continue;
        }
        take_side(intake, event);
    }
}

/* Takes the side events that need no later event of the main ring first. */
static void
take_side_ready(ms_intake *intake)
{
    for (;;) {
        const ms_side_event *event = next_side(intake, false);
        if (event == NULL || event->after > intake->main_position)
            return;
        take_side(intake, event);
    }
}

/* Takes one event of the main ring that the ledger leaves to the drain, or that is to be kept. */
static void
take_single(ms_intake *intake, const ms_event *event)
{
    ms_kind kind = ms_event_kind(event);
    if (kind == MS_SYNC) {
        take_side_until(intake, ms_event_address(event));
    } else if (kind == MS_SIZE_HIGH) {
        intake->main_high = ms_event_address(event);
    } else if (is_of_heap(kind)) {
        take_of_heap(intake, event);
    } else {
        take(intake, event, intake->main_high << 32 | event->size, 0);
        intake->main_high = 0;
    }
    intake->main_position++;
}

MS_HOT uint64_t
ms_intake_take(ms_intake *intake, uint64_t time_ns)
{
    ms_ring *ring = intake->segment->ring;
    uint64_t before = intake->events;
    uint64_t head = ms_ring_available(ring);
    if (MS_UNLIKELY(head - intake->main_position > MS_RING_SLOTS)) {
        intake->damaged = true;
        head = intake->main_position;
    }
    ms_ledger_batch(intake->ledger, time_ns);
    while (intake->main_position < head) {
        const ms_event *event = ms_ring_at(ring, intake->main_position);
        if (MS_UNLIKELY(intake->kept != NULL || intake->main_high != 0)) {
            take_single(intake, event);
        } else {
            /* As far as slots lie one after another, and to where the program gets room again. */
            uint64_t run = RELEASE_EVERY - (intake->main_position & (RELEASE_EVERY - 1));
            if (run > head - intake->main_position)
                run = head - intake->main_position;
            uint32_t taken = ms_runs_take(intake->ledger, event, (uint32_t)run);
            intake->main_position += taken;
            intake->events += taken;
            if (taken < run)
                take_single(intake, event + taken);
        }
        if ((intake->main_position & (RELEASE_EVERY - 1)) == 0)
            ms_ring_release(ring, intake->main_position);
    }
    ms_ring_release(ring, intake->main_position);
    take_side_ready(intake);
    return intake->events - before;
}

void
ms_intake_take_side(ms_intake *intake)
{
    take_side_until(intake, atomic_load(&intake->segment->side->head));
}

/* ---- laps ---------------------------------------------------------------------------------------- */

/* Of a short lap the blocks are those that its events, still in the rings, have named. */
static void
forget_blocks(ms_intake *intake)
{
    ms_blockmap *map = &intake->ledger->map;
    if (intake->main_position - intake->lap_main > MS_RING_SLOTS ||
        intake->side_position - intake->lap_side > MS_SIDE_SLOTS) {
        if (!ms_blockmap_restart(map))
            intake->ledger->out_of_memory = true;
        return;
    }
    for (uint64_t position = intake->lap_main; position < intake->main_position; position++) {
        const ms_event *event = ms_ring_at(intake->segment->ring, position);
        if (ms_event_kind(event) == MS_ALLOC || ms_event_kind(event) == MS_REALLOC_TO)
            ms_blockmap_wipe(map, ms_event_address(event));
    }
    for (uint64_t position = intake->lap_side; position < intake->side_position; position++) {
        const ms_side_event *event = ms_sidering_peek(intake->segment->side, position);
        if (event != NULL)
            ms_blockmap_wipe(map, ms_event_address(&event->event));
    }
}

void
ms_intake_begin_lap(ms_intake *intake)
{
    forget_blocks(intake);
    intake->lap_main = intake->main_position;
    intake->lap_side = intake->side_position;
    intake->main_high = 0;
    intake->events = 0;
}
