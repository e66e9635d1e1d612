#include "program/native.h"

#include <dlfcn.h>

#include "program/callers.h"
#include "program/nativevalve.h"
#include "program/objects.h"
#include "shared/nativelink.h"

static ms_nativelink *library;
static ms_nativelink *opened; /* in a process that was not started with it */

/* Where an event of this thread goes. */
typedef enum direction {
    NOWHERE, /* it is part of another request, or there is no recording */
    SPSC,    /* the thread holds the main interpreter's GIL */
    MPSC,
    BARE, /* to the MPSC ring, without a look at the thread: the loader is at work on its thread-local memory */
} direction;

MS_INLINE direction
route_of(ms_asker from)
{
    if (MS_UNLIKELY(!atomic_load_explicit(&producer.recording, memory_order_relaxed)))
        return NOWHERE;
    uintptr_t self = ms_thread_pointer();
    if (atomic_load_explicit(&producer.inside, memory_order_relaxed) == self)
        return NOWHERE;
    if (MS_UNLIKELY(ms_caller_is_loader(from.caller)))
        return BARE;
    if (ms_inside_away)
        return NOWHERE;
    return ms_gil_held() && ms_at_spsc_ring(self) ? SPSC : MPSC;
}

/* What stands below the stack's leaf where no Python frame runs: the function that the thread was started with. */
static MS_COLD uint32_t
begin_of(ms_thread *thread)
{
    if (thread->begin != 0)
        return thread->begin;
    const void *function = library->thread_start();
    if (function == NULL)
        return thread->root;
    ms_caller begin = ms_caller_of_start(function);
    return ms_walk_begin(&producer.walker, thread, begin.code, begin.position);
}

/* The id of the stack of the thread at the SPSC ring, with who asks as its leaf: something is about to be allocated. */
static uint32_t
stack_of(ms_asker from)
{
    ms_objects_before_native();
    uint32_t stack = ms_walk(&producer.walker, producer.thread, ms_holder_tstate());
    if (MS_UNLIKELY(stack == producer.thread->root))
        stack = begin_of(producer.thread);
    ms_caller leaf = ms_caller_of(from);
    return leaf.code == 0 ? stack : ms_stack_intern(&producer.walker.stacks, stack, leaf.code, leaf.position);
}

static uint32_t
stack_nogil(ms_asker from)
{
    ms_thread *thread = ms_producer_thread();
    if (thread == NULL)
        return 0;
    uint32_t stack = ms_producer_stack_nogil(thread);
    if (stack == thread->root)
        stack = begin_of(thread);
    ms_caller leaf = ms_caller_of(from);
    return ms_walk_leaf_nogil(&producer.walker, thread, stack, leaf.code, leaf.position);
}

/* For both of these that know no GIL. */
static MS_COLD void
note_sized_nogil(ms_kind kind, ms_domain domain, const void *block, size_t size_bytes, ms_asker from, bool bare)
{
    if (!ms_mpsc_enter())
        return;
    uint32_t stack = bare ? 0 : stack_nogil(from);
    ms_mpsc_push(ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size_bytes, stack), size_bytes);
    ms_mpsc_leave();
}

static MS_COLD bool
note_plain_nogil(ms_kind kind, ms_domain domain, const void *block, size_t size_bytes, bool bare)
{
    if (!ms_mpsc_enter())
        return false;
    const ms_thread *thread = bare ? NULL : ms_producer_thread();
    uint32_t id = thread == NULL ? 0 : thread->thread_id;
    ms_mpsc_push(ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size_bytes, id), size_bytes);
    ms_mpsc_leave();
    return true;
}

/* What is there from now on has a stack. */
MS_INLINE void
note_sized(direction route, ms_kind kind, ms_domain domain, const void *block, size_t size_bytes, ms_asker from,
           bool is_there)
{
    if (route == SPSC)
        ms_push_sized(kind, domain, (void *)(uintptr_t)block, size_bytes, is_there ? stack_of(from) : 0);
    else
        note_sized_nogil(kind, domain, block, size_bytes, from, route == BARE || !is_there);
}

static void
note_allocated(direction route, const void *block, size_t size_bytes, ms_asker from)
{
    size_t small_bytes = ms_valve_holds(block);
    if (small_bytes != 0)
        ms_valve_count_in(size_bytes, small_bytes);
    else
        note_sized(route, MS_ALLOC, MS_NATIVE, block, size_bytes, from, true);
}

static void
allocated(const void *block, size_t size_bytes, ms_asker from)
{
    direction route = route_of(from);
    if (route != NOWHERE)
        note_allocated(route, block, size_bytes, from);
}

static void
freed(const void *block, ms_asker from)
{
    direction route = route_of(from);
    size_t small_bytes = route == NOWHERE ? 0 : ms_valve_holds(block);
    if (small_bytes != 0)
        ms_valve_count_out(small_bytes);
    else if (route == SPSC)
        ms_note_free(MS_NATIVE, block, 0);
    else if (route != NOWHERE)
        (void)note_plain_nogil(MS_FREE, MS_NATIVE, block, 0, route == BARE);
}

/* The usable size of the small block that this thread is reallocating; 0: none. */
static _Thread_local size_t moving_bytes;

