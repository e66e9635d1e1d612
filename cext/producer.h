/* producer.h: puts what the hooks see into the rings.
 *
 *   hook ──► does this thread hold the main interpreter's GIL?
 *              yes: stack id ──► main ring          (inline below: the path of nearly every event)
 *              no:  stack id ──► side ring          (producer.c)
 *
 * What holds here: no lock, no system call (but when a ring is full), no allocation from a hooked domain,
 * nothing that could run Python code.
 */
#ifndef MS_PRODUCER_H
#define MS_PRODUCER_H

#include "framewalk.h"
#include "orphans.h"
#include "sampler.h"

/* A full ring that nobody empties: after this long the program goes on unrecorded. */
#define MS_PATIENCE_NS UINT64_C(2000000000)

/* Guarded by the GIL unless said otherwise. */
typedef struct ms_producer {
    /* What every event reads, in one line. */
    alignas(MS_CACHE_LINE) _Atomic uintptr_t inside; /* thread within an allocator, with the GIL */
    _Atomic bool recording;                          /* read by all threads */
    bool sampling;
    uint32_t thread_id;               /* of `thread` */
    _Atomic uintptr_t thread_pointer; /* whose `thread` and `tstate` are; others may only clear it */
    _Atomic(PyThreadState *) tstate;  /* its memory is there for as long as thread_pointer is not cleared */
    ms_thread *thread;
    _Atomic uint64_t *side_head; /* in the segment */
    uint64_t side_seen;          /* what it was at the last SYNC */
    ms_ring_writer ring;
    ms_segment *segment; /* NULL: no recording */
    ms_sampler sampler;

    ms_orphans orphans; /* in laps */
    ms_walker walker;
    PyInterpreterState *interp;
    _Atomic(ms_thread *) threads; /* every ms_thread ever made; only prepended to */
    _Atomic uint32_t at_side;     /* threads within side events; stop waits for them */
} ms_producer;

extern ms_producer producer;
/* In a sampled recording; empty otherwise. */
extern ms_sampleset ms_kept_blocks;

/* Both need the GIL. */
ms_status ms_producer_start(ms_segment *segment, uint64_t sample_bytes);
/* whole: our hooks were in place to the end. */
void ms_producer_stop(bool whole);
/* Between two laps nothing is noted; ids of stacks stay what they are. Both need the GIL. */
void ms_producer_pause(void);
/* False: the recording is over. */
bool ms_producer_resume(void);
/* In a forked child: forgets the recording; the segment is the parent's. */
void ms_producer_abandon(void);

/* The slow halves of the functions below. */
void ms_producer_forget_tstate(void);
bool ms_producer_switch_thread(uintptr_t self, PyThreadState *tstate);
bool ms_producer_wait(void);
void ms_producer_sync(uint64_t side_head);
/* Remembers a sampled block. False: no room, counted as a dropped event. */
bool ms_producer_keep(const void *block);

/* Tells the drain something that no stack belongs to. Whether this thread is at the main ring. */
bool ms_tell(ms_event event);

/* For threads without the main interpreter's GIL. */
void ms_note_alloc_side(ms_domain domain, void *block, size_t size);
/* Says that a recorded block goes away. False: recording is over. */
bool ms_note_plain_side(ms_kind kind, ms_domain domain, const void *block);
void ms_note_realloc_end_side(ms_domain domain, void *block, size_t size);

/* ---- where am I ---------------------------------------------------------------------------------- */

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

/* Whether this thread's events go to the main ring. */
MS_INLINE bool
ms_at_main_ring(uintptr_t self)
{
    PyThreadState *tstate = ms_tstate_current();
    if (MS_LIKELY(ms_is_holder(self) && ms_holder_tstate() == tstate))
        return true;
    return ms_producer_switch_thread(self, tstate);
}

/* The same for a thread that holds a GIL, if not the main interpreter's: whoever asks MEM or OBJ does. */
MS_INLINE bool
ms_holder_at_main_ring(uintptr_t self)
{
    if (MS_LIKELY(ms_is_holder(self) && ms_tstate_is_current(ms_holder_tstate())))
        return true;
    return ms_producer_switch_thread(self, ms_tstate_current());
}

/* To be called before a RAW block is freed, by any thread: thread states lie in such blocks. Other tools' hooks may have
 * put a header in front. */
MS_INLINE void
ms_producer_goes_away(const void *block)
{
    if (MS_UNLIKELY((uintptr_t)ms_holder_tstate() - (uintptr_t)block < 64))
        ms_producer_forget_tstate();
}

/* ---- the main ring ------------------------------------------------------------------------------- */

MS_INLINE bool
ms_push(ms_event event)
{
    if (MS_LIKELY(ms_ring_push(&producer.ring, event)))
        return true;
    return ms_producer_wait() && ms_ring_push(&producer.ring, event);
}

MS_INLINE void
ms_sync_rings(void)
{
    /* pairs with the release of the claim in ms_sidering_claim */
    uint64_t head = atomic_load_explicit(producer.side_head, memory_order_acquire);
    if (MS_UNLIKELY(head != producer.side_seen))
        ms_producer_sync(head);
}

MS_INLINE void
ms_push_sized(ms_kind kind, ms_domain domain, void *block, size_t size, uint32_t stack)
{
    ms_sync_rings();
    if (MS_UNLIKELY(size >> 32 != 0)) {
        ms_ring_keep_together(&producer.ring, 2);
        ms_push(ms_event_make(MS_SIZE_HIGH, domain, size >> 32, 0, 0));
    }
    ms_push(ms_event_make(kind, domain, (uintptr_t)block, (uint32_t)size, stack));
}

/* ---- sampling ------------------------------------------------------------------------------------ */

/* Whether an allocation is to be recorded at all. The sampler belongs to the GIL's holder; without the GIL only
 * requests that are always kept are. */
MS_INLINE bool
ms_wanted(const void *block, size_t size, bool main_ring)
{
    if (MS_LIKELY(!producer.sampling))
        return true;
    bool kept = main_ring ? ms_sampler_keeps(&producer.sampler, size)
                          : size >= MS_SAMPLE_EXACT_BYTES;
    return kept && ms_producer_keep(block);
}

/* Whether a block that goes away was recorded; it is forgotten here. */
MS_INLINE bool
ms_was_kept(const void *block)
{
    return !producer.sampling || (ms_sampleset_may_hold(&ms_kept_blocks, (uintptr_t)block) &&
                                  ms_sampleset_remove(&ms_kept_blocks, (uintptr_t)block));
}

/* ---- what happened ------------------------------------------------------------------------------- */

/* For whoever is at the main ring. */

/* Of a block that is wanted. */
MS_INLINE void
ms_note_alloc(ms_domain domain, void *block, size_t size)
{
    uint32_t stack = ms_walk(&producer.walker, producer.thread, ms_holder_tstate());
    ms_push_sized(MS_ALLOC, domain, block, size, stack);
}

/* A block goes away: freed, or to be reallocated. */
MS_INLINE void
ms_note_plain(ms_kind kind, ms_domain domain, const void *block)
{
    ms_sync_rings();
    ms_push(ms_event_make(kind, domain, (uintptr_t)block, 0, producer.thread_id));
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
