#include "supervising/finishing.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_S 1 /* where nobody is told of ended children */

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int STOPPING[] = {SIGTSTP, SIGTTIN, SIGTTOU};

extern char **environ;

/* At Ctrl-Z this process stops as the interpreter does, unless that was blocked from the start. */
static void
let_stop(uint64_t mask)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof STOPPING / sizeof *STOPPING; i++) {
        if (!(mask >> (STOPPING[i] - 1) & 1))
            sigaddset(&set, STOPPING[i]);
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void
ms_finishing_run(const ms_handover *handover)
{
    pid_t finishing;
    int failed = posix_spawn(&finishing, handover->python, NULL, NULL, (char **)handover->words, environ);
    if (failed != 0) {
        (void)fprintf(stderr, "memscope: the capture stays as it was, and there is no summary: %s\n", strerror(failed));
        return;
    }
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof ENDING / sizeof *ENDING; i++)
        sigaddset(&set, ENDING[i]);
    let_stop((uint64_t)handover->numbers.mask);
    while (waitpid(finishing, NULL, WNOHANG) == 0) {
        int number = sigtimedwait(&set, &info, &(struct timespec){.tv_sec = LOOK_S});
        /* What a terminal has sent has reached it. */
        if (number > 0 && number != SIGCHLD && info.si_code <= 0)
            (void)kill(finishing, number);
    }
}
