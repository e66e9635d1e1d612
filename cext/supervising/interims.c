#include "supervising/interims.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drain/interim.h"
#include "shared/sampler.h"
#include "supervising/processstate.h"

#define EVERY_NS INT64_C(100000000)
#define LIMIT_NS INT64_C(300000000000) /* a gigabyte of it is written in seconds */
#define ENDED_EVERY_MS 50
#define SNAPSHOT_EVERY_NS INT64_C(5000000)

extern char **environ;

/* Waits for a child, as long as somebody wants what it makes. Its status; -1: given up, or it took too long. */
static int
wait_for(ms_watched *watched, pid_t child, int64_t until_ns)
{
    int fd = (int)syscall(SYS_pidfd_open, child, 0), status;
    bool given_up = false;
    for (;;) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            break;
        given_up = ms_over_is_set(watched->over) || ms_monotonic_ns() > until_ns;
        if (given_up) {
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        (void)poll(&polled, fd >= 0 ? 1 : 0, ENDED_EVERY_MS);
    }
    if (fd >= 0)
        close(fd);
    return given_up ? -1 : status;
}

static bool
write_copy(ms_watched *watched, int fd, ms_begun begun, int64_t until_ns, char why[MS_ANSWER_BYTES])
{
    pid_t copy = ms_interim_begin(watched->drain, fd);
    if (copy < 0) {
        (void)snprintf(why, MS_ANSWER_BYTES, "the capture cannot be begun: %s", strerror(errno));
        return false;
    }
    if (begun.call != NULL)
        begun.call(begun.with);
    int status = wait_for(watched, copy, until_ns);
    if (status == 0)
        return true;
    if (status < 0)
        (void)snprintf(why, MS_ANSWER_BYTES, "the capture was given up before it was whole");
    else if (WIFEXITED(status))
        (void)snprintf(why, MS_ANSWER_BYTES, "the capture could not be written in full: %s",
                       strerror(WEXITSTATUS(status)));
    else
        (void)snprintf(why, MS_ANSWER_BYTES, "the capture could not be written in full: signal %d", WTERMSIG(status));
    return false;
}

bool
ms_interims_write_into(ms_watched *watched, int fd, ms_begun begun, char why[MS_ANSWER_BYTES])
{
    int64_t until_ns = ms_monotonic_ns() + LIMIT_NS;
    why[0] = '\0';
    while (pthread_mutex_trylock(&watched->writing) != 0) {
        if (ms_over_wait(watched->over, EVERY_NS) || ms_monotonic_ns() > until_ns) {
            (void)snprintf(why, MS_ANSWER_BYTES, "another capture is being written");
            return false;
        }
    }
    bool written = write_copy(watched, fd, begun, until_ns, why);
    pthread_mutex_unlock(&watched->writing);
    return written;
}

/* As well as it goes: what cannot be packed is a capture all the same. */
static void
pack(ms_watched *watched, char *path)
{
    const ms_handover *handover = watched->handover;
    char *words[] = {(char *)handover->python, "-P", "-c", (char *)handover->pack, path, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    pid_t packing;
    sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&files);
    for (int fd = 0; fd < 3; fd++)
        (void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    (void)posix_spawnattr_init(&how);
    (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setsigmask(&how, &none);
    int failed = posix_spawn(&packing, handover->python, &files, &how, words, environ);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&how);
    if (failed == 0 && wait_for(watched, packing, INT64_MAX) < 0) {
        char draft[PATH_MAX + 32];
        const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
        (void)snprintf(draft, sizeof draft, "%.*s.%s.packing", (int)(name - path), path, name);
        (void)unlink(draft);
    }
}

char *
ms_interims_write(ms_watched *watched, const char *label, ms_begun begun, char why[MS_ANSWER_BYTES])
{
    char *path;
    if (asprintf(&path, "%s.%s.mscope", watched->handover->name, label) < 0)
        return NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)snprintf(why, MS_ANSWER_BYTES, "%.150s: cannot be written: %s", path, strerror(errno));
    else {
        bool written = ms_interims_write_into(watched, fd, begun, why);
        close(fd);
        if (written) {
            pack(watched, path);
            return path;
        }
        (void)unlink(path);
    }
    free(path);
    return NULL;
}

const char *
ms_interims_snapshot(ms_watched *watched, int64_t patience_ns)
{
    if (!ms_drain_ask_snapshot(watched->drain))
        return "objects are not recorded";
    int64_t until_ns = ms_monotonic_ns() + patience_ns;
    while (ms_drain_asked(watched->drain) == MS_ASKED_WAITS && ms_monotonic_ns() < until_ns) {
        if (ms_over_wait(watched->over, SNAPSHOT_EVERY_NS))
            break;
    }
    switch (ms_drain_asked(watched->drain)) {
    case MS_ASKED_LEFT_OUT:
        return "it was no safe moment, as `memscope holders` says";
    case MS_ASKED_UNANSWERED:
        return "the main thread allocated nothing for five seconds, or did not come by"
               "; ask again, and have it work meanwhile: send a service a request";
    case MS_ASKED_WAITS:
        return "the program ended, or the recorder is behind";
    default:
        return "";
    }
}

ms_counters
ms_interims_counters(ms_watched *watched)
{
    ms_counters now = ms_drain_total(watched->drain);
    if (watched->handover->numbers.sample_bytes != 0) {
        now.live_bytes /= MS_SAMPLE_UNIT;
        now.live_blocks /= MS_SAMPLE_UNIT;
    }
    return now;
}
