/* limits.h: what limits a process's memory: its cgroups (v1 and v2), RLIMIT_AS, or whoever recorded it.
 *
 * As memscope/recording/memorylimits.py, which supervisors with Python use.
 */
#ifndef MS_LIMITS_H
#define MS_LIMITS_H

#include "shared/platform.h"

#include <sys/types.h>

typedef enum ms_limit_source { MS_LIMIT_GIVEN, MS_LIMIT_CGROUP, MS_LIMIT_RLIMIT_AS, MS_LIMIT_SOURCES } ms_limit_source;

/* Of a cgroup, what can be had back at once (files' pages that were not used of late) is no part of what is taken.
 * kills: processes that were killed for it so far. */
typedef struct ms_limit {
    bool is; /* there is one */
    ms_limit_source source;
    uint64_t limit_bytes, used_bytes, kills;
} ms_limit;

/* By their sources. */
typedef struct ms_limits {
    ms_limit of[MS_LIMIT_SOURCES];
} ms_limits;

extern const char *const ms_limit_names[MS_LIMIT_SOURCES];

/* All that limit a process now; none of one that is gone. given_bytes 0: whoever recorded it gave none. root: what the
 * files' names begin with, "" but for tests. */
ms_limits ms_limits_of(pid_t pid, uint64_t given_bytes, const char *root);
/* Of these the one that is the process's own and that most is taken of. A cgroup's counts only where the process itself
 * holds half of it: others may be in it. */
ms_limit ms_limits_tightest(const ms_limits *limits, pid_t pid);

static inline double
ms_limit_share(const ms_limit *limit)
{
    return limit->limit_bytes > 0 ? (double)limit->used_bytes / (double)limit->limit_bytes : 0;
}

#endif
