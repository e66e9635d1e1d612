/* nativevalve.h: which native requests are too small to be told one by one, and their sums.
 *
 * A block is small by what the C library gave for it, its usable size: that is known again when it is freed, without a
 * table. It is what was requested or a little more, so all requests of the least size and above are told.
 */
#ifndef MS_NATIVEVALVE_H
#define MS_NATIVEVALVE_H

#include "shared/segment.h"

typedef struct ms_nativevalve {
    uint64_t least_bytes; /* 0: all are told */
    size_t (*usable)(void *);
    ms_native_shard *shards;
} ms_nativevalve;

extern ms_nativevalve ms_valve;

void ms_valve_open(ms_segment *segment, uint64_t least_bytes);

/* The usable size of a block that is too small; 0: it is to be told. */
MS_INLINE size_t
ms_valve_holds(const void *block)
{
    if (MS_LIKELY(ms_valve.least_bytes == 0) || block == NULL)
        return 0;
    size_t bytes = ms_valve.usable((void *)(uintptr_t)block);
    return bytes < ms_valve.least_bytes ? bytes : 0;
}

/* Any thread. */
void ms_valve_count_in(size_t requested_bytes, size_t usable_bytes);
void ms_valve_count_out(size_t usable_bytes);

#endif
