/* ownmemory.h: how much of the recorded process's resident memory is memscope's own.
 *
 *   the segment, as far as it is touched     counted once for each process that maps it
 *   a snapshot's file, while it is filled    the program says
 *   anonymous memory                         memscope run: the program says; record(): it is measured
 *
 * Used by the drain alone.
 */
#ifndef MS_OWNMEMORY_H
#define MS_OWNMEMORY_H

#include "shared/segment.h"

typedef struct ms_ownmemory {
    const ms_segment *segment;
    int pid;                     /* of the recorded process */
    uint64_t bytes;              /* anonymous memory of this process, as of the last measurement */
    bool with_tables;            /* a snapshot's tables among them */
    uint64_t took_ns, looked_ns; /* what that took, and when it was */
} ms_ownmemory;

void ms_ownmemory_init(ms_ownmemory *own, const ms_segment *segment, int pid);
/* Anonymous memory. In this process it is measured, as often as that takes no more than a fiftieth of the time. */
uint64_t ms_ownmemory_anonymous_bytes(ms_ownmemory *own);
/* What a snapshot that is being taken has of it. */
uint64_t ms_ownmemory_snapshot_bytes(const ms_ownmemory *own);
/* Whether one is being taken right now. */
bool ms_ownmemory_is_in_snapshot(const ms_ownmemory *own);
/* All resident memory. */
uint64_t ms_ownmemory_bytes(ms_ownmemory *own);

#endif
