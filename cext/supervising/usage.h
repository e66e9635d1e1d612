/* usage.h: what a process took itself: CPU time, page faults and resident memory without its children's.
 *
 * As memscope/recording/usage.py, which supervisors with Python use. The kernel adds a process's children to it as soon
 * as it has waited for them; until somebody has waited for the process itself, /proc/PID/stat tells the two apart.
 */
#ifndef MS_USAGE_H
#define MS_USAGE_H

#include "shared/platform.h"

#include <sys/resource.h>
#include <sys/types.h>

typedef struct ms_ownshare {
    bool known;
    bool waited; /* it has waited for a child of its own */
    double cpu_s, system_s;
    uint64_t minor_faults;
} ms_ownshare;

typedef struct ms_usage {
    double cpu_s, system_s;
    double waited_cpu_s; /* its children's */
    uint64_t minor_faults, peak_resident_bytes;
    bool of_kernel; /* the peak is the kernel's at the end, or was seen at looks at the running process */
    bool waited;
} ms_usage;

/* Of a process that has ended and was not waited for. */
ms_ownshare ms_ownshare_of(pid_t pid);
/* The same from the text of /proc/PID/stat, and the process's CPU clock; negative: that could not be read. */
ms_ownshare ms_ownshare_told(const char *stat, double clock_s);
/* The process's own part of what the kernel counts for it and the children that it waited for. seen_peak_bytes: the
 * highest at looks. starter_peak_bytes: of the process that started it, whose memory it shared until it ran a program
 * of its own: the kernel keeps the higher of the two peaks. */
ms_usage ms_usage_of(const ms_ownshare *own, const struct rusage *total, uint64_t seen_peak_bytes,
                     uint64_t starter_peak_bytes);
/* Where another program has taken the process over: what was seen until then. */
ms_usage ms_usage_until_replaced(ms_usage usage, uint64_t seen_peak_bytes, uint64_t seen_cpu_ns);

#endif
