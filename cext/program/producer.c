#include "program/producer.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program/anchor.h"
#include "program/patience.h"
#include "shared/memory.h"

#define ROUND_EVENTS 1024u

ms_producer producer;
ms_keptblocks ms_kept_blocks;

_Thread_local ms_own ms_own_of_thread;
static pthread_key_t end_of_thread;

/* ---- threads --------------------------------------------------------------------------------- */

/* This thread is no longer known to be the one at the SPSC ring. */
static void
forget_holder(uintptr_t self)
{
    atomic_compare_exchange_strong(&producer.thread_pointer, &self, 0);
}

/* The thread state at the SPSC ring is freed, by whatever thread. Whoever comes to the ring next says which is its own.
 */
MS_COLD void
ms_producer_forget_tstate(void)
{
    atomic_store(&producer.thread_pointer, 0);
}

static void
on_thread_end(void *context)
{
    ms_thread *thread = context;
    /* The next thread may get this one's address, and another one its record. */
    ms_own_of_thread.thread = NULL;
    ms_own_of_thread.thread_is_over = true;
    forget_holder(ms_thread_pointer());
    atomic_store_explicit(&thread->over, true, memory_order_release);
}

/* An ms_thread for this thread: one that a finished thread left, or a new one. NULL: no memory. */
static ms_thread *
adopt_thread(void)
{
    _Atomic(ms_thread *) *list = &producer.threads;
    ms_thread *thread = atomic_load_explicit(list, memory_order_acquire);
    for (; thread != NULL; thread = thread->next) {
        bool over = true;
        if (atomic_compare_exchange_strong(&thread->over, &over, false)) {
            thread->session = 0;
            return thread;
        }
    }
    thread = ms_memory_get(sizeof *thread);
    if (thread == NULL)
        return NULL;
    thread->next = atomic_load_explicit(list, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(list, &thread->next, thread, memory_order_release,
                                                  memory_order_relaxed)) {
    }
    return thread;
}

/* This thread's record, ready for the session. NULL: no memory. */
static MS_COLD ms_thread *
open_thread(ms_own *own)
{
    if (own->thread == NULL) {
        own->thread = adopt_thread();
        if (own->thread == NULL)
            return NULL;
        pthread_setspecific(end_of_thread, own->thread);
    }
    if (own->thread->session != producer.walker.session) {
        bool is_main = getpid() == (pid_t)syscall(SYS_gettid);
        if (ms_thread_open(own->thread, producer.segment, producer.walker.session, is_main) != MS_OK)
            return NULL;
    }
    return own->thread;
}

MS_INLINE ms_thread *
thread_of(ms_own *own)
{
    ms_thread *thread = own->thread;
    return MS_LIKELY(thread != NULL && thread->session == producer.walker.session) ? thread : open_thread(own);
}

/* Another thread has taken over the SPSC ring, or this one has another thread state. False: it must use
 * the MPSC ring (another interpreter, whose GIL may be another), or cannot be recorded. */
MS_COLD bool
ms_producer_switch_thread(uintptr_t self, PyThreadState *tstate)
{
    if (tstate == NULL || tstate->interp != producer.interp) {
        forget_holder(self); /* it may have been, with its other thread state */
        return false;
    }
    ms_thread *thread = thread_of(&ms_own_of_thread);
    if (thread == NULL)
        return false;
    if (ms_holder_tstate() != tstate || producer.thread != thread) {
        thread->epoch = 0; /* frames remembered for another thread state are of no use */
        thread->nogil_frame = NULL;
    }
    if (!ms_is_holder(self))
        atomic_store_explicit(&producer.thread_pointer, 0, memory_order_relaxed);
    /* pairs with the acquire in ms_tstate_if_holder */
    atomic_store_explicit(&producer.tstate, tstate, memory_order_release);
    atomic_store_explicit(&producer.thread_pointer, self, memory_order_relaxed);
    producer.thread = thread;
    producer.thread_id = thread->thread_id;
    return true;
}

/* ---- the SPSC ring --------------------------------------------------------------------------- */

