/* producer.h: puts what the hooks see into the rings.
 *
 *   hook ──► does this thread hold the main interpreter's GIL?
 *              yes: stack id ──► SPSC ring          (inline below: the path of nearly every event)
 *              no:  stack id ──► MPSC ring          (producer.c)
 *
 * What holds here: no lock, no system call (but when a ring is full or a table grows), no allocation from a hooked
 * domain, nothing that could run Python code.
 */
#ifndef MS_PRODUCER_H
#define MS_PRODUCER_H

#include "program/framewalk.h"
#include "program/orphans.h"
#include "shared/sampler.h"

/* Guarded by the GIL unless said otherwise. */
typedef struct ms_producer {
    /* What every event reads, in one line. */
    alignas(MS_CACHE_LINE) _Atomic uintptr_t inside; /* thread within an allocator, with the GIL */
    _Atomic bool recording;                          /* read by all threads */
    bool sampling, budgeted;
    uint32_t thread_id;               /* of `thread` */
    _Atomic uintptr_t thread_pointer; /* whose `thread` and `tstate` are; others may only clear it */
    _Atomic(PyThreadState *) tstate;  /* its memory is there for as long as thread_pointer is not cleared; put in its
                                         place while that is cleared */
    ms_thread *thread;
    _Atomic uint64_t *mpsc_head; /* in the segment */
    uint64_t mpsc_seen;          /* what it was at the last SYNC */
    ms_spscring_writer spsc;
    uint64_t wait_debt_ns, waited_ns; /* waits beyond their share; when the last one ended */
    ms_segment *segment;              /* NULL: no recording */
    ms_sampler sampler;
    _Atomic uint32_t until_timed; /* with a budget: events to the next one that is timed; other interpreters' count */

    void (*round)(void); /* called now and then; NULL: nobody asks for it. Not in sections */
    ms_orphans orphans;  /* in sections */
    ms_walker walker;
    PyInterpreterState *interp;
    _Atomic(ms_thread *) threads; /* every ms_thread ever made; only prepended to */
    _Atomic uint32_t at_mpsc;     /* threads within MPSC events that have no ms_thread, or may not ask which it is */
} ms_producer;

/* What a thread knows of itself. To find it is a call: once for an event, on a path without the GIL. */
typedef struct ms_own {
    ms_thread *thread;   /* NULL: none yet */
    bool thread_is_over; /* libc may go on to free memory in it, for which it needs no record */
    bool inside_away;    /* what producer.inside is to threads without the GIL */
} ms_own;

extern ms_producer producer;
extern _Thread_local ms_own ms_own_of_thread;
/* In a sampled recording; opened before its hooks are put in place. */
extern ms_keptblocks ms_kept_blocks;

/* Both need the GIL. */
ms_status ms_producer_start(ms_segment *segment, uint64_t sample_bytes, bool budgeted);
/* whole: our hooks were in place to the end. */
void ms_producer_stop(bool whole);
/* Between two sections nothing is noted; ids of stacks stay what they are. Both need the GIL. */
void ms_producer_pause(void);
/* False: the recording is over. */
bool ms_producer_resume(void);
/* The main thread's first code is being compiled, see framewalk.h. Need the GIL. */
void ms_producer_compiles(const char *filename);
void ms_producer_compiled(void);
/* From now on, calls this every so many events, in the midst of one: by whoever is at the SPSC ring. */
void ms_producer_each_round(void (*call)(void));
/* In a forked child: forgets the recording; the segment is the parent's. */
void ms_producer_abandon(void);

/* The slow halves of the functions below. */
void ms_producer_forget_tstate(void);
bool ms_producer_switch_thread(uintptr_t self, PyThreadState *tstate);
bool ms_producer_make_room(void);
void ms_producer_sync(uint64_t mpsc_head);
/* Remembers a sampled block. False: no memory, counted as a dropped event. */
bool ms_producer_keep(const void *block);

/* Tells the drain something that no stack belongs to. Whether this thread is at the SPSC ring. */
bool ms_tell(ms_event event);

/* For threads without the main interpreter's GIL. */
void ms_note_alloc_nogil(ms_domain domain, void *block, size_t size);
/* Says that a recorded block goes away. False: recording is over. */
bool ms_note_plain_nogil(ms_kind kind, ms_domain domain, const void *block);
void ms_note_realloc_end_nogil(ms_domain domain, void *block, size_t size);

/* What threads without the main interpreter's GIL do for each event is below. Of a thread that is ending there is no
 * record. */
/* The same as ms_mpsc_push, of a ring that was full. */
void ms_mpsc_push_waiting(ms_event event, uint64_t size_bytes);
ms_thread *ms_producer_find_thread(ms_own *own);
uint32_t ms_producer_stack_nogil(ms_thread *thread);

