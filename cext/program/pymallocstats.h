/* pymallocstats.h: pymalloc's own statistics, with or without a recording.
 *
 * sys._debugmallocstats() can only print them, and to the C library's stderr, where others print too. The function
 * below it takes any stream: here one in memory, which is read back.
 */
#ifndef MS_PYMALLOCSTATS_H
#define MS_PYMALLOCSTATS_H

#include "shared/platform.h"

typedef struct ms_pymalloc_stats {
    uint64_t arenas, arenas_most, arenas_returned; /* counts; returned: so far */
    uint64_t arena_bytes;                          /* of one */
    uint64_t blocks_bytes;                         /* in blocks that are in use */
} ms_pymalloc_stats;

/* Needs the GIL. Walks all pools: 0.2 ms for 20 MiB. False: pymalloc is not in use or does not tell. */
bool ms_pymalloc_stats_read(ms_pymalloc_stats *stats);

#endif
