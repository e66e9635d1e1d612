/* witnessing.h: the supervisor's side of the witness (witness/witness.c): asks it what has reached it. */
#ifndef MS_WITNESSING_H
#define MS_WITNESSING_H

#include "supervising/tracker.h"

#include <sys/types.h>

typedef struct ms_witnessing {
    pid_t pid; /* 0: there is none, it could not start or is gone */
    int records, news;
    int asked, answers;
    size_t unread_bytes;
    char unread[4096]; /* the beginning of a line */
} ms_witnessing;

/* Tells it that memscope "follows" its program's stop, or "goes-on". */
void ms_witnessing_tell(const ms_witnessing *witness, const char *news);
/* Gives the tracker what has reached it since the last call: all that was sent to it before this one. Less if it is
 * stopped, and nothing if it is no longer there. */
void ms_witnessing_ask(ms_witnessing *witness, ms_tracker *tracker);
/* Whether it has this signal and could not tell when it was asked, since it is stopped. */
bool ms_witnessing_has_pending(const ms_witnessing *witness, int number);
void ms_witnessing_stop(ms_witnessing *witness);

#endif
