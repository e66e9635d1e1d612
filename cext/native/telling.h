/* telling.h: who is told of a request, and that nobody is told of what it requests in turn.
 *
 *   ms_telling_enter ──► listener   this is an outermost request: do it, tell, ms_telling_leave
 *                   └──► NULL       pass it on
 */
#ifndef MS_TELLING_H
#define MS_TELLING_H

#include "shared/nativelink.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER ((ms_asker){__builtin_return_address(0), __builtin_dwarf_cfa(), &ms_telling_thread})

extern ms_nativelink ms_native_library;

extern _Thread_local ms_native_thread ms_telling_thread __attribute__((tls_model("initial-exec")));

/* The function that this thread was started with; NULL: not known, as for the main thread. */
const void *ms_thread_start(void);

/* Whom to tell of a request that begins now; NULL: nobody. Each one that is not NULL must be followed by leave. */
MS_INLINE const ms_native_listener *
ms_telling_enter(void)
{
    /* pairs with the release with which the recorder begins to listen */
    const ms_native_listener *listener = atomic_load_explicit(&ms_native_library.listener, memory_order_acquire);
    if (MS_LIKELY(listener == NULL) || ms_telling_thread.inside)
        return NULL;
    ms_telling_thread.inside = true;
    return listener;
}

MS_INLINE void
ms_telling_leave(void)
{
    ms_telling_thread.inside = false;
}

#endif
