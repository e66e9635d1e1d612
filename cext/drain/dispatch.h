/* dispatch.h: event dispatch: takes events out of the rings in the order that ring.h guarantees, and hands each on.
 *
 *   SPSC ring ──┬──► fast path ──► ledger   nearly all events
 *        SYNC ▲ │                     ▲
 *             │ └── single ───────────┤      of sizes above 4 GiB, or to be kept
 *   MPSC ring ┴──────────────────────┤
 *                                     ├──► heap     arenas and pools
 *                                     └──► writer   with --events: each event
 *
 * An event of the MPSC ring is taken when the SPSC ring asks for it, or once all that it was claimed after is taken.
 * Used by the drain alone. A program that has gone wrong may have written what is read here: positions are held against
 * the size of the rings.
 */
#ifndef MS_DISPATCH_H
#define MS_DISPATCH_H

#include "capture/writer.h"
#include "drain/heap.h"

typedef struct ms_dispatch {
    const ms_segment *segment;
    ms_ledger *ledger;
    ms_heap *heap;
    ms_writer *writer;

    uint64_t spsc_position, mpsc_position; /* events taken */
    uint64_t size_high;                    /* upper half of the next event's size */
    uint64_t events;                       /* of blocks */
    uint64_t section_spsc, section_mpsc;   /* positions at which the section began */
    bool program_gone;                     /* what it had begun to write stays as it is: nothing is waited for */
    bool sampling;                         /* as of the last event that tells of it; with a budget */
    bool damaged;                          /* a ring's position was not what the program writes */
    uint64_t lost_events;                  /* claimed in the MPSC ring by a process that died before it filled them */

    ms_kept_event *kept; /* NULL: none are kept */
    uint32_t kept_count;
} ms_dispatch;

/* Begins with the first event that nobody has taken. The parts stay the caller's. */
ms_status ms_dispatch_open(ms_dispatch *dispatch, const ms_segment *segment, ms_ledger *ledger, ms_heap *heap,
                           ms_writer *writer, bool keep_events);
void ms_dispatch_close(ms_dispatch *dispatch);

/* Takes everything that is in the rings now; returns the number of events. time_ns: since the recording began. */
uint64_t ms_dispatch_take(ms_dispatch *dispatch, uint64_t time_ns);
/* Takes the MPSC events that are claimed by now, also those that no other waits for. */
void ms_dispatch_take_mpsc(ms_dispatch *dispatch);
/* Hands the events that are kept to the writer. */
void ms_dispatch_flush(ms_dispatch *dispatch);
/* Forgets all blocks in the ledger's map, and counts events anew. */
void ms_dispatch_begin_section(ms_dispatch *dispatch);

#endif
