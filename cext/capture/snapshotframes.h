/* snapshotframes.h: a program's snapshot of its objects, joined with the ledger: which row is each object's block of?
 *
 *   SNAPSHOT what was taken │ NAMES │ OBJECTS by number │ REFERENCES, those of one object after the other
 */
#ifndef MS_SNAPSHOTFRAMES_H
#define MS_SNAPSHOTFRAMES_H

#include "capture/writer.h"
#include "shared/snapshot.h"

/* What the program says of its snapshot, read once: it may write over it at any time. */
typedef struct ms_snapshot_said {
    uint32_t moment, roots, objects, names, values;
    uint64_t references, text_bytes, started_ns, pause_ns;
    bool taken;
    char why[MS_SNAPSHOT_WHY];
} ms_snapshot_said;

typedef struct ms_joined {
    ms_snapshot *snapshot; /* NULL: there is none */
    ms_snapshot_said said;
    uint32_t *rows;    /* the ledger's, by number */
    const char *why;   /* it was not taken; else empty */
    uint64_t pause_ns; /* for which the program stood still */
} ms_joined;

/* Joins what the program has taken, and lets the program go if it waits. */
void ms_snapshot_join(ms_joined *joined, ms_snapshot *snapshot, ms_ledger *ledger);
/* Writes it; all rows must have been written. row_to: by the ledger's row, what it is to the writer; NULL: the same. */
void ms_snapshot_write(const ms_joined *joined, ms_writer *writer, const uint32_t *row_to, uint64_t time_ns);
/* It is not needed any more. */
void ms_joined_close(ms_joined *joined);

static inline bool
ms_joined_is_taken(const ms_joined *joined)
{
    return *joined->why == '\0';
}

#endif
