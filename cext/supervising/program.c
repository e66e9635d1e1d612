#include "supervising/program.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether the parent is a shell that watches its jobs: it gave this process a group of its own. Anybody else who has
 * the program stopped will have it continued, and nobody this process. */
static bool
has_job_control(void)
{
    pid_t parent = getppid(), session = getsid(parent), group = getpgid(parent);
    return session >= 0 && group >= 0 && session == getsid(0) && group != getpgid(0);
}

/* What has become of the program, in one of these ways; false: nothing. */
static bool
has_changed(pid_t program, int ways, siginfo_t *info)
{
    info->si_pid = 0;
    return waitid(P_PID, (id_t)program, info, ways | WNOHANG) != 0 || info->si_pid != 0;
}

ms_program_end
ms_program_wait(ms_relay *relay)
{
    siginfo_t info;
    while (!has_changed(relay->program, WEXITED | WNOWAIT, &info)) {
        if (!has_changed(relay->program, WSTOPPED, &info))
            ms_relay_step(relay);
        else if (has_job_control())
            ms_relay_stop_like_program(relay, info.si_status);
    }
    ms_program_end end = {.own = ms_ownshare_of(relay->program)}; /* not waited for yet, it can still be told apart */
    while (wait4(relay->program, &end.status, 0, &end.total) < 0 && errno == EINTR) {
    }
    return end;
}

void
ms_program_exit_json(int status, const ms_usage *usage, double wall_s, const ms_limit *limit, char text[MS_EXIT_BYTES])
{
    char code[32] = "null", number[32] = "null", limited[96] = "";
    if (WIFSIGNALED(status))
        (void)snprintf(number, sizeof number, "%d", WTERMSIG(status));
    else
        (void)snprintf(code, sizeof code, "%d", WEXITSTATUS(status));
    if (limit->is)
        (void)snprintf(limited, sizeof limited, ", \"limit_bytes\": %" PRIu64 ", \"limit_source\": \"%s\"",
                       limit->limit_bytes, ms_limit_names[limit->source]);
    (void)snprintf(text, MS_EXIT_BYTES,
                   "{\"status\": %s, \"signal\": %s, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"system_s\": %.6f, "
                   "\"peak_resident_bytes\": %" PRIu64 ", \"peak_resident_from\": \"%s\", \"minor_faults\": %" PRIu64
                   ", \"waited\": %s, \"waited_cpu_s\": %.6f, \"refused\": 0%s}",
                   code, number, wall_s, usage->cpu_s, usage->system_s, usage->peak_resident_bytes,
                   usage->of_kernel ? "kernel" : "looks", usage->minor_faults, usage->waited ? "true" : "false",
                   usage->waited_cpu_s, limited);
}

_Noreturn void
ms_program_end_like(int status)
{
    if (!WIFSIGNALED(status))
        _exit(WEXITSTATUS(status));
    int number = WTERMSIG(status);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    /* The program has left its own core dump, if any; a second one would be of memscope. */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    if (number != SIGKILL && number != SIGSTOP)
        (void)signal(number, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, &one, NULL);
    (void)kill(getpid(), number);
    _exit(128 + number); /* still here: the signal's default is to do nothing */
}
