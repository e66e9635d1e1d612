/* nativesums.h: native requests that are too small to be told one by one: counted by the program, in the segment.
 *
 * Threads count in shards by their thread pointer, so that they do not share one line of cache. Only sums are of use: a
 * block may be freed by a thread of another shard.
 */
#ifndef MS_NATIVESUMS_H
#define MS_NATIVESUMS_H

#include "shared/platform.h"

#define MS_NATIVE_SHARDS 16u

/* Sizes are as requested, or as the C library rounds them up, which is what it tells of a block. */
typedef struct ms_native_shard {
    alignas(MS_CACHE_LINE) _Atomic uint64_t allocations;
    _Atomic uint64_t frees, allocated_bytes, rounded_bytes, freed_bytes;
} ms_native_shard;

typedef struct ms_native_sums {
    uint64_t allocations, frees, allocated_bytes;
    int64_t live_bytes; /* rounded up; below 0: blocks from before the recording were freed */
} ms_native_sums;

static inline ms_native_sums
ms_native_sums_of(const ms_native_shard *shards)
{
    ms_native_sums sums = {0};
    for (uint32_t i = 0; i < MS_NATIVE_SHARDS; i++) {
        sums.allocations += atomic_load_explicit(&shards[i].allocations, memory_order_relaxed);
        sums.frees += atomic_load_explicit(&shards[i].frees, memory_order_relaxed);
        sums.allocated_bytes += atomic_load_explicit(&shards[i].allocated_bytes, memory_order_relaxed);
        sums.live_bytes += (int64_t)atomic_load_explicit(&shards[i].rounded_bytes, memory_order_relaxed);
        sums.live_bytes -= (int64_t)atomic_load_explicit(&shards[i].freed_bytes, memory_order_relaxed);
    }
    return sums;
}

#endif
