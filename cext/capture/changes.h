/* changes.h: WINDOW frames: what has changed in the rows. */
#ifndef MS_CHANGES_H
#define MS_CHANGES_H

#include "capture/writer.h"

/* A stretch of time, and the events that were taken in until it began and ended. */
typedef struct ms_stretch {
    uint64_t start_ns, end_ns;
    uint64_t first_event, last_event;
} ms_stretch;

/* What the ledger's open window touched, and what has folded: rows and stacks must have been written. */
void ms_changes_write(ms_writer *writer, ms_ledger *ledger, const ms_stretch *stretch);

#endif
