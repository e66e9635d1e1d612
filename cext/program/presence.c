#include "program/presence.h"

#include <sys/syscall.h>
#include <unistd.h>

/* As in linux/membarrier.h of Linux 4.14 and later. */
#define BARRIER_IN_ALL (1 << 3)
#define REGISTER_FOR_IT (1 << 4)

#define NO_BARRIER_NS UINT64_C(1000000) /* a processor's writes are there long before */

_Atomic bool ms_presence_is_light;

static bool
ask_kernel(int command)
{
    int error = errno;
    bool done = syscall(SYS_membarrier, command, 0, 0) == 0;
    errno = error;
    return done;
}

void
ms_presence_prepare(void)
{
    if (!MS_UNDER_TSAN && ask_kernel(REGISTER_FOR_IT)) /* TSan does not know of such barriers */
        atomic_store(&ms_presence_is_light, true);
}

void
ms_presence_settle(void)
{
    /* The program may have forbidden itself the call meanwhile. */
    if (atomic_load(&ms_presence_is_light) && !ask_kernel(BARRIER_IN_ALL))
        ms_sleep_ns(NO_BARRIER_NS);
}
