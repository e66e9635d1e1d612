#include "drain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"
#include "runs.h"

#define POINTS_MAX 2048u /* then every other one is dropped and the ticks get twice as long */
#define FIRST_TICK_NS UINT64_C(10000000)
#define FIRST_WINDOW_NS UINT64_C(20000000)
/* A window lasts a sixteenth of the run so far: 16 windows for each e-fold of its length. */
#define WINDOW_SHARE 16u
#define FEW_ARENAS 8u
#define LOW_ARENAS 8u     /* fewer are not worth a survey while the program runs */
#define LEAST_EVENTS 256u /* fewer between two looks at the arenas: it may be that the program was not running */
#define FALLING_BYTES 4u  /* an event: a freed block of pymalloc's has 16 to 512 */
#define SURVEY_SHARE 50u  /* of the run so far may go to surveys */
#define RELEASE_EVERY 4096u /* events; a waiting program gets room before the batch is through */

/* ---- events -------------------------------------------------------------------------------------- */

static void
flush_kept(ms_drain *drain)
{
    if (drain->kept_count == 0)
        return;
    ms_writer_stacks(&drain->writer, &drain->ledger.lines);
    ms_writer_events(&drain->writer, drain->kept, drain->kept_count);
    drain->kept_count = 0;
}

/* --events: remembers the event for the file. A reallocation becomes one entry when it has succeeded. */
static void
keep_event(ms_drain *drain, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    ms_kind kind = ms_event_kind(event);
    if (kind != MS_ALLOC && kind != MS_FREE && kind != MS_REALLOC_TO)
        return;
    ms_kept_event *kept = &drain->kept[drain->kept_count++];
    *kept = (ms_kept_event){
        .address = ms_event_address(event),
        .size_bytes = size_bytes,
        .stack = kind == MS_FREE ? event->stack
                                 : ms_linetree_of(&drain->ledger.lines, event->stack),
        .kind = kind == MS_ALLOC ? 1 : kind == MS_FREE ? 2 : 3,
        .domain = (uint8_t)ms_event_domain(event),
    };
    if (kind == MS_REALLOC_TO)
        kept->old_address = ms_ledger_pending_address(&drain->ledger, thread);
    if (drain->kept_count == MS_EVENTS_A_FRAME)
        flush_kept(drain);
}