/* The drain has not moved for too long: the program goes on unrecorded. */
static MS_COLD void
give_up(void)
{
    atomic_store(&producer.segment->header->state, MS_STATE_GAVE_UP);
    atomic_store(&producer.recording, false);
}

/* Tells the drain of names that only the cache of attributes holds. */
static MS_COLD void
tell_of_orphans(void)
{
    static uintptr_t found[MS_ORPHANS_MAX];
    ms_spscring_writer *ring = &producer.spsc;
    uint32_t left = ms_orphans_follow(&producer.orphans, ring);
    ring->halt = UINT64_MAX;
    if (left == 0) {
        uint32_t count = ms_orphans_find(&producer.orphans, producer.interp, found);
        for (uint32_t i = 0; i < count; i++)
            if (!ms_push(ms_event_make(MS_FREE, MS_OBJ, found[i], 0, producer.thread_id)))
                return;
        left = MS_ORPHAN_WINDOW;
    }
    ring->halt = ring->head + left; /* an event is one allocation, or none */
}

static MS_COLD void
next_round(void)
{
    if (producer.round == NULL) {
        tell_of_orphans();
        return;
    }
    producer.spsc.halt = producer.spsc.head + ROUND_EVENTS;
    producer.round();
}

void
ms_producer_each_round(void (*call)(void))
{
    producer.round = call;
    producer.spsc.halt = producer.spsc.head + ROUND_EVENTS;
    (void)ms_spscring_refresh(&producer.spsc);
}

/* The drain may be held up for some milliseconds, by its own work or by other processes. A ring that is large enough
 * for that would cost each program 3 MiB more, so as much waiting is borne. A program that fills the ring within a poll
 * has waited so long after a few polls. */
#define WAIT_SHARE 128u                 /* of the time, a 128th */
#define WAIT_MOST_NS UINT64_C(10000000) /* beyond that */

/* Asks for a larger ring where the program waits too much. */
static MS_COLD void
account_for_wait(uint64_t start_ns, uint64_t end_ns)
{
    uint64_t borne_ns = (start_ns - producer.waited_ns) / WAIT_SHARE;
    producer.wait_debt_ns -= borne_ns < producer.wait_debt_ns ? borne_ns : producer.wait_debt_ns;
    producer.wait_debt_ns += end_ns - start_ns;
    producer.waited_ns = end_ns;
    if (producer.wait_debt_ns > WAIT_MOST_NS) {
        producer.wait_debt_ns = 0;
        producer.spsc.is_scarce = true;
    }
}

/* Waits for the drain, if that must be. False: recording is over. */
MS_COLD bool
ms_producer_make_room(void)
{
    if (ms_spscring_refresh(&producer.spsc) != 0)
        return true;
    if (!atomic_load(&producer.recording)) /* the second record of an event whose first was given up */
        return false;
    if (producer.spsc.head == producer.spsc.halt) {
        next_round();
        if (ms_spscring_refresh(&producer.spsc) != 0)
            return true;
    }
    ms_segment_header *header = producer.segment->header;
    uint64_t start = ms_now_ns(), room;
    uint64_t limit = producer.spsc.limit;
    ms_patience patience = ms_patience_begin(header, start);
    atomic_fetch_add_explicit(&header->waits, 1, memory_order_relaxed);
    while ((room = ms_spscring_refresh(&producer.spsc)) == 0) {
        uint64_t now = ms_now_ns();
        if (producer.spsc.limit != limit) {
            limit = producer.spsc.limit;
            ms_patience_renew(&patience, now);
        }
        if (ms_patience_ends(&patience, now)) {
            give_up();
            break;
        }
        ms_sleep_ns(20000);
    }
    uint64_t end = ms_now_ns();
    account_for_wait(start, end);
    atomic_fetch_add_explicit(&header->wait_ns, end - start, memory_order_relaxed);
    return room != 0;
}

/* Events of the MPSC ring that came before this moment must be taken before what follows. */
MS_COLD void
ms_producer_sync(uint64_t mpsc_head)
{
    if (ms_push(ms_event_make(MS_SYNC, MS_RAW, mpsc_head, 0, 0)))
        producer.mpsc_seen = mpsc_head;
}

/* ---- the MPSC ring --------------------------------------------------------------------------- */

