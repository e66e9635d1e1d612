/* children.h: looks at the processes that the program has noted, for their own memory and CPU time.
 *
 *   processes (segment) ──► look, a few at each poll ──► run summary
 *
 * What a child took between the last look and its end is not seen; one that was over before the first has no figures.
 * Used by the drain alone.
 */
#ifndef MS_CHILDREN_H
#define MS_CHILDREN_H

#include "shared/segment.h"

typedef struct ms_child {
    uint64_t start_ticks;                 /* 0: not seen yet */
    uint64_t peak_resident_bytes, cpu_ns; /* 0: not known */
    bool over;
} ms_child;

typedef struct ms_children {
    const ms_segment_header *header;
    ms_child child[MS_PROCESSES_MAX]; /* as processes in the segment */
    uint32_t next;                    /* to be looked at */
    uint64_t looked_ns;
} ms_children;

void ms_children_init(ms_children *children, const ms_segment_header *header);
/* Looks at some of them, if it is time to. */
void ms_children_look(ms_children *children, uint64_t now_ns);
/* Looks at all of them. */
void ms_children_look_at_all(ms_children *children);
/* How many are listed. */
uint32_t ms_children_count(const ms_children *children);

#endif