static void
take(ms_drain *drain, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    if (MS_UNLIKELY(drain->kept != NULL))
        keep_event(drain, event, size_bytes, thread);
    ms_ledger_take(&drain->ledger, event, size_bytes, thread);
    drain->events++;
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
take_of_heap(ms_drain *drain, const ms_event *event)
{
    ms_heap_take(&drain->heap, event);
    uint64_t address = ms_event_address(event);
    bool grown = ms_event_kind(event) == MS_ARENA && drain->heap.count > FEW_ARENAS;
    if (grown && drain->options.sample_bytes == 0)
        ms_blockmap_expect(&drain->ledger.map, address, address + event->size);
}

/* The side event at the current position. NULL: not yet published, and with `wait` given up on. */
static const ms_side_event *
next_side(ms_drain *drain, bool wait)
{
    const ms_side_event *event = ms_sidering_peek(drain->segment.side, drain->side_position);
    /* Another thread is between claiming and publishing: a few instructions, unless it was
     * interrupted there, or its process killed. A second: on a busy machine it may be long until its turn. */
    for (int tries = 0; event == NULL && wait && tries < 20000; tries++) {
        if (tries < 100)
            sched_yield();
        else
            ms_sleep_ns(50000);
        event = ms_sidering_peek(drain->segment.side, drain->side_position);
    }
    return event;
}

static void
take_side(ms_drain *drain, const ms_side_event *event)
{
    if (MS_UNLIKELY(is_of_heap(ms_event_kind(&event->event))))
        take_of_heap(drain, &event->event);
    else
        take(drain, &event->event, event->size_bytes, event->thread);
    drain->side_position++;
    ms_sidering_release(drain->segment.side, drain->side_position);
}

/* Takes side events up to a position that the main ring asks for. */
static void
take_side_until(ms_drain *drain, uint64_t position)
{
    if (MS_UNLIKELY(position > drain->side_position && position - drain->side_position > MS_SIDE_SLOTS)) {
        drain->damaged = true;
        return;
    }
    while (drain->side_position < position) {
        const ms_side_event *event = next_side(drain, !drain->program_gone);
        if (event == NULL) {
            drain->lost_events++;
            drain->side_position++;
            ms_sidering_release(drain->segment.side, drain->side_position);
            continue;
        }
        take_side(drain, event);
    }
}

/* Takes the side events that need no later event of the main ring first. */
static void
take_side_ready(ms_drain *drain)
{
    for (;;) {
        const ms_side_event *event = next_side(drain, false);
        if (event == NULL || event->after > drain->main_position)
            return;
        take_side(drain, event);
    }
}

/* Takes one event of the main ring that the ledger leaves to the drain, or that is to be kept. */
static void
take_single(ms_drain *drain, const ms_event *event)
{
    ms_kind kind = ms_event_kind(event);
    if (kind == MS_SYNC) {
        take_side_until(drain, ms_event_address(event));
    } else if (kind == MS_SIZE_HIGH) {
        drain->main_high = ms_event_address(event);
    } else if (is_of_heap(kind)) {
        take_of_heap(drain, event);
    } else {
        take(drain, event, drain->main_high << 32 | event->size, 0);
        drain->main_high = 0;
    }
    drain->main_position++;
}

/* Takes everything that is in the rings now; returns the number of events. */
MS_HOT static uint64_t
take_all(ms_drain *drain)
{
    ms_ring *ring = drain->segment.ring;
    uint64_t before = drain->events;
    uint64_t head = ms_ring_available(ring);
    if (MS_UNLIKELY(head - drain->main_position > MS_RING_SLOTS)) {
        drain->damaged = true;
        head = drain->main_position;
    }
    ms_ledger_batch(&drain->ledger, ms_now_ns() - drain->started_ns);
    while (drain->main_position < head) {
        const ms_event *event = ms_ring_at(ring, drain->main_position);
        if (MS_UNLIKELY(drain->kept != NULL || drain->main_high != 0)) {
            take_single(drain, event);
        } else {
            /* As far as slots lie one after another, and to where the program gets room again. */
            uint64_t run = RELEASE_EVERY - (drain->main_position & (RELEASE_EVERY - 1));
            if (run > head - drain->main_position)
                run = head - drain->main_position;
            uint32_t taken = ms_runs_take(&drain->ledger, event, (uint32_t)run);
            drain->main_position += taken;
            drain->events += taken;
            if (taken < run)
                take_single(drain, event + taken);
        }
        if ((drain->main_position & (RELEASE_EVERY - 1)) == 0)
            ms_ring_release(ring, drain->main_position);
    }
    ms_ring_release(ring, drain->main_position);
    take_side_ready(drain);
    return drain->events - before;
}

/* Takes what a program that is paused or over has left. */
static void
take_rest(ms_drain *drain)
{
    while (take_all(drain) != 0) {
    }
    take_side_until(drain, atomic_load(&drain->segment.side->head));
}

/* ---- looking at the recorded process ------------------------------------------------------------- */

/* Copies from the recorded process's memory. False: gone, or not permitted. */
static bool
peek_program(const ms_drain *drain, uint64_t address, void *to, size_t bytes)
{
    if (address == 0)
        return false;
    struct iovec local = {.iov_base = to, .iov_len = bytes};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = bytes};
    return process_vm_readv(drain->options.pid, &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

/* Whether the collector was at work. Each look stands for the time since the one before. */
static bool
look_at_collector(ms_drain *drain)
{
    uint64_t now_ns = ms_now_ns(), since_ns = drain->looked_ns;
    drain->looked_ns = now_ns;
    /* An interpreter that ends collects everything: that is not in the recording. */
    if (atomic_load(&drain->segment.header->state) != MS_STATE_RECORDING)
        return false;
    int collecting = 0;
    uint64_t address = drain->segment.header->collecting_address;
    if (!peek_program(drain, address, &collecting, sizeof collecting))
        return false;
    drain->polls++;
    drain->polled_ns += now_ns - since_ns;
    if (collecting == 0) {
        drain->collecting_since_ns = 0;
        return false;
    }
    if (drain->collecting_since_ns == 0)
        drain->collecting_since_ns = now_ns;
    else if (now_ns - drain->collecting_since_ns > drain->longest_collecting_ns)
        drain->longest_collecting_ns = now_ns - drain->collecting_since_ns;
    drain->collecting_ns += now_ns - since_ns;
    drain->collecting_polls++;
    drain->collecting = true;
    return true;
}

static uint64_t
resident_bytes(const ms_drain *drain)
{
    char text[128];
    ssize_t count = drain->statm < 0 ? -1 : pread(drain->statm, text, sizeof text - 1, 0);
    if (count <= 0)
        return 0;
    text[count] = '\0';
    unsigned long total, resident;
    if (sscanf(text, "%lu %lu", &total, &resident) != 2)
        return 0;
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Resident memory of the recorded process that is memscope's own. */
static uint64_t
own_bytes(const ms_drain *drain)
{
    uint64_t bytes = ms_segment_touched_bytes(&drain->segment) +
                     atomic_load_explicit(&drain->segment.header->private_bytes,
                                          memory_order_relaxed);
    if (drain->options.pid == getpid())
        bytes += ms_ledger_memory_bytes(&drain->ledger) + ms_heap_bytes(&drain->heap) +
                 drain->writer.payload.capacity;
    return bytes;
}

/* ---- points and windows -------------------------------------------------------------------------- */

static void
thin_points(ms_drain *drain)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i + 1 < drain->point_count; i += 2) {
        ms_point point = drain->points[i + 1];
        if (drain->points[i].max_live_bytes > point.max_live_bytes)
            point.max_live_bytes = drain->points[i].max_live_bytes;
        point.collecting |= drain->points[i].collecting;
        drain->points[kept++] = point;
    }
    drain->point_count = kept;
    drain->tick_ns *= 2;
}

static void
add_point(ms_drain *drain, uint64_t time_ns)
{
    if (drain->point_count == POINTS_MAX)
        thin_points(drain);
    ms_ledger *ledger = &drain->ledger;
    ms_point *point = &drain->points[drain->point_count++];
    *point = (ms_point){
        .time_ns = time_ns,
        .max_live_bytes = ledger->window_max_bytes,
        .resident_bytes = resident_bytes(drain),
        .own_bytes = own_bytes(drain),
        .collecting = drain->collecting,
    };
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        point->live_bytes[domain] = ledger->domains[domain].live_bytes;
    ledger->window_max_bytes = ledger->live_bytes;
    drain->collecting = false;
}

static void
close_window(ms_drain *drain, uint64_t time_ns)
{
    ms_writer_stacks(&drain->writer, &drain->ledger.lines);
    ms_writer_rows(&drain->writer, &drain->ledger);
    ms_writer_window(&drain->writer, &drain->ledger, drain->window_start_ns, time_ns,
                     drain->window_first_event, drain->events);
    ms_ledger_next_window(&drain->ledger);
    ms_cohorts_mark(&drain->cohorts, time_ns, drain->ledger.ages.clock);
    drain->window_start_ns = time_ns;
    drain->window_first_event = drain->events;
}

static void
take_survey(ms_drain *drain, ms_survey *survey, uint64_t time_ns)
{
    uint64_t before_ns = ms_now_ns();
    survey->time_ns = time_ns;
    survey->resident_bytes = resident_bytes(drain);
    ms_survey_take(survey, &drain->ledger, &drain->heap);
    drain->survey_ns += ms_now_ns() - before_ns;
}

/* Live bytes that lie in pymalloc's arenas. All rows are gone through, a megabyte of them in 0.1 ms: for each tick
 * that is nothing, for each event it would be. */
static uint64_t
pooled_bytes(const ms_ledger *ledger)
{
    uint64_t sum = 0;
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        if (row->domain != MS_RAW && row->size_class <= MS_SMALL_CLASSES)
            sum += ms_row_live_bytes(row);
    }
    return sum;
}

