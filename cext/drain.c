#include "drain.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ending.h"
#include "memory.h"
#include "totals.h"

#define POINTS_MAX 2048u /* then every other one is dropped and the ticks get twice as long */
#define FIRST_TICK_NS UINT64_C(10000000)
#define FIRST_WINDOW_NS UINT64_C(20000000)
/* A window lasts a sixteenth of the run so far: 16 windows for each e-fold of its length. */
#define WINDOW_SHARE 16u
#define LOW_ARENAS 8u     /* fewer are not worth a survey while the program runs */
#define LEAST_EVENTS 256u /* fewer between two looks at the arenas: it may be that the program was not running */
#define FALLING_BYTES 4u  /* an event: a freed block of pymalloc's has 16 to 512 */
#define SURVEY_SHARE 50u  /* of the run so far may go to surveys */

/* ---- events -------------------------------------------------------------------------------------- */

static uint64_t
take_all(ms_drain *drain)
{
    return ms_intake_take(&drain->intake, ms_now_ns() - drain->started_ns);
}

/* Takes what a program that is paused or over has left. */
static void
take_rest(ms_drain *drain)
{
    while (take_all(drain) != 0) {
    }
    ms_intake_take_side(&drain->intake);
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
        .max_live_bytes = ledger->live.most_bytes,
        .resident_bytes = ms_watch_resident_bytes(&drain->watch),
        .own_bytes = own_bytes(drain),
        .collecting = drain->watch.collecting,
    };
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        point->live_bytes[domain] = ms_level_bytes(&ledger->domains[domain].live);
    ledger->live = (ms_level){.most_bytes = ms_level_bytes(&ledger->live)};
    drain->watch.collecting = false;
}

static void
close_window(ms_drain *drain, uint64_t time_ns)
{
    ms_writer_stacks(&drain->writer, &drain->ledger.lines);
    ms_writer_rows(&drain->writer, &drain->ledger);
    ms_writer_window(&drain->writer, &drain->ledger, drain->window_start_ns, time_ns,
                     drain->window_first_event, drain->intake.events);
    ms_ledger_next_window(&drain->ledger);
    ms_cohorts_mark(&drain->cohorts, time_ns, drain->ledger.ages.clock);
    drain->window_start_ns = time_ns;
    drain->window_first_event = drain->intake.events;
}

static void
take_survey(ms_drain *drain, ms_survey *survey, uint64_t time_ns)
{
    uint64_t before_ns = ms_now_ns();
    survey->time_ns = time_ns;
    survey->resident_bytes = ms_watch_resident_bytes(&drain->watch);
    ms_survey_take(survey, &drain->ledger, &drain->heap);
    drain->survey_ns += ms_now_ns() - before_ns;
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
    uint64_t events = drain->intake.events - drain->pooled_event;
    if (events < LEAST_EVENTS)
        return;
    uint64_t pooled = ms_ledger_pooled_bytes(&drain->ledger), before = drain->pooled_bytes;
    drain->pooled_event = drain->intake.events;
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
    uint64_t filled = ms_ring_available(drain->segment.ring) - drain->intake.main_position;
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
        bool collecting = ms_watch_collector(&drain->watch);
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
    ms_status status = ms_segment_map(segment_fd, &drain->segment);
    ms_watch_init(&drain->watch, drain->segment.header, options->pid);
    if (status != MS_OK)
        return status;
    drain->points = ms_memory_get(POINTS_MAX * sizeof *drain->points);
    status = ms_ledger_open(&drain->ledger, &drain->segment, options->sample_bytes,
                            options->keep_imports);
    if (status == MS_OK)
        status = ms_heap_open(&drain->heap);
    if (status == MS_OK)
        status = ms_writer_open(&drain->writer, output_fd, &drain->segment);
    if (status == MS_OK)
        status = ms_intake_open(&drain->intake, &drain->segment, &drain->ledger, &drain->heap, &drain->writer,
                                options->keep_events);
    if (status == MS_OK && drain->points == NULL)
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
    drain->tick_ns = FIRST_TICK_NS;
    ms_writer_json(&drain->writer, MS_FRAME_META, meta, meta_bytes);
    return MS_OK;
}

ms_status
ms_drain_start(ms_drain *drain)
{
    ms_watch_start(&drain->watch);
    drain->started_ns = drain->watch.looked_ns;
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

static void
describe_end(const ms_drain *drain, const char *reason, char *text, size_t text_bytes)
{
    ms_ending ending = {
        .reason = reason,
        .segment = &drain->segment,
        .ledger = &drain->ledger,
        .heap = &drain->heap,
        .intake = &drain->intake,
        .watch = &drain->watch,
        .poll_ns = MS_POLL_NS,
        .duration_ns = ms_now_ns() - drain->started_ns,
    };
    ms_ending_describe(&ending, text, text_bytes);
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
    drain->intake.program_gone = drain->ledger.lines.impatient = exit_json != NULL;
    take_rest(drain);
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    add_point(drain, time_ns);
    ms_intake_flush(&drain->intake);
    close_window(drain, time_ns);
    ms_writer_timeline(&drain->writer, drain->points, drain->point_count);
    ms_totals_write(&drain->ledger, &drain->writer);
    ms_totals_write_growth(&drain->ledger.growth, &drain->writer);
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

void
ms_drain_begin_lap(ms_drain *drain)
{
    pthread_mutex_lock(&drain->taking);
    take_rest(drain);
    ms_intake_begin_lap(&drain->intake);
    ms_ledger_restart(&drain->ledger);
    drain->point_count = 0;
    ms_watch_restart(&drain->watch);
    drain->started_ns = drain->watch.looked_ns;
    pthread_mutex_unlock(&drain->taking);
}

bool
ms_drain_end_lap(ms_drain *drain)
{
    const ms_segment_header *header = drain->segment.header;
    pthread_mutex_lock(&drain->taking);
    take_rest(drain);
    ms_ledger_settle_touched(&drain->ledger);
    bool damaged = drain->intake.damaged || drain->ledger.lines.damaged;
    bool complete = !damaged && !drain->ledger.out_of_memory && drain->intake.lost_events == 0 &&
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
    ms_writer_window(&writer, ledger, 0, time_ns, 0, drain->intake.events);
    ms_writer_timeline(&writer, drain->points, drain->point_count);
    ms_totals_write(ledger, &writer);
    ms_totals_write_growth(&ledger->growth, &writer);
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
    ms_intake_close(&drain->intake);
    ms_watch_close(&drain->watch);
    ms_ledger_close(&drain->ledger);
    ms_heap_close(&drain->heap);
    ms_cohorts_close(&drain->cohorts);
    ms_survey_close(&drain->low);
    ms_writer_close(&drain->writer);
    ms_segment_unmap(&drain->segment);
    ms_memory_give(drain->points);
    memset(drain, 0, sizeof *drain);
    drain->watch.statm = -1;
}

void
ms_drain_abort(ms_drain *drain)
{
    join(drain);
    ms_drain_close(drain);
}