/* ---- where am I ------------------------------------------------------------------------------ */

/* Whether a hook is to pass the call on unseen: no recording, or a request within a request. */
MS_INLINE bool
ms_producer_passes(uintptr_t self)
{
    return MS_UNLIKELY(!atomic_load_explicit(&producer.recording, memory_order_relaxed)) ||
           atomic_load_explicit(&producer.inside, memory_order_relaxed) == self;
}

/* Only whoever holds the GIL may; 0: out again. */
MS_INLINE void
ms_producer_go_inside(uintptr_t self)
{
    atomic_store_explicit(&producer.inside, self, memory_order_relaxed);
}

MS_INLINE bool
ms_is_holder(uintptr_t self)
{
    return atomic_load_explicit(&producer.thread_pointer, memory_order_relaxed) == self;
}

MS_INLINE PyThreadState *
ms_holder_tstate(void)
{
    return atomic_load_explicit(&producer.tstate, memory_order_relaxed);
}

/* This thread's state if it is the one that the ring has, whether it holds a GIL or not; else NULL. */
MS_INLINE PyThreadState *
ms_tstate_if_holder(uintptr_t self)
{
    /* The state first: another thread that puts in its own has cleared the pointer before. Pairs with the release in
     * ms_producer_switch_thread. */
    PyThreadState *tstate = atomic_load_explicit(&producer.tstate, memory_order_acquire);
    return MS_LIKELY(ms_is_holder(self)) ? tstate : NULL;
}

/* Whether this thread's events go to the SPSC ring. */
MS_INLINE bool
ms_at_spsc_ring(uintptr_t self)
{
    PyThreadState *tstate = ms_tstate_current();
    if (MS_LIKELY(ms_is_holder(self) && ms_holder_tstate() == tstate))
        return true;
    return ms_producer_switch_thread(self, tstate);
}

/* The same for a thread that holds a GIL, if not the main interpreter's: whoever asks MEM or OBJ does. */
MS_INLINE bool
ms_holder_at_spsc_ring(uintptr_t self)
{
    const PyThreadState *tstate = ms_tstate_if_holder(self);
    if (MS_LIKELY(tstate != NULL && ms_tstate_is_current(tstate)))
        return true;
    return ms_producer_switch_thread(self, ms_tstate_current());
}

/* To be called before a RAW block is freed, by any thread: thread states lie in such blocks. Other tools' hooks may
 * have put a header in front. */
MS_INLINE void
ms_producer_goes_away(const void *block)
{
    if (MS_UNLIKELY((uintptr_t)ms_holder_tstate() - (uintptr_t)block < 64))
        ms_producer_forget_tstate();
}

/* ---- the SPSC ring --------------------------------------------------------------------------- */

MS_INLINE bool
ms_push(ms_event event)
{
    if (MS_UNLIKELY(producer.spsc.head == producer.spsc.limit) && !ms_producer_make_room())
        return false;
    ms_spscring_put(&producer.spsc, event);
    return true;
}

MS_INLINE void
ms_sync_rings(void)
{
    /* pairs with the release of the claim in ms_mpscring_claim */
    uint64_t head = atomic_load_explicit(producer.mpsc_head, memory_order_acquire);
    if (MS_UNLIKELY(head != producer.mpsc_seen))
        ms_producer_sync(head);
}

MS_INLINE void
ms_push_sized(ms_kind kind, ms_domain domain, void *block, size_t size, uint32_t stack)
{
    ms_sync_rings();
    if (MS_UNLIKELY(size >> 32 != 0)) {
        ms_spscring_keep_together(&producer.spsc, 2);
        ms_push(ms_event_make(MS_SIZE_HIGH, domain, size >> 32, 0, 0));
    }
    ms_push(ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size, stack));
}

/* ---- the MPSC ring --------------------------------------------------------------------------- */

/* The thread's record, ready for the recording; NULL: none. */
MS_INLINE ms_thread *
ms_producer_thread(ms_own *own)
{
    ms_thread *thread = own->thread;
    bool is_ready = thread != NULL && thread->session == producer.walker.session;
    return MS_LIKELY(is_ready) ? thread : ms_producer_find_thread(own);
}

MS_INLINE void
ms_mpsc_leave(ms_presence *counted)
{
    if (MS_LIKELY(counted != &producer.at_mpsc))
        ms_presence_leave(counted);
    else
        atomic_fetch_sub(counted, 1);
}

/* Where this thread is counted in; NULL: recording has ended. To be handed to ms_mpsc_leave then. own: NULL where a
 * thread may not ask for what is its own. */
