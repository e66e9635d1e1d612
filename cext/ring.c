#include "ring.h"

bool
ms_sidering_claim(ms_sidering *side, const ms_ring *main, uint64_t *position, uint64_t *after)
{
    /* Before the claim: read after it, the two notes could ask for each other (see ring.h). */
    *after = ms_ring_available(main);
    uint64_t head = atomic_load_explicit(&side->head, memory_order_relaxed);
    do {
        /* pairs with the release in ms_sidering_release */
        uint64_t tail = atomic_load_explicit(&side->tail, memory_order_acquire);
        if (head - tail >= MS_SIDE_SLOTS)
            return false;
        /* pairs with the acquire load of side->head by the main ring's producer (SYNC) */
    } while (!atomic_compare_exchange_weak_explicit(&side->head, &head, head + 1,
                                                    memory_order_acq_rel, memory_order_relaxed));
    *position = head;
    return true;
}

void
ms_sidering_publish(ms_sidering *side, uint64_t position, uint64_t after, ms_event event,
                    uint64_t size_bytes)
{
    ms_side_event *slot = &side->slots[position & (MS_SIDE_SLOTS - 1)];
    slot->after = after;
    slot->thread = ms_thread_pointer();
    slot->size_bytes = size_bytes;
    slot->event = event;
    /* pairs with the acquire in ms_sidering_peek */
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
}

const ms_side_event *
ms_sidering_peek(const ms_sidering *side, uint64_t position)
{
    const ms_side_event *slot = &side->slots[position & (MS_SIDE_SLOTS - 1)];
    if (atomic_load_explicit(&slot->turn, memory_order_acquire) != position + 1)
        return NULL;
    return slot;
}

void
ms_sidering_release(ms_sidering *side, uint64_t position)
{
    atomic_store_explicit(&side->tail, position, memory_order_release);
}
