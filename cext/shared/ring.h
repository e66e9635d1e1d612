/* ring.h: the lock-free way of events from the program to the drain.
 *
 *          tail                    head
 *           v                       v
 *   | . . . e e e e e e e e e e e e . . . . |      slots: a power of two; positions only ever rise
 *           drain takes here        program writes here
 *
 * The SPSC ring begins small. Where its producer has waited too much, it doubles it behind the next odd round:
 *
 *   4 slots    round 0   0 1 2 3
 *              round 1   4 5 6 7       even rounds lie in the lower half of 8 slots, too: what is behind an odd round's
 *   8 slots    round 0   0 1 2 3 . . . .             begin is where it was, and what follows has room
 *                                4 5 6 7
 *
 * So each of the last MS_SPSC_FIRST events lies at its position modulo the slots that are in use now.
 *
 * ms_spscring: the SPSC ring, of one producer and one consumer. All threads of the program that hold the GIL share it:
 * the GIL makes them one producer, and gives their events one order for free.
 *
 * ms_mpscring: the MPSC ring, of many producers and one consumer, for threads that allocate without the GIL. A slot is
 * claimed by one compare-and-swap and published by its turn number; no producer waits for another.
 *
 * Order across the two. An address can travel: a thread without the GIL frees a block, and one with
 * the GIL is given the same address. So that the drain sees the free first,
 *   - an MPSC event notes the SPSC ring's head as it was before its slot was claimed (`after`);
 *   - the SPSC ring's producer puts a SYNC event in when the MPSC ring has grown since it last looked.
 * A free goes out before the allocator is called, an allocation after it has returned; so whatever
 * the allocator ordered, these two notes order too. They follow real time, so they cannot form a circle.
 */
#ifndef MS_RING_H
#define MS_RING_H

#include "shared/event.h"

/* 2^16 events of 16 bytes, 1 MiB, at first; 2^18 and 4 MiB at most. At 40 million events a second and a poll each 2 ms
 * a third of those is in use; a ring of 256 KiB for good would make such a program wait for most of its time (measured:
 * 3.3 times the wall time). With 512 KiB at first a tight loop took 4 % more processor time: lines come back to the
 * program while the drain's processor still has them. */
#define MS_SPSC_MOST_DOUBLINGS 2u
#define MS_SPSC_FIRST (UINT64_C(1) << 16)
#define MS_SPSC_MOST (MS_SPSC_FIRST << MS_SPSC_MOST_DOUBLINGS)
#define MS_SPSC_AHEAD 32u /* events; eight cache lines */
/* 2^15 events of 48 bytes, 1.5 MiB where they are used. A thread without the GIL that allocates natively writes as many
 * within a poll. */
#define MS_MPSC_SLOTS (UINT64_C(1) << 15)
#define MS_MPSC_AHEAD 16u /* events; six cache lines */

/* Lives in the shared segment. */
typedef struct ms_spscring {
    alignas(MS_CACHE_LINE) _Atomic uint64_t head; /* events written; producer only */
    _Atomic uint64_t doublings;                   /* of the slots in use; producer only */
    alignas(MS_CACHE_LINE) _Atomic uint64_t tail; /* events taken; consumer only */
    alignas(MS_CACHE_LINE) ms_event slots[MS_SPSC_MOST];
} ms_spscring;

typedef struct ms_mpsc_event {
    _Atomic uint64_t turn; /* position + 1 once the slot holds that event */
    uint64_t after;        /* head of the SPSC ring before this slot was claimed */
    uint64_t thread;       /* thread pointer: pairs REALLOC_FROM with its TO */
    uint64_t size_bytes;
    ms_event event;
} ms_mpsc_event;

typedef struct ms_mpscring {
    alignas(MS_CACHE_LINE) _Atomic uint64_t head; /* slots claimed; producers */
    _Atomic uint64_t limit;                       /* head may rise to here before the tail must be read again */
    alignas(MS_CACHE_LINE) _Atomic uint64_t tail; /* events taken; consumer only */
    alignas(MS_CACHE_LINE) ms_mpsc_event slots[MS_MPSC_SLOTS];
} ms_mpscring;

/* The producer's private view: no shared line is read unless the ring looks full. */
typedef struct ms_spscring_writer {
    ms_spscring *ring;
    uint64_t head;
    uint64_t limit; /* head may rise to here before the tail must be read again */
    uint64_t mask;  /* slots in use, less one */
    uint64_t halt;  /* head may not rise beyond this, until somebody puts it further */
    bool is_scarce; /* it is to grow; false again once it has */
} ms_spscring_writer;

/* Slots that are in use. By the consumer, after it has read the head: the last events may lie in the new ones. What the
 * program has written there keeps within the ring. */
