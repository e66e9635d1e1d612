/* presence.h: which threads are within an event, so that nobody ends a recording under them.
 *
 *   thread                                      who ends the recording
 *     within++        its own counter             recording = false
 *     recording?  ──► no: within--, go            each thread passes a barrier
 *     ... event ...                               waits until nobody is within
 *     within--
 *
 * Either the thread has seen that it is over, or it is seen within. For that, its write must be there before it reads.
 * An atomic addition does that, and waits for all that the thread has written before: half of what an event costs
 * without the GIL. So whoever ends the recording, which is rare, has the kernel put the barrier into all threads, and
 * these write as they would alone. Where the kernel does not, they add.
 */
#ifndef MS_PRESENCE_H
#define MS_PRESENCE_H

#include "shared/platform.h"

typedef _Atomic uint32_t ms_presence;

/* Whether the kernel does: then threads need no barrier of their own. */
extern _Atomic bool ms_presence_is_light;

/* Before others may enter lightly. By one thread at a time; again is allowed. */
void ms_presence_prepare(void);
/* To be called between the end of the recording and a look at the counters. */
void ms_presence_settle(void);

/* By the one thread that the counter belongs to, or by a signal handler in its midst. */
MS_INLINE void
ms_presence_enter(ms_presence *own)
{
    if (MS_LIKELY(atomic_load_explicit(&ms_presence_is_light, memory_order_relaxed))) {
        uint32_t within = atomic_load_explicit(own, memory_order_relaxed);
        atomic_store_explicit(own, within + 1, memory_order_relaxed);
        atomic_signal_fence(memory_order_seq_cst); /* the compiler's half of the barrier in settle */
    } else {
        atomic_fetch_add(own, 1);
    }
}

MS_INLINE void
ms_presence_leave(ms_presence *own)
{
    uint32_t within = atomic_load_explicit(own, memory_order_relaxed);
    /* pairs with the acquire of who waits */
    atomic_store_explicit(own, within - 1, memory_order_release);
}

#endif
