#include "shared/ring.h"

bool
ms_mpscring_is_full(ms_mpscring *mpsc, uint64_t head)
{
    /* pairs with the release in ms_mpscring_release */
    uint64_t limit = atomic_load_explicit(&mpsc->tail, memory_order_acquire) + MS_MPSC_SLOTS;
    atomic_store_explicit(&mpsc->limit, limit, memory_order_release);
    return head >= limit;
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