static bool
somebody_is_within(void)
{
    bool found = atomic_load(&producer.at_mpsc) != 0;
    const ms_thread *thread = atomic_load_explicit(&producer.threads, memory_order_acquire);
    for (; thread != NULL && !found; thread = thread->next)
        found = atomic_load_explicit(&thread->within, memory_order_acquire) != 0;
    return found;
}

MS_COLD void
ms_mpsc_push_waiting(ms_event event, uint64_t size_bytes)
{
    ms_segment *segment = producer.segment;
    uint64_t position, after, start = 0, tail = 0;
    ms_patience patience = ms_patience_begin(segment->header, 0);
    while (!ms_mpscring_claim(segment->mpsc, segment->spsc, &position, &after)) {
        uint64_t now = ms_now_ns();
        uint64_t tail_now = atomic_load_explicit(&segment->mpsc->tail, memory_order_relaxed);
        if (start == 0) {
            start = now;
            tail = tail_now;
            patience = ms_patience_begin(segment->header, now);
            atomic_fetch_add_explicit(&segment->header->waits, 1, memory_order_relaxed);
        }
        if (tail != tail_now) {
            tail = tail_now;
            ms_patience_renew(&patience, now);
        }
        if (ms_patience_ends(&patience, now))
            give_up();
        /* Not when recording stops: then the drain is still there, and stop waits for this thread. */
        if (atomic_load(&segment->header->state) == MS_STATE_GAVE_UP) {
            atomic_fetch_add(&segment->header->dropped_events, 1);
            return;
        }
        ms_sleep_ns(20000);
    }
    if (start != 0)
        atomic_fetch_add(&segment->header->wait_ns, ms_now_ns() - start);
    ms_mpscring_publish(segment->mpsc, position, after, event, size_bytes);
}

MS_COLD ms_thread *
ms_producer_find_thread(ms_own *own)
{
    return own->thread == NULL && own->thread_is_over ? NULL : thread_of(own);
}

uint32_t
ms_producer_stack_nogil(ms_thread *thread)
{
    if (thread == NULL)
        return 0;
    PyThreadState *tstate = PyGILState_GetThisThreadState();
    bool ours = tstate != NULL && tstate->interp == producer.interp;
    return ms_walk_nogil(&producer.walker, thread, ours ? tstate : NULL);
}

static uint32_t
nogil_thread_id(ms_own *own)
{
    const ms_thread *thread = thread_of(own);
    return thread == NULL ? 0 : thread->thread_id;
}

/* ---- what happened --------------------------------------------------------------------------- */

MS_COLD void
ms_note_alloc_nogil(ms_domain domain, void *block, size_t size)
{
    ms_own *own = &ms_own_of_thread;
    ms_presence *counted = ms_mpsc_enter(own);
    if (counted == NULL)
        return;
    if (ms_wanted(block, size, false))
        ms_mpsc_push(
            ms_event_make(MS_ALLOC, domain, (uintptr_t)block, (uint32_t)size, ms_producer_stack_nogil(thread_of(own))),
            size);
    ms_mpsc_leave(counted);
}

MS_COLD bool
ms_note_plain_nogil(ms_kind kind, ms_domain domain, const void *block)
{
    ms_own *own = &ms_own_of_thread;
    ms_presence *counted = ms_mpsc_enter(own);
    if (counted == NULL)
        return false;
    ms_mpsc_push(ms_event_make(kind, domain, (uintptr_t)block, 0, nogil_thread_id(own)), 0);
    ms_mpsc_leave(counted);
    return true;
}

MS_COLD void
ms_note_realloc_end_nogil(ms_domain domain, void *block, size_t size)
{
    ms_own *own = &ms_own_of_thread;
    ms_presence *counted = ms_mpsc_enter(own);
    if (counted == NULL)
        return;
    bool kept = block != NULL && ms_wanted(block, size, false);
    ms_kind kind = block == NULL ? MS_REALLOC_FAILED : kept ? MS_REALLOC_TO : MS_REALLOC_GONE;
    uint32_t stack = kept ? ms_producer_stack_nogil(thread_of(own)) : 0;
    ms_mpsc_push(ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size, stack), size);
    ms_mpsc_leave(counted);
}