/* What is left when live memory in arenas has fallen far below its peak, and again each time that it is a quarter
 * less: what then keeps arenas from being returned is what to look at. Not while it falls: what is about to go keeps
 * nothing. Large blocks do not count: there may be more of them than ever. */
static void
look_for_low(ms_drain *drain, uint64_t time_ns)
{
    /* Of a sample alone it would show arenas far too empty; at the end pymalloc's own counts make up for that. */
    if (drain->options.sample_bytes != 0)
        return;
    bool ending = drain->heap.pool_count != 0;
    if (ending || drain->heap.most < LOW_ARENAS || drain->survey_ns > time_ns / SURVEY_SHARE)
        return;
    uint64_t pooled = pooled_bytes(&drain->ledger), before = drain->pooled_bytes;
    uint64_t events = drain->events - drain->pooled_event;
    if (events < LEAST_EVENTS)
        return;
    drain->pooled_event = drain->events;
    drain->pooled_bytes = pooled;
    if (pooled > drain->pooled_peak_bytes) {
        drain->pooled_peak_bytes = pooled;
        drain->pooled_low_bytes = pooled / 2;
    }
    bool falls = pooled + FALLING_BYTES * events < before;
    if (falls || pooled > drain->pooled_low_bytes)
        return;
    drain->pooled_low_bytes = pooled / 4 * 3;
    take_survey(drain, &drain->low, time_ns);
}

