/* The supervisor without Python: records a program that runs already, until it is over.
 *
 * An interpreter has begun the run, and executed this in its own place: the process id, the children and the
 * descriptors are its own. Where this cannot be executed, it goes on itself (memscope/recording/supervisor.py).
 *
 *   drain   a thread that takes the events        control   a thread that answers requests
 *   relay   this thread, which passes signals on  pressure  a thread that looks at memory limits
 */
#include "shared/platform.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drain/drain.h"
#include "drain/runsummary.h"
#include "shared/memory.h"
#include "supervising/finishing.h"
#include "supervising/pressure.h"
#include "supervising/processstate.h"
#include "supervising/program.h"

typedef struct run {
    ms_handover handover;
    ms_drain drain;
    bool recording;
    ms_over over;
    ms_watched watched;
    ms_control control;
    ms_pressure pressure;
    ms_relay relay;
    ms_ended ended;
    char summary[MS_RUNSUMMARY_BYTES];
} run;

static run this;

static void
keep_to_ourselves(void)
{
    const ms_handover_numbers *numbers = &this.handover.numbers;
    const int64_t fds[] = {numbers->segment,   numbers->output,  numbers->snapshot,
                           numbers->listening, numbers->records, numbers->news};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0)
            (void)fcntl((int)fds[i], F_SETFD, FD_CLOEXEC);
    }
}

static void
start_drain(void)
{
    const ms_handover_numbers *numbers = &this.handover.numbers;
    ms_drain_options options = {
        .sample_bytes = (uint64_t)numbers->sample_bytes,
        .budget_ppm = (uint32_t)numbers->budget_ppm,
        .keep_events = numbers->keep_events != 0,
        .keep_imports = numbers->keep_imports != 0,
        .native = numbers->native != 0,
        .pid = (int)numbers->pid,
        .snapshot = numbers->snapshot >= 0 ? (int)numbers->snapshot : 0,
        .snapshot_budget_ppm = (uint32_t)numbers->snapshot_budget_ppm,
    };
    ms_status status = ms_drain_open(&this.drain, (int)numbers->segment, (int)numbers->output, this.handover.meta,
                                     (size_t)numbers->meta_bytes, &options);
    if (status == MS_OK && (status = ms_drain_start(&this.drain)) != MS_OK)
        ms_drain_abort(&this.drain);
    this.recording = status == MS_OK;
    if (!this.recording)
        (void)snprintf(this.ended.problem, sizeof this.ended.problem, "recording could not start: %s",
                       status == MS_IO ? strerror(errno) : ms_status_text(status));
    close((int)numbers->segment);
    if (numbers->snapshot >= 0)
        close((int)numbers->snapshot);
}

static void
start_watching(void)
{
    ms_over_init(&this.over);
    (void)pthread_mutex_init(&this.watched.writing, NULL);
    this.watched.drain = &this.drain;
    this.watched.handover = &this.handover;
    this.watched.over = &this.over;
    ms_control_start(&this.control, &this.watched);
    ms_pressure_start(&this.pressure, &this.watched, &this.control, &this.ended);
}

/* What stops first tells the other nothing any more. */
static void
stop_watching(void)
{
    ms_over_set(&this.over);
    ms_pressure_stop(&this.pressure);
    ms_control_stop(&this.control);
}

/* Writes what is left of the program. */
static void
finish(const ms_program_end *end)
{
    const ms_handover_numbers *numbers = &this.handover.numbers;
    ms_processsampler *process = &this.drain.process;
    double wall_s = (double)(ms_monotonic_ns() - numbers->started_ns) / 1e9;
    uint64_t peak_bytes = atomic_load_explicit(&process->peak_resident_bytes, memory_order_relaxed);
    uint64_t cpu_ns = atomic_load_explicit(&process->cpu_ns, memory_order_relaxed);
    ms_usage usage = ms_usage_of(&end->own, &end->total, peak_bytes, (uint64_t)numbers->starter_peak_bytes);
    if (atomic_load(&process->header->replaced) != 0)
        usage = ms_usage_until_replaced(usage, peak_bytes, cpu_ns);
    this.ended.waited = usage.waited;
    this.ended.nothing_ran = atomic_load(&process->header->nothing_ran) == MS_NOTHING_RAN;
    char exit_json[MS_EXIT_BYTES];
    ms_program_exit_json(end->status, &usage, wall_s, &this.ended.last, exit_json);
    ms_status status = ms_drain_finish(&this.drain, "exited", exit_json, this.summary, sizeof this.summary);
    if (status != MS_OK)
        (void)snprintf(this.ended.problem, sizeof this.ended.problem, "the capture could not be written in full: %s",
                       status == MS_IO ? strerror(errno) : "out of memory");
    ms_drain_close(&this.drain);
}

int
main(void)
{
    const ms_handover_numbers *numbers = &this.handover.numbers;
    int status;
    if (!ms_handover_take(&this.handover)) /* of another version: the program's own end is all that there is */
        ms_program_end_like(waitpid((pid_t)numbers->pid, &status, 0) > 0 ? status : 0);
    (void)prctl(PR_SET_NAME, this.handover.process);
    keep_to_ourselves();
    start_drain();
    if (this.recording)
        start_watching();
    else if (numbers->listening >= 0) {
        close((int)numbers->listening);
        (void)unlink(this.handover.socket);
    }
    this.relay.program = (pid_t)numbers->pid;
    this.relay.parent = (pid_t)numbers->parent;
    this.relay.witness =
        (ms_witnessing){.pid = (pid_t)numbers->witness, .records = (int)numbers->records, .news = (int)numbers->news};
    ms_program_end end = ms_program_wait(&this.relay);
    ms_witnessing_stop(&this.relay.witness);
    ms_relay_drop_rest();
    if (this.recording) {
        stop_watching();
        finish(&end);
    }
    close((int)numbers->output);
    this.ended.status = end.status;
    this.ended.summary = this.summary;
    ms_handover_leave((int)numbers->result, &this.ended);
    ms_finishing_run(&this.handover);
    ms_program_end_like(end.status);
}