MS_COLD bool
ms_tell(ms_event event)
{
    if (!atomic_load(&producer.recording))
        return false;
    if (ms_gil_held() && ms_at_spsc_ring(ms_thread_pointer())) {
        ms_sync_rings();
        return ms_push(event);
    }
    ms_presence *counted = ms_mpsc_enter(&ms_own_of_thread);
    if (counted != NULL) {
        ms_mpsc_push(event, event.size);
        ms_mpsc_leave(counted);
    }
    return false;
}

bool
ms_producer_keep(const void *block)
{
    if (ms_keptblocks_add(&ms_kept_blocks, (uintptr_t)block))
        return true;
    atomic_fetch_add_explicit(&producer.segment->header->dropped_events, 1, memory_order_relaxed);
    return false;
}

/* ---- a budget -------------------------------------------------------------------------------- */

#define TIMED_MOST_NS UINT64_C(20000) /* what takes longer was interrupted */
#define CLOCK_TRIES 64

static uint64_t clock_ns; /* what it takes to ask for the time twice, and nothing in between */

static uint64_t
time_the_clock(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < CLOCK_TRIES; i++) {
        uint64_t from = ms_now_ns(), took = ms_now_ns() - from;
        least = took < least ? took : least;
    }
    return least;
}

/* Each timed event stands for all since the one before. */
MS_COLD void
ms_producer_timed(uint64_t from_ns)
{
    uint64_t took = ms_now_ns() - from_ns;
    took = took > clock_ns ? took - clock_ns : 0;
    took = took < TIMED_MOST_NS ? took : TIMED_MOST_NS;
    atomic_fetch_add_explicit(&producer.segment->header->recording_ns, took * MS_TIMED_EACH, memory_order_relaxed);
}

MS_COLD void
ms_producer_change_sampling(bool wanted)
{
    ms_sync_rings();
    if (ms_push(ms_event_make(MS_SAMPLING, MS_RAW, 0, 0, wanted)))
        ms_sampler_keep_everything(&producer.sampler, !wanted);
}

static void
open_sampler(uint64_t sample_bytes, bool budgeted)
{
    producer.sampling = sample_bytes != 0;
    producer.budgeted = producer.sampling && budgeted;
    producer.walker.anchoring = !producer.sampling;
    if (!producer.sampling)
        return;
    ms_sampler_open(&producer.sampler, sample_bytes, ms_now_ns());
    ms_sampler_keep_everything(&producer.sampler, producer.budgeted);
    producer.until_timed = MS_TIMED_EACH;
    if (producer.budgeted)
        clock_ns = time_the_clock();
}

/* ---- on and off ------------------------------------------------------------------------------ */

static ms_gc_counters
gc_counters_of(PyInterpreterState *interp, int generation)
{
    const struct gc_generation_stats *stats = ms_gc_stats(interp, generation);
    if (stats == NULL)
        return (ms_gc_counters){0};
    return (ms_gc_counters){
        .collections = (uint64_t)stats->collections,
        .collected = (uint64_t)stats->collected,
        .uncollectable = (uint64_t)stats->uncollectable,
        .duration_ns = ms_gc_duration_ns(stats),
    };
}

static ms_status
prepare_once(void)
{
    static bool done;
    if (!done && pthread_key_create(&end_of_thread, on_thread_end) != 0)
        return MS_NO_MEMORY;
    done = true;
    return MS_OK;
}