static void
tick(ms_drain *drain)
{
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    if (time_ns < drain->next_tick_ns || drain->options.laps)
        return;
    add_point(drain, time_ns);
    look_for_low(drain, time_ns);
    drain->next_tick_ns = time_ns + drain->tick_ns;
    uint64_t window_ns = time_ns / WINDOW_SHARE;
    if (window_ns < FIRST_WINDOW_NS)
        window_ns = FIRST_WINDOW_NS;
    if (time_ns - drain->window_start_ns >= window_ns)
        close_window(drain, time_ns);
}

/* ---- the thread ---------------------------------------------------------------------------------- */

/* Sleeps for a while or until told to stop; false: stop. */
static bool
rest(ms_drain *drain, uint64_t duration_ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + duration_ns;
    until.tv_sec += (time_t)(ns / 1000000000u);
    until.tv_nsec = (long)(ns % 1000000000u);
    pthread_mutex_lock(&drain->mutex);
    int result = 0;
    while (!drain->stopping && result == 0)
        result = pthread_cond_timedwait(&drain->wake, &drain->mutex, &until);
    bool go_on = !drain->stopping;
    pthread_mutex_unlock(&drain->mutex);
    return go_on;
}

/* A program so busy would fill the ring within a poll, and wait. What it wrote since the poll before says how fast
 * it fills; a wake-up costs it less than a wait. */
static uint64_t
pause_until_half_full(const ms_drain *drain, uint64_t taken, uint64_t within_ns)
{
    uint64_t filled = ms_ring_available(drain->segment.ring) - drain->main_position;
    uint64_t room = filled < MS_RING_SLOTS / 2 ? MS_RING_SLOTS / 2 - filled : 0;
    uint64_t pause_ns = room * within_ns / taken;
    return pause_ns < MS_POLL_NS ? pause_ns : MS_POLL_NS;
}

static void *
run(void *context)
{
    ms_drain *drain = context;
    uint64_t pause_ns = MS_POLL_NS;
    uint64_t last_ns = ms_now_ns();
    while (rest(drain, pause_ns)) {
        uint64_t before_ns = last_ns;
        last_ns = ms_now_ns();
        pthread_mutex_lock(&drain->taking);
        uint64_t taken = take_all(drain);
        atomic_fetch_add_explicit(&drain->segment.header->heartbeat, 1, memory_order_relaxed);
        bool collecting = look_at_collector(drain);
        tick(drain);
        pthread_mutex_unlock(&drain->taking);
        /* A sampled recording cannot fill the ring in between. A long collection may be silent, but is timed by
         * counting the looks that find it. */
        bool busy = (taken != 0 && drain->options.sample_bytes == 0) || collecting;
        pause_ns = busy ? MS_POLL_NS : pause_ns * 2;
        if (pause_ns > MS_IDLE_POLL_NS)
            pause_ns = MS_IDLE_POLL_NS;
        if (drain->options.laps)
            pause_ns = MS_LAP_POLL_NS;
        if (taken > MS_RING_SLOTS / 4)
            pause_ns = pause_until_half_full(drain, taken, last_ns - before_ns);
    }
    return NULL;
}

