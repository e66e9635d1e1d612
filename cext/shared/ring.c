#include "shared/ring.h"

static uint64_t
lower_of(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Behind an odd round: what can be read still lies at the same places in twice as many slots. */
static void
grow(ms_spscring_writer *writer)
{
    uint64_t doublings = atomic_load_explicit(&writer->ring->doublings, memory_order_relaxed);
    writer->mask = 2 * writer->mask + 1;
    writer->is_scarce = false;
    /* The release of the next event's head shows it, before anything lies in the new slots. */
    atomic_store_explicit(&writer->ring->doublings, doublings + 1, memory_order_relaxed);
}

uint64_t
ms_spscring_refresh(ms_spscring_writer *writer)
{
    /* pairs with the release in ms_spscring_release: those slots are read and may be written again */
    uint64_t tail = atomic_load_explicit(&writer->ring->tail, memory_order_acquire);
    uint64_t head = writer->head, slots = writer->mask + 1;
    if (slots == MS_SPSC_MOST) {
        writer->limit = lower_of(tail + slots, writer->halt);
        return writer->limit - head;
    }
    bool at_odd_round = (head & (2 * slots - 1)) == slots;
    if (at_odd_round && writer->is_scarce) {
        grow(writer);
        slots *= 2;
    }
    uint64_t end_of_round = (head | (slots - 1)) + 1;
    writer->limit = lower_of(lower_of(tail + slots, end_of_round), writer->halt);
    return writer->limit - head;
}

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