/* What is small is not told; but it must be counted out when it has moved, not before: it may fail. */
static bool
moves_small(direction route, size_t small_bytes)
{
    if (route == BARE) { /* which may not remember anything */
        ms_valve_count_out(small_bytes);
        return false;
    }
    moving_bytes = small_bytes;
    return true;
}

static bool
moves(const void *block, ms_asker from)
{
    direction route = route_of(from);
    size_t small_bytes = route == NOWHERE ? 0 : ms_valve_holds(block);
    if (small_bytes != 0)
        return moves_small(route, small_bytes);
    if (route == SPSC)
        ms_note_plain(MS_REALLOC_FROM, MS_NATIVE, block);
    else if (route != NOWHERE)
        return note_plain_nogil(MS_REALLOC_FROM, MS_NATIVE, block, 0, route == BARE);
    return route == SPSC;
}

/* A block that was told has moved, or has not. */
static void
note_moved(direction route, const void *block, size_t size_bytes, ms_asker from)
{
    size_t small_bytes = ms_valve_holds(block);
    ms_kind kind = block == NULL ? MS_REALLOC_FAILED : small_bytes != 0 ? MS_REALLOC_GONE : MS_REALLOC_TO;
    note_sized(route, kind, MS_NATIVE, block, size_bytes, from, kind == MS_REALLOC_TO);
    if (small_bytes != 0)
        ms_valve_count_in(size_bytes, small_bytes);
}

static void
moved(const void *block, size_t size_bytes, ms_asker from)
{
    direction route = route_of(from);
    size_t was_bytes = ms_valve.least_bytes == 0 || route == BARE ? 0 : moving_bytes;
    if (was_bytes == 0) {
        if (route != NOWHERE)
            note_moved(route, block, size_bytes, from);
        return;
    }
    moving_bytes = 0;
    if (block == NULL)
        return;
    ms_valve_count_out(was_bytes);
    if (route != NOWHERE)
        note_allocated(route, block, size_bytes, from);
}

/* ---- ranges of pages ------------------------------------------------------------------------- */

static direction
route_of_range(ms_asker from)
{
    return ms_caller_maps_untold(from.caller) ? NOWHERE : route_of(from);
}

static void
mapped(const void *range, size_t size_bytes, ms_asker from)
{
    direction route = route_of_range(from);
    if (route != NOWHERE)
        note_sized(route, MS_MAP, MS_MAPPED, range, size_bytes, from, true);
}

/* Says that a range is to change. False: recording is over, or it is nobody's business. */
static bool
tell_range(ms_kind kind, const void *range, size_t size_bytes, ms_asker from)
{
    direction route = route_of_range(from);
    if (route == SPSC)
        ms_push_sized(kind, MS_MAPPED, (void *)(uintptr_t)range, size_bytes, producer.thread_id);
    else if (route == MPSC)
        return note_plain_nogil(kind, MS_MAPPED, range, size_bytes, false);
    return route == SPSC;
}

static void
unmapped(const void *range, size_t size_bytes, ms_asker from)
{
    (void)tell_range(MS_UNMAP, range, size_bytes, from);
}

static bool
remaps(const void *range, size_t size_bytes, ms_asker from)
{
    return tell_range(MS_REMAP_FROM, range, size_bytes, from);
}

static void
remapped(const void *range, size_t size_bytes, ms_asker from)
{
    direction route = route_of_range(from);
    ms_kind kind = range == NULL ? MS_REMAP_FAILED : MS_REMAP_TO;
    if (route != NOWHERE)
        note_sized(route, kind, MS_MAPPED, range, size_bytes, from, range != NULL);
}

static const ms_native_listener listener = {
    .allocated = allocated,
    .freed = freed,
    .moves = moves,
    .moved = moved,
    .mapped = mapped,
    .unmapped = unmapped,
    .remaps = remaps,
    .remapped = remapped,
    .unloaded = ms_callers_forget,
};

void
ms_native_start(ms_segment *segment, uint64_t least_bytes)
{
    _Atomic uint32_t *state = &segment->header->native;
    library = dlsym(RTLD_DEFAULT, MS_NATIVELINK_SYMBOL);
    bool preloaded = library != NULL;
    if (!preloaded)
        library = opened;
    if (library != NULL && library->version != MS_NATIVELINK_VERSION)
        library = NULL;
    atomic_store(state, library == NULL ? MS_NATIVE_MISSING : preloaded ? MS_NATIVE_HEARD : MS_NATIVE_ATTACHED);
    if (library == NULL)
        return;
    ms_valve_open(segment, least_bytes);
    if (!preloaded)
        (void)library->attach(&library); /* once more: what has been loaded meanwhile */
    ms_callers_open(segment, atomic_load(&library->allocator));
    /* pairs with the acquire in the library */
    atomic_store_explicit(&library->listener, &listener, memory_order_release);
}

bool
ms_native_open(const char *path)
{
    if (opened != NULL || dlsym(RTLD_DEFAULT, MS_NATIVELINK_SYMBOL) != NULL)
        return true;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    ms_nativelink *found = handle == NULL ? NULL : dlsym(handle, MS_NATIVELINK_SYMBOL);
    if (found == NULL || found->version != MS_NATIVELINK_VERSION || !found->attach(&library))
        return false;
    opened = found;
    return true;
}

void
ms_native_stay_out(void)
{
    ms_inside_away = true;
}

void
ms_native_stop(void)
{
    if (library != NULL)
        atomic_store(&library->listener, NULL);
}