ms_status
ms_drain_open(ms_drain *drain, int segment_fd, int output_fd, const char *meta, size_t meta_bytes,
              const ms_drain_options *options)
{
    memset(drain, 0, sizeof *drain);
    drain->options = *options;
    drain->statm = -1;
    ms_status status = ms_segment_map(segment_fd, &drain->segment);
    if (status != MS_OK)
        return status;
    drain->points = ms_memory_get(POINTS_MAX * sizeof *drain->points);
    if (options->keep_events)
        drain->kept = ms_memory_get(MS_EVENTS_A_FRAME * sizeof *drain->kept);
    status = ms_ledger_open(&drain->ledger, &drain->segment, options->sample_bytes,
                            options->keep_imports);
    if (status == MS_OK)
        status = ms_heap_open(&drain->heap);
    if (status == MS_OK)
        status = ms_writer_open(&drain->writer, output_fd, &drain->segment);
    if (status == MS_OK &&
        (drain->points == NULL || (options->keep_events && drain->kept == NULL)))
        status = MS_NO_MEMORY;
    if (status != MS_OK) {
        ms_drain_close(drain);
        return status;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&drain->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&drain->mutex, NULL);
    pthread_mutex_init(&drain->taking, NULL);
    /* The program may have begun already: from the first event that nobody has taken. */
    drain->main_position = atomic_load(&drain->segment.ring->tail);
    drain->side_position = atomic_load(&drain->segment.side->tail);
    drain->tick_ns = FIRST_TICK_NS;
    ms_writer_json(&drain->writer, MS_FRAME_META, meta, meta_bytes);
    return MS_OK;
}

ms_status
ms_drain_start(ms_drain *drain)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", drain->options.pid);
    drain->statm = open(path, O_RDONLY | O_CLOEXEC);
    drain->started_ns = drain->looked_ns = ms_now_ns();
    atomic_store(&drain->segment.header->heartbeat, 1);
    /* The program's signals are not for this thread. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&drain->thread, NULL, run, drain);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        errno = error;
        return MS_IO;
    }
    drain->running = true;
    drain->home = (int)getpid();
    return MS_OK;
}

ms_tally
ms_drain_total(ms_drain *drain)
{
    bool mine = drain->home == 0 || drain->home == (int)getpid();
    if (mine)
        pthread_mutex_lock(&drain->taking);
    else if (pthread_mutex_trylock(&drain->taking) != 0)
        return (ms_tally){0}; /* forked while events were taken: there is no thread that would finish that */
    ms_tally total = ms_ledger_total(&drain->ledger);
    pthread_mutex_unlock(&drain->taking);
    return total;
}

/* ---- the end ------------------------------------------------------------------------------------- */

static const char *const domain_names[MS_DOMAINS] = {"raw", "mem", "obj"};

static void
append(char *text, size_t text_bytes, size_t *used, const char *format, ...)
{
    if (*used >= text_bytes)
        return;
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text + *used, text_bytes - *used, format, arguments);
    va_end(arguments);
    if (count > 0)
        *used += (size_t)count;
}

static void
append_tally(char *text, size_t text_bytes, size_t *used, const ms_tally *tally)
{
    append(text, text_bytes, used,
           "\"allocations\": %" PRIu64 ", \"frees\": %" PRIu64 ", \"reallocations\": %" PRIu64
           ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRIu64
           ", \"live_blocks\": %" PRIu64 ", \"peak_bytes\": %" PRIu64,
           tally->allocations, tally->frees, tally->reallocations, tally->allocated_bytes,
           tally->live_bytes, ms_tally_live_blocks(tally), tally->peak_bytes);
}

