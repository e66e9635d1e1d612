#include "program/nativevalve.h"

#include <dlfcn.h>
#include <string.h>

ms_nativevalve ms_valve;

void
ms_valve_open(ms_segment *segment, uint64_t least_bytes)
{
    void *found = dlsym(RTLD_DEFAULT, "malloc_usable_size");
    memcpy(&ms_valve.usable, &found, sizeof found);
    ms_valve.shards = segment->header->native_small;
    ms_valve.least_bytes = found == NULL ? 0 : least_bytes;
    segment->header->native_least_bytes = ms_valve.least_bytes;
}

static ms_native_shard *
shard(void)
{
    /* Thread pointers are a stack's size apart, or some pages. */
    uint64_t hash = (uint64_t)ms_thread_pointer() * UINT64_C(0x9e3779b97f4a7c15);
    return &ms_valve.shards[hash >> 60 & (MS_NATIVE_SHARDS - 1)];
}

void
ms_valve_count_in(size_t requested_bytes, size_t usable_bytes)
{
    ms_native_shard *at = shard();
    atomic_fetch_add_explicit(&at->allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->allocated_bytes, requested_bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->rounded_bytes, usable_bytes, memory_order_relaxed);
}

void
ms_valve_count_out(size_t usable_bytes)
{
    ms_native_shard *at = shard();
    atomic_fetch_add_explicit(&at->frees, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->freed_bytes, usable_bytes, memory_order_relaxed);
}
