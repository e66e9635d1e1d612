/* processstate.h: what the supervisor asks the kernel of other processes, and the clock that all receipts are on. */
#ifndef MS_PROCESSSTATE_H
#define MS_PROCESSSTATE_H

#include "shared/platform.h"

#include <sys/types.h>

int64_t ms_monotonic_ns(void);
/* The bits of a line of /proc/PID/status that holds a set of signals; 0: there is none. */
uint64_t ms_process_signals(pid_t pid, const char *line);

#endif