static void
append_generations(char *text, size_t text_bytes, size_t *used, const char *name,
                   const uint64_t *values)
{
    append(text, text_bytes, used, ", \"%s\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", name,
           values[0], values[1], values[2]);
}

static void
describe_collector(const ms_drain *drain, char *text, size_t text_bytes, size_t *used)
{
    const ms_segment_header *header = drain->segment.header;
    append(text, text_bytes, used,
           ", \"polled_ns\": %" PRIu64 ", \"collecting_ns\": %" PRIu64
           ", \"longest_collecting_ns\": %" PRIu64,
           drain->polled_ns, drain->collecting_ns, drain->longest_collecting_ns);
    if (atomic_load(&header->gc_known) == 0)
        return;
    uint64_t sums[4][MS_GENERATIONS], thresholds[MS_GENERATIONS];
    for (int i = 0; i < MS_GENERATIONS; i++) {
        sums[0][i] = header->gc[i].collections;
        sums[1][i] = header->gc[i].collected;
        sums[2][i] = header->gc[i].uncollectable;
        sums[3][i] = header->gc[i].duration_ns;
        thresholds[i] = header->gc_thresholds[i];
    }
    append_generations(text, text_bytes, used, "collections", sums[0]);
    append_generations(text, text_bytes, used, "collected", sums[1]);
    append_generations(text, text_bytes, used, "uncollectable", sums[2]);
    if (header->gc_timed != 0)
        append_generations(text, text_bytes, used, "collections_ns", sums[3]);
    append_generations(text, text_bytes, used, "gc_thresholds", thresholds);
    append(text, text_bytes, used, ", \"gc_enabled\": %s", header->gc_enabled ? "true" : "false");
}

static void
describe_end(ms_drain *drain, const char *reason, char *text, size_t text_bytes)
{
    const ms_ledger *ledger = &drain->ledger;
    ms_segment_header *header = drain->segment.header;
    uint64_t dropped = atomic_load(&header->dropped_events) + drain->lost_events;
    uint64_t lost_stacks = atomic_load(&header->lost_stacks);
    uint32_t state = atomic_load(&header->state);
    if (state == MS_STATE_GAVE_UP)
        reason = "gave up";
    else if (state == MS_STATE_UNHOOKED)
        reason = "unhooked";
    bool damaged = drain->damaged || ledger->lines.damaged;
    if (damaged)
        reason = "damaged";
    bool cut_short = damaged || state == MS_STATE_GAVE_UP || state == MS_STATE_UNHOOKED;
    bool complete = !ledger->out_of_memory && !drain->heap.out_of_memory && !cut_short && dropped == 0 && lost_stacks == 0;
    size_t used = 0;
    append(text, text_bytes, &used, "{\"reason\": \"%s\", \"complete\": %s, ", reason,
           complete ? "true" : "false");
    ms_tally total = ms_ledger_total(ledger);
    append_tally(text, text_bytes, &used, &total);
    append(text, text_bytes, &used,
           ", \"peak_blocks\": %" PRIu64 ", \"peak_time_ns\": %" PRIu64 ", \"events\": %" PRIu64
           ", \"duration_ns\": %" PRIu64 ", \"domains\": {",
           ms_ledger_peak_blocks(ledger), ledger->peak_time_ns, drain->events,
           ms_now_ns() - drain->started_ns);
    for (int domain = 0; domain < MS_DOMAINS; domain++) {
        append(text, text_bytes, &used, "%s\"%s\": {", domain == 0 ? "" : ", ",
               domain_names[domain]);
        total = ms_ledger_domain(ledger, (ms_domain)domain);
        append_tally(text, text_bytes, &used, &total);
        append(text, text_bytes, &used, "}");
    }
    append(text, text_bytes, &used,
           "}, \"unknown_frees\": %" PRIu64 ", \"unknown_reallocations\": %" PRIu64
           ", \"replaced_blocks\": %" PRIu64 ", \"dropped_events\": %" PRIu64
           ", \"lost_stacks\": %" PRIu64 ", \"waits\": %" PRIu64 ", \"wait_ns\": %" PRIu64
           ", \"poll_ns\": %" PRIu64 ", \"polls\": %" PRIu64 ", \"collecting_polls\": %" PRIu64,
           ledger->unknown_frees, ledger->unknown_reallocations, ledger->replaced_blocks, dropped,
           lost_stacks, atomic_load(&header->waits), atomic_load(&header->wait_ns), MS_POLL_NS,
           drain->polls, drain->collecting_polls);
    describe_collector(drain, text, text_bytes, &used);
    append(text, text_bytes, &used,
           ", \"arenas_made\": %" PRIu64 ", \"arenas_returned\": %" PRIu64 ", \"arenas_most\": %u",
           drain->heap.made, drain->heap.returned, drain->heap.most);
    append(text, text_bytes, &used,
           ", \"segment_bytes\": %" PRIu64 ", \"program_bytes\": %" PRIu64
           ", \"ledger_bytes\": %" PRIu64 ", \"threads\": %u}",
           ms_segment_touched_bytes(&drain->segment), atomic_load(&header->private_bytes),
           ms_ledger_memory_bytes(ledger), atomic_load(&header->thread_count));
}

