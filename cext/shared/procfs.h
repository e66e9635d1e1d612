/* procfs.h: what the kernel says of another process, in /proc. Opened anew each time: nothing is kept open for it. */
#ifndef MS_PROCFS_H
#define MS_PROCFS_H

#include "shared/platform.h"

typedef struct ms_process_state {
    char state;           /* as ps has it: R, S, D, T, Z, X … */
    uint64_t start_ticks; /* since the system's start: with the id it names a process for good */
    uint64_t cpu_ns;      /* its own, without its children's; in ticks of 10 ms */
} ms_process_state;

/* The beginning of /proc/PID/NAME, as text. False: there is no such process, or /proc is not to be seen. */
bool ms_procfs_read(uint32_t pid, const char *name, char *text, size_t text_bytes);
/* False as above. */
bool ms_procfs_state(uint32_t pid, ms_process_state *state);
/* Of one of its threads, by itself. */
bool ms_procfs_thread_state(uint32_t pid, uint32_t thread, ms_process_state *state);
/* By a signal; also false where nobody can tell. */
bool ms_procfs_is_stopped(uint32_t pid);
/* In bytes, of the process alone. All 0: not known, also of one that has ended and is not waited for yet. */
typedef struct ms_resident {
    uint64_t bytes;        /* now: anonymous memory, files and shared memory */
    uint64_t shared_bytes; /* of them files and shared memory */
    uint64_t peak_bytes;   /* the most at any time since it became this program */
} ms_resident;

ms_resident ms_procfs_resident(uint32_t pid);
/* The most that was ever resident. */
uint64_t ms_procfs_peak_bytes(uint32_t pid);
/* CPU time of all threads of a process, without its children's; 0: not known. */
uint64_t ms_procfs_cpu_ns(uint32_t pid);

#endif