static inline uint64_t
ms_spscring_slots(const ms_spscring *ring)
{
    uint64_t doublings = atomic_load_explicit(&ring->doublings, memory_order_relaxed);
    return MS_SPSC_FIRST << (doublings < MS_SPSC_MOST_DOUBLINGS ? doublings : MS_SPSC_MOST_DOUBLINGS);
}

static inline void
ms_spscring_writer_open(ms_spscring_writer *writer, ms_spscring *ring)
{
    writer->ring = ring;
    writer->head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    writer->limit = writer->head;
    writer->mask = ms_spscring_slots(ring) - 1;
    writer->halt = UINT64_MAX;
    writer->is_scarce = false;
}

/* Free slots up to the halt, or up to where the ring may grow, looking at the consumer's position; 0: full, or at the
 * halt. */
uint64_t ms_spscring_refresh(ms_spscring_writer *writer);

/* The next `count` events are to follow each other: a halt before or among them comes after. */
static inline void
ms_spscring_keep_together(ms_spscring_writer *writer, uint64_t count)
{
    if (writer->halt - writer->head < count)
        writer->halt += count;
}

/* The next event; there must be room. */
MS_INLINE void
ms_spscring_put(ms_spscring_writer *writer, ms_event event)
{
    uint64_t head = writer->head;
    ms_event *slot = &writer->ring->slots[head & writer->mask];
    *slot = event;
    /* The line is in the consumer's cache: to ask for it early spares the store the way there. What lies behind the
     * last slots is asked for in vain, once a round. */
    MS_PREFETCH_TO_WRITE(slot + MS_SPSC_AHEAD);
    writer->head = head + 1;
    /* pairs with the acquire in ms_spscring_available */
    atomic_store_explicit(&writer->ring->head, head + 1, memory_order_release);
}

/* False: full or at the halt, nothing written. */
MS_INLINE bool
ms_spscring_push(ms_spscring_writer *writer, ms_event event)
{
    if (MS_UNLIKELY(writer->head == writer->limit) && ms_spscring_refresh(writer) == 0)
        return false;
    ms_spscring_put(writer, event);
    return true;
}

/* Position behind the last event that can be read now. */
static inline uint64_t
ms_spscring_available(const ms_spscring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire);
}

/* slots: that are in use. */
MS_INLINE const ms_event *
ms_spscring_at(const ms_spscring *ring, uint64_t slots, uint64_t position)
{
    return &ring->slots[position & (slots - 1)];
}

/* One of the last events, for who writes them. */
MS_INLINE const ms_event *
ms_spscring_written(const ms_spscring_writer *writer, uint64_t position)
{
    return &writer->ring->slots[position & writer->mask];
}

/* Gives the slots before position back to the producer. */
static inline void
ms_spscring_release(ms_spscring *ring, uint64_t position)
{
    atomic_store_explicit(&ring->tail, position, memory_order_release);
}

/* Whether it is still full when the consumer's position, which the consumer writes all the time, is looked at. Two that
 * look at once may leave the older limit: then somebody looks once more. */
bool ms_mpscring_is_full(ms_mpscring *mpsc, uint64_t head);

/* Claims a slot and says where; false: full. Any thread. */
MS_INLINE bool
ms_mpscring_claim(ms_mpscring *mpsc, const ms_spscring *spsc, uint64_t *position, uint64_t *after)
{
    /* Before the claim: read after it, the two notes could ask for each other (see above). */
    *after = ms_spscring_available(spsc);
    uint64_t head = atomic_load_explicit(&mpsc->head, memory_order_relaxed);
    do {
        /* pairs with the release in ms_mpscring_is_full, and so with what that acquired */
        if (MS_UNLIKELY(head >= atomic_load_explicit(&mpsc->limit, memory_order_acquire)) &&
            ms_mpscring_is_full(mpsc, head))
            return false;
        /* pairs with the acquire load of mpsc->head by the SPSC ring's producer (SYNC) */
    } while (!atomic_compare_exchange_weak_explicit(&mpsc->head, &head, head + 1, memory_order_acq_rel,
                                                    memory_order_relaxed));
    *position = head;
    return true;
}

/* Fills the claimed slot and shows it to the consumer. */
MS_INLINE void
ms_mpscring_publish(ms_mpscring *mpsc, uint64_t position, uint64_t after, ms_event event, uint64_t size_bytes)
{
    ms_mpsc_event *slot = &mpsc->slots[position & (MS_MPSC_SLOTS - 1)];
    slot->after = after;
    slot->thread = ms_thread_pointer();
    slot->size_bytes = size_bytes;
    slot->event = event;
    /* pairs with the acquire in ms_mpscring_peek */
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
    MS_PREFETCH_TO_WRITE(slot + MS_MPSC_AHEAD); /* as in ms_spscring_put */
}

/* The event at position once it is published, else NULL. Consumer only. */
const ms_mpsc_event *ms_mpscring_peek(const ms_mpscring *mpsc, uint64_t position);
void ms_mpscring_release(ms_mpscring *mpsc, uint64_t position);

#endif