static void
join(ms_drain *drain)
{
    if (!drain->running || drain->home != (int)getpid())
        return;
    pthread_mutex_lock(&drain->mutex);
    drain->stopping = true;
    pthread_cond_signal(&drain->wake);
    pthread_mutex_unlock(&drain->mutex);
    pthread_join(drain->thread, NULL);
    drain->running = false;
}

static void
write_surveys(ms_drain *drain, uint64_t time_ns)
{
    if (drain->low.arena_count != 0)
        ms_survey_write(&drain->low, &drain->writer, MS_AT_LOW);
    if (drain->heap.count == 0)
        return;
    ms_survey end = {0};
    ms_heap_sort_pools(&drain->heap);
    take_survey(drain, &end, time_ns);
    ms_survey_write(&end, &drain->writer, MS_AT_END);
    ms_survey_close(&end);
}

ms_status
ms_drain_finish(ms_drain *drain, const char *reason, const char *exit_json, char *end,
                size_t end_bytes)
{
    join(drain);
    atomic_store(&drain->segment.header->abandoned, 1);
    /* Then what it had begun to write stays as it is: nothing is waited for. */
    drain->program_gone = drain->ledger.lines.impatient = exit_json != NULL;
    take_rest(drain);
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    add_point(drain, time_ns);
    flush_kept(drain);
    close_window(drain, time_ns);
    ms_writer_timeline(&drain->writer, drain->points, drain->point_count);
    ms_writer_totals(&drain->writer, &drain->ledger);
    ms_writer_growth(&drain->writer, &drain->ledger.growth);
    write_surveys(drain, time_ns);
    ms_cohorts_write(&drain->cohorts, &drain->ledger, &drain->writer);
    if (exit_json != NULL)
        ms_writer_json(&drain->writer, MS_FRAME_EXIT, exit_json, strlen(exit_json));
    describe_end(drain, reason, end, end_bytes);
    ms_writer_json(&drain->writer, MS_FRAME_END, end, strlen(end));
    errno = drain->writer.error;
    return drain->writer.error == 0 ? MS_OK : MS_IO;
}

/* ---- laps ---------------------------------------------------------------------------------------- */

/* Forgets the blocks of the lap. Of a short one they are those that its events, still in the rings, have named. */
static void
forget_blocks(ms_drain *drain)
{
    ms_blockmap *map = &drain->ledger.map;
    if (drain->main_position - drain->lap_main > MS_RING_SLOTS ||
        drain->side_position - drain->lap_side > MS_SIDE_SLOTS) {
        if (!ms_blockmap_restart(map))
            drain->ledger.out_of_memory = true;
        return;
    }
    for (uint64_t position = drain->lap_main; position < drain->main_position; position++) {
        const ms_event *event = ms_ring_at(drain->segment.ring, position);
        if (ms_event_kind(event) == MS_ALLOC || ms_event_kind(event) == MS_REALLOC_TO)
            ms_blockmap_wipe(map, ms_event_address(event));
    }
    for (uint64_t position = drain->lap_side; position < drain->side_position; position++) {
        const ms_side_event *event = ms_sidering_peek(drain->segment.side, position);
        if (event != NULL)
            ms_blockmap_wipe(map, ms_event_address(&event->event));
    }
}

