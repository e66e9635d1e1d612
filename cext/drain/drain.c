#include "drain/drain.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/totals.h"
#include "drain/runsummary.h"
#include "ledger/spilling.h"
#include "shared/snapshotmemory.h"

#define STACK_BYTES ((size_t)256 << 10)
#define LET_GO_NODES (1u << 17) /* 2 MiB */
#define SPILL_BYTES (UINT64_C(4) << 20)
#define MOVING_BYTES (UINT64_C(4) << 20) /* by reallocations; then a look waits */

/* ---- events ---------------------------------------------------------------------------------- */

static uint64_t
take_all(ms_drain *drain)
{
    return ms_dispatch_take(&drain->dispatch, ms_now_ns() - drain->started_ns);
}

void
ms_drain_take(ms_drain *drain)
{
    (void)take_all(drain);
}

void
ms_drain_take_rest(ms_drain *drain)
{
    while (take_all(drain) != 0) {
    }
    ms_dispatch_take_mpsc(&drain->dispatch);
}

/* ---- samples and windows ---------------------------------------------------------------------- */

/* Looks at what resident memory is made of. To be followed by a new window: it ends at what was live then. */
static void
look_at_mappings(ms_drain *drain, uint64_t time_ns, uint64_t resident_bytes, bool final)
{
    ms_look look = {
        .time_ns = time_ns,
        .final = final,
        .resident_bytes = resident_bytes,
        .snapshot_bytes = ms_ownmemory_snapshot_bytes(&drain->own),
        .live_bytes = ms_ledger_live_bytes(drain->ledger),
        .own_bytes = ms_ownmemory_anonymous_bytes(&drain->own),
        .pooled_bytes = ms_ledger_pooled_bytes(drain->ledger),
    };
    look.arena_bytes = ms_heap_recorded_bytes(&drain->heap);
    ms_mappings_look(&drain->process.mappings, &look, drain->ledger, &drain->heap);
}

uint64_t
ms_drain_add_sample(ms_drain *drain, uint64_t time_ns)
{
    ms_ledger *ledger = drain->ledger;
    ms_timeline_sample sample = {
        .time_ns = time_ns,
        .max_live_bytes = ms_ledger_take_most_bytes(ledger),
        .resident_bytes = ms_processsampler_resident_bytes(&drain->process),
        .own_bytes = ms_ownmemory_bytes(&drain->own),
        .collecting = drain->process.collecting,
    };
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        sample.live_bytes[domain] = ms_ledger_domain_live_bytes(ledger, (ms_domain)domain);
    drain->process.collecting = false;
    ms_timeline_add(&drain->timeline, &sample);
    return sample.resident_bytes;
}

/* Whoever names rows or stacks learns their new ids. Kept events name stacks, so they are written before. */
static void
fold(ms_drain *drain)
{
    ms_folding folding;
    ms_dispatch_flush(&drain->dispatch);
    if (!ms_folding_open(&folding, drain->ledger))
        return;
    ms_writer_renumber(&drain->writer, &folding);
    ms_survey_renumber(&drain->surveys.low, folding.row_to);
    ms_valuelook_renumber(&drain->values, folding.row_to);
    ms_mappings_renumber(&drain->process.mappings, folding.row_to);
    ms_folding_close(&folding);
}

static void
next_window(ms_drain *drain, uint64_t time_ns)
{
    if (ms_folding_is_due(drain->ledger))
        fold(drain);
    ms_windows_next(&drain->windows, drain->ledger, &drain->writer, time_ns, drain->dispatch.events);
}

