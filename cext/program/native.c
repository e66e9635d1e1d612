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
} direction;

typedef struct route {
    direction to;
    ms_own *own; /* NULL: it goes without a look at the thread, as the loader is at work on its thread-local memory */
    PyThreadState *tstate; /* of a thread that has let go of the GIL; NULL: to be asked for */
} route;

MS_INLINE bool
is_bare(route way)
{
    return way.to == MPSC && way.own == NULL;
}

/* The recorder's own thread-local memory is a call to find, which the library's is not. */
MS_INLINE ms_own *
own_of(ms_native_thread *thread)
{
    if (MS_UNLIKELY(thread->known == NULL))
        thread->known = &ms_own_of_thread;
    return thread->known;
}

MS_INLINE route
route_of(ms_asker from)
{
    if (MS_UNLIKELY(!atomic_load_explicit(&producer.recording, memory_order_relaxed)))
        return (route){NOWHERE, NULL, NULL};
    uintptr_t self = ms_thread_pointer();
    if (atomic_load_explicit(&producer.inside, memory_order_relaxed) == self)
        return (route){NOWHERE, NULL, NULL};
    if (MS_UNLIKELY(ms_caller_is_loader(from.caller)))
        return (route){MPSC, NULL, NULL};
    ms_own *own = own_of(from.thread);
    if (MS_UNLIKELY(own->inside_away))
        return (route){NOWHERE, NULL, NULL};
    PyThreadState *tstate = ms_tstate_if_holder(self);
    if (MS_LIKELY(tstate != NULL)) {
        if (ms_tstate_is_current(tstate))
            return (route){SPSC, own, NULL};
        if (MS_LIKELY(ms_tstate_is_away(tstate)))
            return (route){MPSC, own, tstate};
    }
    return (route){ms_gil_held() && ms_at_spsc_ring(self) ? SPSC : MPSC, own, NULL};
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

static uint32_t
make_leaf(ms_thread *thread, uint32_t below, ms_caller leaf, bool with_gil)
{
    if (leaf.code == 0)
        return below;
    if (with_gil)
        return ms_stack_intern(&producer.walker.stacks, below, leaf.code, leaf.position);
    return ms_walk_leaf_nogil(&producer.walker, thread, below, leaf.code, leaf.position);
}

static __attribute__((noinline)) uint32_t
find_leaf(ms_thread *thread, uint32_t below, ms_asker from, bool with_gil)
{
    uint32_t generation = atomic_load_explicit(&ms_callers_generation, memory_order_relaxed);
    uintptr_t address;
    bool is_told = ms_caller_address(from, &address);
    uint32_t stack = is_told ? ms_walk_leaf_known(thread, address, generation, below) : 0;
    if (stack != 0)
        return stack;
    stack = make_leaf(thread, below, ms_caller_at(address), with_gil);
    if (is_told)
        ms_walk_leaf_keep(thread, (ms_leaf){address, generation, below, stack});
    return stack;
}

/* The id of a stack with who asks as its leaf. */
MS_INLINE uint32_t
leaf_of(ms_thread *thread, uint32_t below, ms_asker from, bool with_gil)
{
    if (MS_UNLIKELY(below == thread->root))
        below = begin_of(thread);
    uint32_t generation = atomic_load_explicit(&ms_callers_generation, memory_order_relaxed);
    /* None is of an address in the C++ runtime whose caller can be told. */
    uint32_t known = ms_walk_leaf_known(thread, (uintptr_t)from.caller, generation, below);
    return MS_LIKELY(known != 0) ? known : find_leaf(thread, below, from, with_gil);
}

/* The id of the stack of the thread at the SPSC ring, with who asks as its leaf: something is about to be allocated. */
MS_INLINE uint32_t
stack_of(ms_asker from)
{
    ms_objects_before_native();
    uint32_t stack = ms_walk(&producer.walker, producer.thread, ms_holder_tstate());
    return leaf_of(producer.thread, stack, from, true);
}

MS_INLINE uint32_t
stack_nogil(route way, ms_asker from)
{
    ms_thread *thread = ms_producer_thread(way.own);
    if (MS_UNLIKELY(thread == NULL))
        return 0;
    uint32_t stack = MS_LIKELY(way.tstate != NULL) ? ms_walk_nogil(&producer.walker, thread, way.tstate)
                                                   : ms_producer_stack_nogil(thread);
    return leaf_of(thread, stack, from, false);
}

/* For both of these that know no GIL. */
MS_INLINE void
note_sized_nogil(route way, ms_event event, size_t size_bytes, ms_asker from, bool is_there)
{
    ms_presence *counted = ms_mpsc_enter(way.own);
    if (counted == NULL)
        return;
    if (way.own != NULL && is_there)
        event.stack = stack_nogil(way, from);
    ms_mpsc_push(event, size_bytes);
    ms_mpsc_leave(counted);
}

MS_INLINE bool
note_plain_nogil(ms_own *own, ms_event event, size_t size_bytes)
{
    ms_presence *counted = ms_mpsc_enter(own);
    if (counted == NULL)
        return false;
    const ms_thread *thread = own == NULL ? NULL : ms_producer_thread(own);
    event.stack = thread == NULL ? 0 : thread->thread_id;
    ms_mpsc_push(event, size_bytes);
    ms_mpsc_leave(counted);
    return true;
}

/* What is there from now on has a stack. */
MS_INLINE void
note_sized(route way, ms_kind kind, ms_domain domain, const void *block, size_t size_bytes, ms_asker from,
           bool is_there)
{
    if (way.to == SPSC)
        ms_push_sized(kind, domain, (void *)(uintptr_t)block, size_bytes, is_there ? stack_of(from) : 0);
    else
        note_sized_nogil(way, ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size_bytes, 0), size_bytes, from,
                         is_there);
}

