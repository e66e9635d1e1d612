/* snapshotframes.h: a program's snapshot of its objects, joined with the ledger: which row is each object's block of?
 *
 *   SNAPSHOT what was taken │ NAMES │ OBJECTS by number │ REFERENCES, those of one object after the other
 */
#ifndef MS_SNAPSHOTFRAMES_H
#define MS_SNAPSHOTFRAMES_H

#include "capture/writer.h"
#include "shared/snapshot.h"

typedef struct ms_snapshot_result {
    bool taken, at_peak;
    uint64_t pause_ns; /* for which the program stood still */
} ms_snapshot_result;

/* Writes what the program has taken; all rows must have been written. A program that waits meanwhile is let go as soon
 * as it may. */
ms_snapshot_result ms_snapshot_write(ms_snapshot *snapshot, ms_ledger *ledger, ms_writer *writer, uint64_t time_ns);

#endif