void
ms_drain_begin_lap(ms_drain *drain)
{
    pthread_mutex_lock(&drain->taking);
    take_rest(drain);
    forget_blocks(drain);
    ms_ledger_restart(&drain->ledger);
    drain->lap_main = drain->main_position;
    drain->lap_side = drain->side_position;
    drain->main_high = 0;
    drain->events = drain->point_count = 0;
    drain->polls = drain->collecting_polls = 0;
    drain->polled_ns = drain->collecting_ns = drain->longest_collecting_ns = 0;
    drain->started_ns = drain->looked_ns = ms_now_ns();
    pthread_mutex_unlock(&drain->taking);
}

bool
ms_drain_end_lap(ms_drain *drain)
{
    const ms_segment_header *header = drain->segment.header;
    pthread_mutex_lock(&drain->taking);
    take_rest(drain);
    ms_ledger_settle_touched(&drain->ledger);
    bool damaged = drain->damaged || drain->ledger.lines.damaged;
    bool complete = !damaged && !drain->ledger.out_of_memory && drain->lost_events == 0 &&
                    atomic_load(&header->dropped_events) == 0 && atomic_load(&header->lost_stacks) == 0 &&
                    atomic_load(&header->state) == MS_STATE_RECORDING;
    pthread_mutex_unlock(&drain->taking);
    return complete;
}

ms_status
ms_drain_write_lap(ms_drain *drain, int output_fd, const char *meta, size_t meta_bytes)
{
    ms_writer writer;
    ms_extract lap;
    pthread_mutex_lock(&drain->taking);
    ms_status status = ms_extract_open(&lap, &drain->ledger);
    if (status == MS_OK) {
        status = ms_writer_open(&writer, output_fd, &lap.segment);
        if (status != MS_OK)
            ms_extract_close(&lap);
    }
    if (status != MS_OK) {
        pthread_mutex_unlock(&drain->taking);
        return status;
    }
    ms_ledger *ledger = &lap.ledger;
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    drain->point_count = 0;
    add_point(drain, time_ns);
    ms_writer_json(&writer, MS_FRAME_META, meta, meta_bytes);
    ms_writer_stacks(&writer, &ledger->lines);
    ms_writer_rows(&writer, ledger);
    ms_writer_window(&writer, ledger, 0, time_ns, 0, drain->events);
    ms_writer_timeline(&writer, drain->points, drain->point_count);
    ms_writer_totals(&writer, ledger);
    ms_writer_growth(&writer, &ledger->growth);
    char end[4096];
    describe_end(drain, "stopped", end, sizeof end);
    ms_writer_json(&writer, MS_FRAME_END, end, strlen(end));
    int error = writer.error;
    ms_writer_close(&writer);
    ms_extract_close(&lap);
    pthread_mutex_unlock(&drain->taking);
    errno = error;
    return error == 0 ? MS_OK : MS_IO;
}

void
ms_drain_close(ms_drain *drain)
{
    ms_ledger_close(&drain->ledger);
    ms_heap_close(&drain->heap);
    ms_cohorts_close(&drain->cohorts);
    ms_survey_close(&drain->low);
    ms_writer_close(&drain->writer);
    ms_segment_unmap(&drain->segment);
    ms_memory_give(drain->points);
    ms_memory_give(drain->kept);
    if (drain->statm >= 0)
        close(drain->statm);
    memset(drain, 0, sizeof *drain);
    drain->statm = -1;
}

void
ms_drain_abort(ms_drain *drain)
{
    join(drain);
    ms_drain_close(drain);
}