MS_INLINE void
note_allocated(route way, const void *block, size_t size_bytes, ms_asker from)
{
    size_t small_bytes = ms_valve_holds(block);
    if (small_bytes != 0)
        ms_valve_count_in(size_bytes, small_bytes);
    else
        note_sized(way, MS_ALLOC, MS_NATIVE, block, size_bytes, from, true);
}

static void
allocated(const void *block, size_t size_bytes, ms_asker from)
{
    route way = route_of(from);
    if (way.to != NOWHERE)
        note_allocated(way, block, size_bytes, from);
}

static void
freed(const void *block, ms_asker from)
{
    route way = route_of(from);
    size_t small_bytes = way.to == NOWHERE ? 0 : ms_valve_holds(block);
    if (small_bytes != 0)
        ms_valve_count_out(small_bytes);
    else if (way.to == SPSC)
        ms_note_free(MS_NATIVE, block, 0);
    else if (way.to != NOWHERE)
        (void)note_plain_nogil(way.own, ms_event_make(MS_FREE, MS_NATIVE, (uintptr_t)block, 0, 0), 0);
}

/* The usable size of the small block that this thread is reallocating; 0: none. */
static _Thread_local size_t moving_bytes;

/* What is small is not told; but it must be counted out when it has moved, not before: it may fail. */
static bool
moves_small(route way, size_t small_bytes)
{
    if (is_bare(way)) { /* which may not remember anything */
        ms_valve_count_out(small_bytes);
        return false;
    }
    moving_bytes = small_bytes;
    return true;
}

static bool
moves(const void *block, ms_asker from)
{
    route way = route_of(from);
    size_t small_bytes = way.to == NOWHERE ? 0 : ms_valve_holds(block);
    if (small_bytes != 0)
        return moves_small(way, small_bytes);
    if (way.to == SPSC)
        ms_note_plain(MS_REALLOC_FROM, MS_NATIVE, block);
    else if (way.to != NOWHERE)
        return note_plain_nogil(way.own, ms_event_make(MS_REALLOC_FROM, MS_NATIVE, (uintptr_t)block, 0, 0), 0);
    return way.to == SPSC;
}

/* A block that was told has moved, or has not. */
static void
note_moved(route way, const void *block, size_t size_bytes, ms_asker from)
{
    size_t small_bytes = ms_valve_holds(block);
    ms_kind kind = block == NULL ? MS_REALLOC_FAILED : small_bytes != 0 ? MS_REALLOC_GONE : MS_REALLOC_TO;
    note_sized(way, kind, MS_NATIVE, block, size_bytes, from, kind == MS_REALLOC_TO);
    if (small_bytes != 0)
        ms_valve_count_in(size_bytes, small_bytes);
}

static void
moved(const void *block, size_t size_bytes, ms_asker from)
{
    route way = route_of(from);
    size_t was_bytes = ms_valve.least_bytes == 0 || is_bare(way) ? 0 : moving_bytes;
    if (was_bytes == 0) {
        if (way.to != NOWHERE)
            note_moved(way, block, size_bytes, from);
        return;
    }
    moving_bytes = 0;
    if (block == NULL)
        return;
    ms_valve_count_out(was_bytes);
    if (way.to != NOWHERE)
        note_allocated(way, block, size_bytes, from);
}

/* ---- ranges of pages ------------------------------------------------------------------------- */

static route
route_of_range(ms_asker from)
{
    return ms_caller_maps_untold(from.caller) ? (route){NOWHERE, NULL, NULL} : route_of(from);
}

static void
mapped(const void *range, size_t size_bytes, ms_asker from)
{
    route way = route_of_range(from);
    if (way.to != NOWHERE)
        note_sized(way, MS_MAP, MS_MAPPED, range, size_bytes, from, true);
}

/* Says that a range is to change. False: recording is over, or it is nobody's business. */
static bool
tell_range(ms_kind kind, const void *range, size_t size_bytes, ms_asker from)
{
    route way = route_of_range(from);
    if (way.to == SPSC)
        ms_push_sized(kind, MS_MAPPED, (void *)(uintptr_t)range, size_bytes, producer.thread_id);
    else if (way.to == MPSC)
        return note_plain_nogil(way.own, ms_event_make(kind, MS_MAPPED, (uintptr_t)range, (uint32_t)size_bytes, 0),
                                size_bytes);
    return way.to == SPSC;
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
    route way = route_of_range(from);
    ms_kind kind = range == NULL ? MS_REMAP_FAILED : MS_REMAP_TO;
    if (way.to != NOWHERE)
        note_sized(way, kind, MS_MAPPED, range, size_bytes, from, range != NULL);
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
    ms_presence_prepare();
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
    ms_own_of_thread.inside_away = true;
}

void
ms_native_stop(void)
{
    if (library != NULL)
        atomic_store(&library->listener, NULL);
}
