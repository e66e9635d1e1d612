/* tracker.h: which of memscope's signals reached the witness too, by number, sender and time. Pure.
 *
 * As `Tracker` of memscope/recording/signals.py, which supervisors with Python use.
 */
#ifndef MS_TRACKER_H
#define MS_TRACKER_H

#include "supervising/receipts.h"

/* `timeout` signals its child and then the group. A program alone gets the two as one: the second comes before it has
 * run. In two processes they may be told apart, by this much at most. */
#define MS_BURST_NS INT64_C(5000000)

typedef struct ms_tracker {
    ms_receipts received;
    ms_receipts unclaimed; /* the witness's that none of memscope's is known for */
    ms_receipts claimed;
} ms_tracker;

void ms_tracker_received(ms_tracker *tracker, const ms_receipt *receipt);
/* One of the witness's. */
void ms_tracker_witnessed(ms_tracker *tracker, const ms_receipt *receipt);
/* What the witness got and memscope did not, because two in a row became one, is forgotten after a second. */
void ms_tracker_forget(ms_tracker *tracker, int64_t now_ns);
/* Whether the witness got it too; each of the witness's answers for one of memscope's. */
bool ms_tracker_was_sent_to_all(ms_tracker *tracker, const ms_receipt *receipt);
/* Whether a process that got both of them may well have seen one. */
bool ms_tracker_is_burst(const ms_receipt *left, const ms_receipt *right);

#endif
