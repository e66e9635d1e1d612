#include "supervising/tracker.h"

#include <signal.h>

#define FORGET_NS INT64_C(1000000000)

void
ms_tracker_received(ms_tracker *tracker, const ms_receipt *receipt)
{
    ms_receipts_add(&tracker->received, receipt);
}

void
ms_tracker_witnessed(ms_tracker *tracker, const ms_receipt *receipt)
{
    ms_receipts_add(&tracker->unclaimed, receipt);
}

void
ms_tracker_forget(ms_tracker *tracker, int64_t now_ns)
{
    ms_receipts *seen = &tracker->unclaimed;
    for (int i = seen->count; i-- > 0;) {
        if (!seen->at[i].delayed && now_ns - seen->at[i].at_ns >= FORGET_NS)
            ms_receipts_remove(seen, i);
    }
}

bool
ms_tracker_is_burst(const ms_receipt *left, const ms_receipt *right)
{
    return ms_receipt_is_like(left, right) && ms_receipt_apart_ns(left, right) <= MS_BURST_NS;
}

/* Whether no other of memscope's is nearer in time to the witness's. */
static bool
is_nearest(const ms_tracker *tracker, const ms_receipt *receipt, const ms_receipt *seen)
{
    int64_t apart_ns = ms_receipt_apart_ns(receipt, seen);
    for (int i = 0; i < tracker->received.count; i++) {
        const ms_receipt *other = &tracker->received.at[i];
        if (ms_receipt_is_like(other, seen) && ms_receipt_apart_ns(other, seen) < apart_ns)
            return false;
    }
    return true;
}

/* Of the witness's, the place of the one that stands for it, of real-time signals the first of its like: they queue.
 * Others may have become one on either side. -1: there is none. */
static int
find_claim(const ms_tracker *tracker, const ms_receipt *receipt)
{
    const ms_receipts *seen = &tracker->unclaimed;
    int found = -1;
    for (int i = 0; i < seen->count; i++) {
        const ms_receipt *this = &seen->at[i], *best = found < 0 ? NULL : &seen->at[found];
        if (!ms_receipt_is_like(this, receipt))
            continue;
        if (receipt->number >= SIGRTMIN)
            return i;
        if (!this->delayed && !is_nearest(tracker, receipt, this))
            continue;
        if (best == NULL || (this->delayed && !best->delayed) ||
            (this->delayed == best->delayed && ms_receipt_apart_ns(this, receipt) < ms_receipt_apart_ns(best, receipt)))
            found = i;
    }
    return found;
}

static bool
is_burst_of_any(const ms_receipts *list, const ms_receipt *receipt)
{
    for (int i = 0; i < list->count; i++) {
        if (ms_tracker_is_burst(&list->at[i], receipt))
            return true;
    }
    return false;
}

bool
ms_tracker_was_sent_to_all(ms_tracker *tracker, const ms_receipt *receipt)
{
    ms_receipts *seen = &tracker->unclaimed;
    int place = find_claim(tracker, receipt);
    if (receipt->number >= SIGRTMIN) {
        if (place >= 0)
            ms_receipts_remove(seen, place);
        return place >= 0;
    }
    if (place < 0)
        return is_burst_of_any(&tracker->claimed, receipt) || is_burst_of_any(seen, receipt);
    ms_receipt claimed = seen->at[place];
    ms_receipts_add(&tracker->claimed, &claimed);
    ms_receipts_remove(seen, place);
    for (int i = seen->count; i-- > 0;) {
        if (ms_tracker_is_burst(&seen->at[i], &claimed))
            ms_receipts_remove(seen, i);
    }
    return true;
}
