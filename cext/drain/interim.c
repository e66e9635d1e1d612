#include "drain/interim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

#include "drain/runsummary.h"

#define NICE 5 /* the program comes first */
#define PIECE_BYTES ((size_t)64 << 20)

/* Copies the beginning of the capture, which the drain goes on appending to. Returns an errno, or 0. */
static int
copy_beginning(const ms_descriptor *capture, int output_fd, uint64_t bytes)
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", capture->number);
    /* Opened anew: the drain's descriptor is for writing. */
    int input_fd = ms_descriptor_is_ours(capture) ? open(link, O_RDONLY | O_CLOEXEC) : -1;
    if (input_fd < 0)
        return errno != 0 ? errno : EBADF;
    off_t at = 0;
    while ((uint64_t)at < bytes) {
        uint64_t left = bytes - (uint64_t)at;
        ssize_t sent = sendfile(output_fd, input_fd, &at, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0) {
            int error = sent < 0 ? errno : EIO;
            close(input_fd);
            return error;
        }
    }
    close(input_fd);
    return 0;
}

/* In the copy. Returns an errno, or 0. */
static int
write_capture(ms_drain *drain, int output_fd, uint64_t time_ns)
{
    ms_writer *writer = &drain->writer;
    if (writer->error == 0)
        writer->error = copy_beginning(&writer->output, output_fd, writer->written_bytes);
    writer->output = ms_descriptor_of(output_fd);
    if (writer->error != 0)
        return writer->error;
    (void)ms_drain_add_sample(drain, time_ns);
    ms_drain_write_rest(drain, time_ns);
    char summary[MS_RUNSUMMARY_BYTES];
    ms_drain_summarize(drain, MS_REASON_INTERIM, summary, sizeof summary);
    ms_writer_json(writer, MS_FRAME_END, summary, strlen(summary));
    return writer->error;
}

/* The copy has one thread, no signals, and ends with whom it was copied from. */
static _Noreturn void
run_copy(ms_drain *drain, int output_fd, uint64_t time_ns, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(ESRCH);
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    _exit(write_capture(drain, output_fd, time_ns));
}

int
ms_interim_begin(ms_drain *drain, int output_fd)
{
    pid_t parent = getpid();
    if (!drain->running || drain->home != (int)parent || drain->options.pid == (int)parent || drain->options.sections) {
        errno = ENOTSUP;
        return -1;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_mutex_lock(&drain->taking);
    ms_drain_take(drain);
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t copy = fork();
    if (copy == 0)
        run_copy(drain, output_fd, time_ns, parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_mutex_unlock(&drain->taking);
    errno = error;
    return (int)copy;
}

void
ms_interim_summarize(ms_drain *drain, char *text, size_t text_bytes)
{
    pthread_mutex_lock(&drain->taking);
    ms_drain_summarize(drain, MS_REASON_INTERIM, text, text_bytes);
    pthread_mutex_unlock(&drain->taking);
}
