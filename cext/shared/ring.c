#include "shared/ring.h"

bool
ms_mpscring_claim(ms_mpscring *mpsc, const ms_spscring *spsc, uint64_t *position, uint64_t *after)
{
    /* Before the claim: read after it, the two notes could ask for each other (see ring.h). */
    *after = ms_spscring_available(spsc);
    uint64_t head = atomic_load_explicit(&mpsc->head, memory_order_relaxed);
    do {
        /* pairs with the release in ms_mpscring_release */
        uint64_t tail = atomic_load_explicit(&mpsc->tail, memory_order_acquire);
        if (head - tail >= MS_MPSC_SLOTS)
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
