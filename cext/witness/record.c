#include "witness/record.h"

#include <inttypes.h>
#include <stdio.h>

static bool
stops(int number)
{
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

size_t
ms_record(const siginfo_t *info, pid_t memscope, bool memscope_stopped, uint64_t now_ns, char text[MS_RECORD_BYTES])
{
    bool by_process = info->si_code <= 0;
    int written = 0;
    if (by_process && info->si_pid == memscope) {
        if (info->si_signo == SIGRTMAX)
            written = snprintf(text, MS_RECORD_BYTES, ".\n");
    } else if (!memscope_stopped || !stops(info->si_signo)) {
        /* Else the SIGCONT to come takes it away from who is stopped. */
        written = snprintf(text, MS_RECORD_BYTES, "%" PRIu64 " %d %d %d %d\n", now_ns, info->si_signo, info->si_code,
                           by_process ? (int)info->si_pid : 0, memscope_stopped);
    }
    return written > 0 ? (size_t)written : 0;
}