/* Rows of which nothing is live leave the ledger. All windows that tell of them are written. */
static void
spill(ms_drain *drain)
{
    ms_folding spilling;
    ms_dispatch_flush(&drain->dispatch);
    if (!ms_spilling_open(&spilling, drain->ledger))
        return;
    ms_survey_keep(&drain->surveys.low, spilling.row_to);
    ms_valuelook_keep(&drain->values, spilling.row_to);
    ms_mappings_keep(&drain->process.mappings, spilling.row_to);
    if (ms_totals_spill(drain->ledger, &drain->writer, spilling.row_to)) {
        ms_spilling_apply(&spilling, drain->ledger);
        ms_writer_renumber(&drain->writer, &spilling);
        ms_survey_renumber(&drain->surveys.low, spilling.row_to);
        ms_valuelook_renumber(&drain->values, spilling.row_to);
        ms_mappings_renumber(&drain->process.mappings, spilling.row_to);
    } else {
        ms_spilling_set_room(drain->ledger, 0);
    }
    ms_folding_close(&spilling);
}

/* What the ledger has taken in of the program's nodes is seldom read again. Another process need not hold it, too. */
static void
let_go_of_nodes(ms_drain *drain)
{
    uint32_t known = ms_ledger_lines(drain->ledger)->known;
    if (drain->options.pid == (int)getpid() || known - drain->nodes_let_go < LET_GO_NODES)
        return;
    ms_segment_let_go_of_nodes(&drain->segment, known);
    drain->nodes_let_go = known;
}

/* While a large block is copied its new place fills with pages that nobody has told of. */
static bool
much_is_moving(const ms_drain *drain)
{
    return ms_ledger_moving_bytes(drain->ledger) >= MOVING_BYTES;
}

