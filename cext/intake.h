/* intake.h: takes the events out of the rings, in the order that ring.h guarantees.
 *
 *   main ring ──┬──► runs ──► ledger   nearly all events, by the run
 *        SYNC ▲ │                ▲
 *             │ └── single ──────┤      of sizes above 4 GiB, or to be kept
 *   side ring ┴─────────────────┤
 *                                ├──► heap     arenas and pools
 *                                └──► writer   with --events: each event
 *
 * A side event is taken when the main ring asks for it, or once all that it was claimed after is taken. Used by the
 * drain alone. What it reads may have been written by a program that has gone wrong: positions are held against the
 * size of the rings.
 */
#ifndef MS_INTAKE_H
#define MS_INTAKE_H

#include "heap.h"
#include "writer.h"

typedef struct ms_intake {
    const ms_segment *segment;
    ms_ledger *ledger;
    ms_heap *heap;
    ms_writer *writer;

    uint64_t main_position, side_position; /* events taken */
    uint64_t main_high;                    /* upper half of the next event's size */
    uint64_t events;                       /* of blocks */
    uint64_t lap_main, lap_side;           /* positions at which the lap began */
    bool program_gone;    /* what it had begun to write stays as it is: nothing is waited for */
    bool damaged;         /* a ring's position was not what the program writes */
    uint64_t lost_events; /* claimed in the side ring by a process that died before it filled them */

    ms_kept_event *kept; /* NULL: none are kept */
    uint32_t kept_count;
} ms_intake;

/* Begins with the first event that nobody has taken. The parts stay the caller's. */
ms_status ms_intake_open(ms_intake *intake, const ms_segment *segment, ms_ledger *ledger, ms_heap *heap,
                         ms_writer *writer, bool keep_events);
void ms_intake_close(ms_intake *intake);

/* Takes everything that is in the rings now; returns the number of events. time_ns: since the recording began. */
uint64_t ms_intake_take(ms_intake *intake, uint64_t time_ns);
/* Takes the side events that are claimed by now, also those that no other waits for. */
void ms_intake_take_side(ms_intake *intake);
/* Hands the events that are kept to the writer. */
void ms_intake_flush(ms_intake *intake);
/* Forgets all blocks in the ledger's map, and counts events anew. */
void ms_intake_begin_lap(ms_intake *intake);

#endif