MS_INLINE ms_presence *
ms_mpsc_enter(const ms_own *own)
{
    ms_presence *counted = &producer.at_mpsc;
    if (MS_LIKELY(own != NULL && own->thread != NULL)) {
        counted = &own->thread->within;
        ms_presence_enter(counted);
    } else {
        atomic_fetch_add(counted, 1);
    }
    if (MS_LIKELY(atomic_load(&producer.recording)))
        return counted;
    ms_mpsc_leave(counted);
    return NULL;
}

MS_INLINE void
ms_mpsc_push(ms_event event, uint64_t size_bytes)
{
    ms_segment *segment = producer.segment;
    uint64_t position, after;
    if (MS_LIKELY(ms_mpscring_claim(segment->mpsc, segment->spsc, &position, &after)))
        ms_mpscring_publish(segment->mpsc, position, after, event, size_bytes);
    else
        ms_mpsc_push_waiting(event, size_bytes);
}

/* ---- sampling -------------------------------------------------------------------------------- */

/* Whether an allocation is to be recorded at all. The sampler belongs to the GIL's holder; without the GIL only
 * requests that are always kept are. */
MS_INLINE bool
ms_wanted(const void *block, size_t size, bool main_ring)
{
    if (MS_LIKELY(!producer.sampling))
        return true;
    bool kept = main_ring ? ms_sampler_keeps(&producer.sampler, size)
                          : size >= MS_SAMPLE_EXACT_BYTES || producer.budgeted; /* few, and nobody draws for them */
    return kept && ms_producer_keep(block);
}

/* Whether a block that goes away was recorded; it is forgotten here. */
MS_INLINE bool
ms_was_kept(const void *block)
{
    return !producer.sampling || (ms_keptblocks_has(&ms_kept_blocks, (uintptr_t)block) &&
                                  ms_keptblocks_remove(&ms_kept_blocks, (uintptr_t)block));
}

/* ---- a budget -------------------------------------------------------------------------------- */

/* For who is at the SPSC ring, in a sampled recording; but frees of other interpreters have turns, too. */

#define MS_TIMED_EACH 31u /* a prime: allocations and frees often take turns */

void ms_producer_timed(uint64_t from_ns);
void ms_producer_change_sampling(bool wanted);

/* When the event at hand began, if it is one of those that are timed; else 0. */
MS_INLINE uint64_t
ms_timed_from(void)
{
    if (MS_LIKELY(!producer.budgeted || !ms_sampler_turn(&producer.until_timed, MS_TIMED_EACH)))
        return 0;
    return ms_now_ns();
}

MS_INLINE void
ms_timed_until_now(uint64_t from_ns)
{
    if (MS_UNLIKELY(from_ns != 0))
        ms_producer_timed(from_ns);
}

/* Samples, or keeps all, from the next request on, where the drain has asked for that. Not before the request at hand
 * is told: where a point ended the wait for it, it stands for all that were passed over since the point before. */
MS_INLINE void
ms_follow_budget(void)
{
    if (MS_LIKELY(!producer.budgeted))
        return;
    bool wanted = atomic_load_explicit(&producer.segment->header->sampling_wanted, memory_order_relaxed) != 0;
    if (MS_UNLIKELY(wanted == producer.sampler.everything))
        ms_producer_change_sampling(wanted);
}

/* ---- what happened --------------------------------------------------------------------------- */

/* For whoever is at the SPSC ring. */

/* Of a block that is wanted. */
MS_INLINE void
ms_note_alloc(ms_domain domain, void *block, size_t size)
{
    uint32_t stack = ms_walk(&producer.walker, producer.thread, ms_holder_tstate());
    ms_push_sized(MS_ALLOC, domain, block, size, stack);
}

/* A block is to be reallocated. */
MS_INLINE void
ms_note_plain(ms_kind kind, ms_domain domain, const void *block)
{
    ms_sync_rings();
    ms_push(ms_event_make(kind, domain, (uintptr_t)block, 0, producer.thread_id));
}

/* type: id of the type of the object that lay in the block, or 0. */
MS_INLINE void
ms_note_free(ms_domain domain, const void *block, uint32_t type)
{
    ms_sync_rings();
    ms_push(ms_event_make(MS_FREE, domain, (uintptr_t)block, type, producer.thread_id));
}

MS_INLINE void
ms_note_realloc_end(ms_domain domain, void *block, size_t size)
{
    bool kept = block != NULL && ms_wanted(block, size, true);
    ms_kind kind = block == NULL ? MS_REALLOC_FAILED : kept ? MS_REALLOC_TO : MS_REALLOC_GONE;
    uint32_t stack = kept ? ms_walk(&producer.walker, producer.thread, ms_holder_tstate()) : 0;
    ms_push_sized(kind, domain, block, size, stack);
}

#endif
