#include "shared/ring.h"

/* Looks at the consumer's position, which the consumer writes all the time, only where the ring was full by the last
 * look of any producer. Two that look at once may leave the older limit: then somebody looks once more. */
static bool
is_full(ms_mpscring *mpsc, uint64_t head)
{
    /* pairs with the release below, and so with what that acquired */
    if (MS_LIKELY(head < atomic_load_explicit(&mpsc->limit, memory_order_acquire)))
        return false;
    /* pairs with the release in ms_mpscring_release */
    uint64_t limit = atomic_load_explicit(&mpsc->tail, memory_order_acquire) + MS_MPSC_SLOTS;
    atomic_store_explicit(&mpsc->limit, limit, memory_order_release);
    return head >= limit;
}

bool
ms_mpscring_claim(ms_mpscring *mpsc, const ms_spscring *spsc, uint64_t *position, uint64_t *after)
{
    /* Before the claim: read after it, the two notes could ask for each other (see ring.h). */
    *after = ms_spscring_available(spsc);
    uint64_t head = atomic_load_explicit(&mpsc->head, memory_order_relaxed);
    do {
        if (is_full(mpsc, head))
            return false;
        /* pairs with the acquire load of mpsc->head by the SPSC ring's producer (SYNC) */
    } while (!atomic_compare_exchange_weak_explicit(&mpsc->head, &head, head + 1, memory_order_acq_rel,
                                                    memory_order_relaxed));
    *position = head;
    return true;
}

void
ms_mpscring_publish(ms_mpscring *mpsc, uint64_t position, uint64_t after, ms_event event, uint64_t size_bytes)
{
    ms_mpsc_event *slot = &mpsc->slots[position & (MS_MPSC_SLOTS - 1)];
    slot->after = after;
    slot->thread = ms_thread_pointer();
    slot->size_bytes = size_bytes;
    slot->event = event;
    /* pairs with the acquire in ms_mpscring_peek */
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
    MS_PREFETCH_TO_WRITE(slot + MS_MPSC_AHEAD); /* as in ms_spscring_push */
}

const ms_mpsc_event *
ms_mpscring_peek(const ms_mpscring *mpsc, uint64_t position)
{
    const ms_mpsc_event *slot = &mpsc->slots[position & (MS_MPSC_SLOTS - 1)];
    if (atomic_load_explicit(&slot->turn, memory_order_acquire) != position + 1)
        return NULL;
    return slot;
}

void
ms_mpscring_release(ms_mpscring *mpsc, uint64_t position)
{
    atomic_store_explicit(&mpsc->tail, position, memory_order_release);
}
