/* watch.h: looks at the recorded process from outside, at each poll: is the collector at work, how much is resident.
 *
 *   looks      |       |       |c      |c      |       |
 *   counted                 ├──────────────┤                a look stands for the time since the one before
 *
 * Nothing is asked of the program: its memory is read, at an address that the segment's header names. If that is not
 * permitted, or the process is gone, there are no looks, and polls says so. Used by the drain alone.
 */
#ifndef MS_WATCH_H
#define MS_WATCH_H

#include "segment.h"

typedef struct ms_watch {
    const ms_segment_header *header;
    int pid, statm; /* statm: file descriptor, -1: none */

    uint64_t polls, collecting_polls;
    bool collecting; /* at a look since somebody reset it */
    /* The collector was at work at the polls from here on; 0: it was not at the last one. */
    uint64_t collecting_since_ns;
    uint64_t collecting_ns, longest_collecting_ns;
    uint64_t looked_ns; /* at the collector, last */
    uint64_t polled_ns; /* that all looks stand for */
} ms_watch;

void ms_watch_init(ms_watch *watch, const ms_segment_header *header, int pid);
/* From here on looks stand for time. */
void ms_watch_start(ms_watch *watch);
/* Forgets what was seen. */
void ms_watch_restart(ms_watch *watch);
void ms_watch_close(ms_watch *watch);

/* Whether the collector was at work. */
bool ms_watch_collector(ms_watch *watch);
/* Resident memory of the process; 0: unknown. */
uint64_t ms_watch_resident_bytes(const ms_watch *watch);

#endif