ms_status
ms_producer_start(ms_segment *segment, uint64_t sample_bytes, bool budgeted)
{
    PyThreadState *tstate = ms_tstate_current();
    if (tstate->interp != PyInterpreterState_Main())
        return MS_UNSUPPORTED;
    ms_status status = prepare_once();
    if (status == MS_OK)
        status = ms_walker_open(&producer.walker, segment);
    if (status != MS_OK)
        return status;
    ms_segment_header *header = segment->header;
    producer.segment = segment;
    producer.interp = PyInterpreterState_Main();
    atomic_store(&producer.tstate, NULL);
    producer.thread = NULL;
    producer.round = NULL;
    atomic_store(&producer.thread_pointer, 0);
    producer.mpsc_head = &segment->mpsc->head;
    producer.mpsc_seen = atomic_load(producer.mpsc_head);
    ms_spscring_writer_open(&producer.spsc, segment->spsc);
    producer.wait_debt_ns = 0;
    producer.waited_ns = ms_now_ns();
    open_sampler(sample_bytes, budgeted);
    if (!ms_producer_switch_thread(ms_thread_pointer(), tstate)) {
        ms_producer_abandon();
        return MS_NO_MEMORY;
    }
    header->collecting_address = (uintptr_t)ms_gc_collecting(producer.interp);
    header->gc_timed = MS_GC_TIMED;
    for (int generation = 0; generation < MS_GENERATIONS; generation++)
        header->gc[generation] = gc_counters_of(producer.interp, generation);
    atomic_store(&header->program_pid, (uint32_t)getpid());
    atomic_store(&header->state, MS_STATE_RECORDING);
    atomic_store(&producer.recording, true);
    return MS_OK;
}

void
ms_producer_compiles(const char *filename)
{
    if (ms_at_spsc_ring(ms_thread_pointer()))
        ms_thread_compiles(&producer.walker, producer.thread, filename);
}

void
ms_producer_compiled(void)
{
    if (ms_at_spsc_ring(ms_thread_pointer()))
        ms_thread_compiled(producer.thread);
}

void
ms_producer_pause(void)
{
    if (producer.spsc.halt != UINT64_MAX) /* in a section: these are the last that it releases */
        ms_orphans_drop(producer.interp);
    atomic_store(&producer.recording, false);
    producer.spsc.halt = UINT64_MAX;
    ms_presence_settle();
    /* A thread without the GIL may be between its allocator and its event: microseconds. */
    while (somebody_is_within())
        ms_sleep_ns(1000);
    PyThreadState *tstate = PyInterpreterState_ThreadHead(producer.interp);
    for (; tstate != NULL; tstate = PyThreadState_Next(tstate))
        ms_anchor_lift_all(tstate);
}

bool
ms_producer_resume(void)
{
    if (atomic_load(&producer.segment->header->state) != MS_STATE_RECORDING)
        return false;
    producer.walker.codes.deaths++; /* nobody watched the frames that threads remember */
    ms_orphans_drop(producer.interp);
    ms_orphans_begin(&producer.orphans, producer.spsc.head);
    producer.spsc.halt = producer.spsc.head + MS_ORPHAN_WINDOW;
    (void)ms_spscring_refresh(&producer.spsc);
    atomic_store(&producer.recording, true);
    return true;
}

void
ms_producer_stop(bool whole)
{
    ms_segment_header *header = producer.segment->header;
    ms_producer_pause();
    for (int generation = 0; generation < MS_GENERATIONS; generation++) {
        ms_gc_counters *counters = &header->gc[generation];
        ms_gc_counters now = gc_counters_of(producer.interp, generation);
        counters->collections = now.collections - counters->collections;
        counters->collected = now.collected - counters->collected;
        counters->uncollectable = now.uncollectable - counters->uncollectable;
        counters->duration_ns = now.duration_ns - counters->duration_ns;
        header->gc_thresholds[generation] = ms_gc_threshold(producer.interp, generation);
    }
    header->gc_enabled = producer.interp->gc.enabled != 0;
    atomic_store(&header->gc_known, 1);
    uint32_t recording = MS_STATE_RECORDING;
    atomic_compare_exchange_strong(&header->state, &recording, whole ? MS_STATE_STOPPED : MS_STATE_UNHOOKED);
    ms_walker_close(&producer.walker);
    producer.segment = NULL;
}

void
ms_producer_abandon(void)
{
    atomic_store(&producer.recording, false);
    atomic_store(&producer.inside, 0);
    atomic_store(&producer.at_mpsc, 0);
    /* The parent's other threads are not here, and will never leave. */
    ms_thread *thread = atomic_load_explicit(&producer.threads, memory_order_acquire);
    for (; thread != NULL; thread = thread->next)
        atomic_store_explicit(&thread->within, 0, memory_order_relaxed);
    ms_walker_close(&producer.walker);
    producer.segment = NULL;
}
