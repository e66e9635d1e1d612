/* relay.h: passes on to the recorded program the signals that have not reached it by themselves.
 *
 * As `Relay` of memscope/recording/signals.py, which supervisors with Python use, and where it is told why
 * (docs/decisions/0017-a-witness-for-group-signals.md). All signals must be blocked.
 */
#ifndef MS_RELAY_H
#define MS_RELAY_H

#include "supervising/witnessing.h"

/* How long a signal waits for the witness's own, where one process after the other is signalled: by a service manager
 * that stops a control group, or `pkill`. */
#define MS_WAIT_NS INT64_C(25000000)

typedef struct ms_relay {
    pid_t program, parent;
    ms_witnessing witness;
    ms_tracker tracker;
    ms_receipts undecided;
    ms_receipts outgoing;
    bool any;          /* there is a latest one */
    ms_receipt latest; /* of those that are outgoing or sent, and when that is due */
} ms_relay;

/* Waits for a signal, or until one has waited long enough, and passes on what is due. */
void ms_relay_step(ms_relay *relay);
/* Stops until somebody has this process go on: the shell is waiting for that, at Ctrl-Z. */
void ms_relay_stop_like_program(ms_relay *relay, int number);
/* What came too late for the program is lost, as without us: it is not for this process. */
void ms_relay_drop_rest(void);

#endif