static void
tick(ms_drain *drain)
{
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    if (drain->options.sections)
        return;
    if (ms_spilling_is_due(drain->ledger)) {
        next_window(drain, time_ns);
        spill(drain);
    }
    if (ms_folding_is_due(drain->ledger))
        next_window(drain, time_ns);
    if (time_ns < drain->next_tick_ns)
        return;
    let_go_of_nodes(drain);
    uint64_t resident_bytes = ms_drain_add_sample(drain, time_ns);
    /* While a snapshot is taken the program stands still, and what is memscope's grows faster than a look is taken. */
    uint64_t snapshot_bytes = ms_ownmemory_snapshot_bytes(&drain->own);
    bool window_ends = ms_windows_due(&drain->windows, time_ns);
    bool look = !ms_ownmemory_is_in_snapshot(&drain->own) && !much_is_moving(drain) &&
                ms_mappings_wanted(&drain->process.mappings, time_ns, ms_bytes_without(resident_bytes, snapshot_bytes),
                                   window_ends);
    if (look)
        look_at_mappings(drain, time_ns, resident_bytes, false);
    if (drain->options.sample_bytes == 0)
        ms_surveypolicy_look(&drain->surveys, time_ns, drain->dispatch.events);
    drain->next_tick_ns = time_ns + drain->timeline.tick_ns;
    if (look || window_ends)
        next_window(drain, time_ns);
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static void
write_joined(ms_drain *drain, ms_joined *joined, uint64_t time_ns)
{
    ms_snapshot_write(joined, &drain->writer, NULL, time_ns);
    ms_joined_close(joined);
}

/* Of a program that waits for questions, or is over. False: there is none. */
static bool
write_last_snapshot(ms_drain *drain, uint64_t time_ns)
{
    ms_joined joined;
    if (drain->snapshot.header == NULL || ms_snapshot_now(drain->snapshot.header) != MS_SNAPSHOT_READY)
        return false;
    ms_snapshot_join(&joined, &drain->snapshot, drain->ledger);
    write_joined(drain, &joined, time_ns);
    return true;
}

/* The file is the program's again. */
static void
give_back(ms_drain *drain)
{
    ms_snapshot_empty(&drain->snapshot);
    ms_snapshotmemory_emptied(drain->segment.header, (uint32_t)drain->options.pid);
    atomic_store(&drain->snapshot.header->state, MS_SNAPSHOT_NONE);
}

/* Takes over a snapshot that the program has taken in the midst of its run, and for which it waits. That of the end is
 * written when all questions are answered, that of a section with the section. */
static void
take_over_snapshot(ms_drain *drain)
{
    ms_snapshot_header *header = drain->snapshot.header;
    if (header == NULL || ms_snapshot_now(header) != MS_SNAPSHOT_READY || header->moment == MS_MOMENT_END ||
        !ms_snapshot_change(header, MS_SNAPSHOT_READY, MS_SNAPSHOT_READING))
        return;
    ms_drain_take_rest(drain);
    if (drain->options.sections) {
        ms_snapshot_join(&drain->kept, &drain->snapshot, drain->ledger);
        return;
    }
    ms_joined joined;
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    next_window(drain, time_ns);
    ms_snapshot_join(&joined, &drain->snapshot, drain->ledger);
    bool at_peak = joined.said.moment == MS_MOMENT_PEAK;
    if (at_peak && drain->peaks.for_asked) /* the program knows of wishes alone */
        joined.said.moment = MS_MOMENT_ASKED;
    bool taken = ms_joined_is_taken(&joined);
    uint64_t pause_ns = joined.pause_ns;
    write_joined(drain, &joined, time_ns);
    give_back(drain);
    ms_snapshotpolicy_note(&drain->peaks, at_peak, taken, pause_ns);
}

void
ms_drain_drop_snapshot(ms_drain *drain)
{
    if (drain->kept.snapshot == NULL)
        return;
    ms_joined_close(&drain->kept);
    give_back(drain);
}

bool
ms_drain_ask_snapshot(ms_drain *drain)
{
    pthread_mutex_lock(&drain->taking);
    bool takes = drain->snapshot.header != NULL && !drain->options.sections;
    if (takes)
        ms_snapshotpolicy_ask(&drain->peaks);
    pthread_mutex_unlock(&drain->taking);
    return takes;
}

void
ms_drain_room_for_snapshots(ms_drain *drain, uint64_t bytes)
{
    atomic_store(&drain->peaks.memory_bytes, bytes);
}

ms_asked_state
ms_drain_asked(const ms_drain *drain)
{
    return (ms_asked_state)atomic_load(&drain->peaks.asked);
}

ms_status
ms_drain_snapshot_from(ms_drain *drain, int fd)
{
    pthread_mutex_lock(&drain->taking);
    ms_status status = drain->snapshot.header == NULL ? ms_snapshot_map(fd, &drain->snapshot) : MS_BUSY;
    pthread_mutex_unlock(&drain->taking);
    return status;
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool
is_stopping(void *context)
{
    ms_drain *drain = context;
    pthread_mutex_lock(&drain->mutex);
    bool stopping = drain->stopping;
    pthread_mutex_unlock(&drain->mutex);
    return stopping;
}

/* When the program waits for questions, it has sent all events that come before them. What the answers move from row to
 * row has a window of its own, without events: nothing of it is what the program did then. */
static void
ask_if_wanted(ms_drain *drain)
{
    if (!ms_asking_is_wanted(&drain->asking))
        return;
    ms_drain_take_rest(drain);
    if (ms_valuelook_is_wanted(&drain->values)) {
        ms_valuelook_ask(&drain->values, ms_now_ns() - drain->started_ns);
        return;
    }
    next_window(drain, ms_now_ns() - drain->started_ns);
    ms_asking_ask(&drain->asking, drain->ledger, drain->started_ns);
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    uint64_t resident_bytes = ms_processsampler_resident_bytes(&drain->process);
    if (ms_mappings_wanted_at_end(&drain->process.mappings, time_ns, resident_bytes))
        look_at_mappings(drain, time_ns, resident_bytes, true);
    ms_asking_let_go(&drain->asking);
    next_window(drain, time_ns);
    if (write_last_snapshot(drain, time_ns))
        ms_snapshot_unmap(&drain->snapshot);
}

/* ---- the thread ------------------------------------------------------------------------------ */

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
    uint64_t filled = ms_spscring_available(drain->segment.spsc) - drain->dispatch.spsc_position;
    uint64_t half = ms_spscring_slots(drain->segment.spsc) / 2;
    uint64_t room = filled < half ? half - filled : 0;
    uint64_t pause_ns = room * within_ns / taken;
    return pause_ns < MS_POLL_NS ? pause_ns : MS_POLL_NS;
}

static void *
run(void *context)
{
    ms_drain *drain = context;
    if (drain->options.thread_begins != NULL)
        drain->options.thread_begins();
    atomic_store(&drain->segment.header->drain_pid, (uint32_t)getpid());
    atomic_store(&drain->segment.header->drain_thread, (uint32_t)syscall(SYS_gettid));
    uint64_t pause_ns = MS_POLL_NS;
    uint64_t last_ns = ms_now_ns();
    while (rest(drain, pause_ns)) {
        uint64_t before_ns = last_ns;
        last_ns = ms_now_ns();
        pthread_mutex_lock(&drain->taking);
        uint64_t taken = take_all(drain);
        atomic_fetch_add_explicit(&drain->segment.header->heartbeat, 1, memory_order_relaxed);
        bool collecting = ms_processsampler_collector(&drain->process);
        /* What the program still has is soon gone when it ends. */
        bool stopped = atomic_load(&drain->segment.header->state) != MS_STATE_RECORDING;
        ms_processsampler_measure(&drain->process, last_ns, stopped && !drain->seen_stopped);
        drain->seen_stopped = stopped;
        ms_children_look(&drain->children, last_ns);
        ms_budget_look_at(&drain->budget, drain->ledger, drain->dispatch.sampling, last_ns - drain->started_ns);
        tick(drain);
        take_over_snapshot(drain);
        if (drain->snapshot.header != NULL)
            ms_snapshotpolicy_look(&drain->peaks, drain->snapshot.header, last_ns - drain->started_ns);
        ms_valuelook_look(&drain->values, last_ns - drain->started_ns);
        ask_if_wanted(drain);
        pthread_mutex_unlock(&drain->taking);
        /* A sampled recording cannot fill the ring in between. A long collection may be silent, but is timed by
         * counting the looks that find it. */
        bool exact = drain->options.sample_bytes == 0 || (drain->options.budget_ppm != 0 && !drain->dispatch.sampling);
        bool busy = (taken != 0 && exact) || collecting;
        pause_ns = busy ? MS_POLL_NS : pause_ns * 2;
        if (pause_ns > MS_IDLE_POLL_NS)
            pause_ns = MS_IDLE_POLL_NS;
        /* The program will wait for what it takes down just now. */
        if (drain->options.sections || ms_ownmemory_is_in_snapshot(&drain->own) || ms_valuelook_expects(&drain->values))
            pause_ns = MS_SECTION_POLL_NS;
        if (taken > ms_spscring_slots(drain->segment.spsc) / 4)
            pause_ns = pause_until_half_full(drain, taken, last_ns - before_ns);
    }
    return NULL;
}

/* In the program's own process there would be one more file of ours. */
static uint64_t
spill_bytes(const ms_drain_options *options)
{
    if (options->spill_bytes != 0 || options->table_bytes != 0 || options->sections)
        return options->spill_bytes;
    return options->pid == (int)getpid() ? 0 : SPILL_BYTES;
}

/* In the program's own process, and of a sample, nothing is asked while it runs. */
static bool
looks_at_values(const ms_drain_options *options)
{
    return options->pid != (int)getpid() && options->sample_bytes == 0 && options->budget_ppm == 0 &&
           !options->sections;
}

ms_status
ms_drain_open(ms_drain *drain, int segment_fd, int output_fd, const char *meta, size_t meta_bytes,
              const ms_drain_options *options)
{
    memset(drain, 0, sizeof *drain);
    drain->options = *options;
    ms_status status = ms_segment_map(segment_fd, &drain->segment);
    ms_processsampler_init(&drain->process, drain->segment.header, options->pid);
    ms_children_init(&drain->children, drain->segment.header);
    if (status == MS_OK && options->snapshot > 0)
        status = ms_snapshot_map(options->snapshot, &drain->snapshot);
    if (status != MS_OK)
        return status;
    ms_asking_init(&drain->asking, &drain->segment, !options->sections);
    drain->asking.is_over = is_stopping;
    drain->asking.context = drain;
    ms_ownmemory_init(&drain->own, &drain->segment, options->pid);
    status = ms_timeline_open(&drain->timeline);
    drain->ledger = ms_ledger_create(&drain->segment, options->sample_bytes, options->keep_imports);
    ms_budget_init(&drain->budget, drain->segment.header, options->budget_ppm, options->pid);
    if (drain->ledger != NULL && options->budget_ppm != 0)
        ms_ledger_set_budgeted(drain->ledger);
    ms_snapshotpolicy_init(&drain->peaks, drain->ledger, options->snapshot > 0 ? options->snapshot_budget_ppm : 0);
    ms_surveypolicy_init(&drain->surveys, drain->ledger, &drain->heap, &drain->process);
    ms_valuelook_init(&drain->values, drain->ledger, &drain->asking, looks_at_values(options));
    if (drain->ledger == NULL)
        status = MS_NO_MEMORY;
    else if (options->table_bytes != 0)
        ms_folding_set_room(drain->ledger, options->table_bytes);
    if (drain->ledger != NULL)
        ms_spilling_set_room(drain->ledger, spill_bytes(options));
    if (status == MS_OK)
        status = ms_writer_open(&drain->writer, output_fd, &drain->segment);
    drain->writer.domains = ms_domains_told(options->native);
    if (status == MS_OK)
        status = ms_dispatch_open(&drain->dispatch, &drain->segment, drain->ledger, &drain->heap, &drain->writer,
                                  options->keep_events);
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
    ms_writer_json(&drain->writer, MS_FRAME_META, meta, meta_bytes);
    return MS_OK;
}

/* With a small stack, if libc does not need more for itself: the usual 8 MiB count against the program's limits of
 * address space, and are memory where it locks all. Its error, or 0. */
static int
create_thread(ms_drain *drain)
{
    pthread_attr_t small;
    int error = pthread_attr_init(&small);
    if (error == 0) {
        error = pthread_attr_setstacksize(&small, STACK_BYTES);
        if (error == 0)
            error = pthread_create(&drain->thread, &small, run, drain);
        pthread_attr_destroy(&small);
    }
    return error == EINVAL ? pthread_create(&drain->thread, NULL, run, drain) : error;
}

ms_status
ms_drain_start(ms_drain *drain)
{
    ms_processsampler_start(&drain->process);
    drain->started_ns = drain->process.looked_ns;
    atomic_store(&drain->segment.header->heartbeat, 1);
    /* The program's signals are not for this thread. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = create_thread(drain);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        errno = error;
        return MS_IO;
    }
    drain->running = true;
    drain->home = (int)getpid();
    return MS_OK;
}

ms_counters
ms_drain_total(ms_drain *drain)
{
    bool mine = drain->home == 0 || drain->home == (int)getpid();
    if (mine)
        pthread_mutex_lock(&drain->taking);
    else if (pthread_mutex_trylock(&drain->taking) != 0)
        return (ms_counters){0}; /* forked while events were taken: there is no thread that would finish that */
    ms_counters total = ms_ledger_total(drain->ledger);
    pthread_mutex_unlock(&drain->taking);
    return total;
}

/* ---- the end --------------------------------------------------------------------------------- */

void
ms_drain_summarize(const ms_drain *drain, const char *reason, char *text, size_t text_bytes)
{
    ms_runsummary summary = {
        .reason = reason,
        .segment = &drain->segment,
        .ledger = drain->ledger,
        .heap = &drain->heap,
        .dispatch = &drain->dispatch,
        .process = &drain->process,
        .children = &drain->children,
        .asking = &drain->asking,
        .peaks = &drain->peaks,
        .budget = &drain->budget,
        .domains = ms_domains_told(drain->options.native),
        .poll_ns = MS_POLL_NS,
        .started_ns = drain->started_ns,
        .duration_ns = ms_now_ns() - drain->started_ns,
    };
    ms_runsummary_describe(&summary, text, text_bytes);
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
write_looks(ms_writer *writer, const ms_mappings *mappings)
{
    if (mappings->last.resident_bytes == 0)
        return;
    ms_buffer json = {0};
    ms_mappings_describe(mappings, &writer->row_numbers, &json);
    if (!json.failed)
        ms_writer_json(writer, MS_FRAME_RESIDENT, json.bytes, json.used);
    ms_buffer_close(&json);
}

void
ms_drain_write_rest(ms_drain *drain, uint64_t time_ns)
{
    ms_dispatch_flush(&drain->dispatch);
    next_window(drain, time_ns);
    ms_writer_timeline(&drain->writer, drain->timeline.samples, drain->timeline.count);
    ms_totals_write(drain->ledger, &drain->writer, ms_asking_doubts(&drain->asking, drain->options.sample_bytes != 0));
    ms_totals_write_growth(drain->ledger, &drain->writer);
    ms_surveypolicy_write(&drain->surveys, &drain->writer, time_ns);
    ms_valuelook_write(&drain->values, &drain->writer);
    ms_cohorts_write(&drain->windows.cohorts, drain->ledger, &drain->writer);
    write_looks(&drain->writer, &drain->process.mappings);
}

ms_status
ms_drain_finish(ms_drain *drain, const char *reason, const char *exit_json, char *summary, size_t summary_bytes)
{
    join(drain);
    ms_children_look_at_all(&drain->children);
    atomic_store(&drain->segment.header->abandoned, 1);
    drain->dispatch.program_gone = exit_json != NULL;
    ms_ledger_set_program_gone(drain->ledger, exit_json != NULL);
    ms_drain_take_rest(drain);
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    ms_budget_note(&drain->budget, drain->dispatch.sampling, time_ns);
    uint64_t resident_bytes = ms_drain_add_sample(drain, time_ns);
    if (resident_bytes != 0 && !drain->process.mappings.last.final) /* it is not over yet */
        look_at_mappings(drain, time_ns, resident_bytes, true);
    ms_drain_write_rest(drain, time_ns);
    ms_snapshotpolicy_end(&drain->peaks);
    (void)write_last_snapshot(drain, time_ns);
    /* Again: what ends together with the program is over by now. */
    ms_children_look_at_all(&drain->children);
    if (exit_json != NULL)
        ms_writer_json(&drain->writer, MS_FRAME_EXIT, exit_json, strlen(exit_json));
    ms_drain_summarize(drain, reason, summary, summary_bytes);
    ms_writer_json(&drain->writer, MS_FRAME_END, summary, strlen(summary));
    if (exit_json != NULL || atomic_load(&drain->segment.header->state) != MS_STATE_RECORDING)
        ms_segment_empty(&drain->segment);
    errno = drain->writer.error;
    return drain->writer.error == 0 ? MS_OK : MS_IO;
}

void
ms_drain_close(ms_drain *drain)
{
    ms_dispatch_close(&drain->dispatch);
    ms_processsampler_close(&drain->process);
    ms_ledger_destroy(drain->ledger);
    ms_heap_close(&drain->heap);
    ms_windows_close(&drain->windows);
    ms_surveypolicy_close(&drain->surveys);
    ms_valuelook_close(&drain->values);
    ms_writer_close(&drain->writer);
    ms_joined_close(&drain->kept);
    ms_snapshot_unmap(&drain->snapshot);
    ms_segment_unmap(&drain->segment);
    ms_timeline_close(&drain->timeline);
    memset(drain, 0, sizeof *drain);
    drain->process.statm.number = -1;
}

void
ms_drain_abort(ms_drain *drain)
{
    join(drain);
    ms_drain_close(drain);
}
