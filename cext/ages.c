#include "ages.h"

#include <string.h>

#include "memory.h"

#define LIFETIMES_FIRST 1024u
#define CARRIES_FIRST 16u

ms_status
ms_ages_open(ms_ages *ages)
{
    memset(ages, 0, sizeof *ages);
    ages->capacity = LIFETIMES_FIRST;
    ages->carry_capacity = CARRIES_FIRST;
    ages->lifetimes = ms_memory_get(LIFETIMES_FIRST * sizeof *ages->lifetimes);
    ages->carries = ms_memory_get(CARRIES_FIRST * sizeof *ages->carries);
    if (ages->lifetimes == NULL || ages->carries == NULL) {
        ms_ages_close(ages);
        return MS_NO_MEMORY;
    }
    return MS_OK;
}

void
ms_ages_close(ms_ages *ages)
{
    ms_memory_give(ages->lifetimes);
    ms_memory_give(ages->carries);
    memset(ages, 0, sizeof *ages);
}

void
ms_ages_restart(ms_ages *ages)
{
    memset(&ages->lifetimes[1], 0, ages->count * sizeof *ages->lifetimes);
    memset(ages->marks, 0, sizeof ages->marks);
    memset(ages->time_ages, 0, sizeof ages->time_ages);
    ages->clock = ages->batch_clock = 0;
    ages->count = ages->carry_count = 0;
}

MS_COLD uint32_t
ms_ages_add(ms_ages *ages)
{
    if (ages->count + 1 >= ages->capacity) {
        size_t bytes = ages->capacity * sizeof(ms_lifetimes);
        ms_lifetimes *grown = ms_memory_grow(ages->lifetimes, bytes, 2 * bytes);
        if (grown == NULL)
            return 0;
        ages->lifetimes = grown;
        ages->capacity *= 2;
    }
    return ++ages->count;
}

/* Once in four thousand million times. */
MS_COLD bool
ms_ages_carry(ms_ages *ages, uint32_t lifetimes, uint32_t bucket, uint64_t units)
{
    for (uint32_t i = 0; i < ages->carry_count; i++) {
        ms_carry *over = &ages->carries[i];
        if (over->lifetimes == lifetimes && over->bucket == bucket) {
            over->units += units;
            return true;
        }
    }
    if (ages->carry_count == ages->carry_capacity) {
        size_t bytes = ages->carry_capacity * sizeof(ms_carry);
        ms_carry *grown = ms_memory_grow(ages->carries, bytes, 2 * bytes);
        if (grown == NULL)
            return false;
        ages->carries = grown;
        ages->carry_capacity *= 2;
    }
    ages->carries[ages->carry_count++] = (ms_carry){lifetimes, bucket, units};
    return true;
}

uint64_t
ms_ages_counted(const ms_ages *ages, uint32_t lifetimes, uint32_t bucket)
{
    const ms_lifetimes *counts = &ages->lifetimes[lifetimes];
    uint64_t count = bucket < MS_BYTE_BUCKETS ? counts->bytes[bucket]
                                              : counts->time[bucket - MS_BYTE_BUCKETS];
    for (uint32_t i = 0; i < ages->carry_count; i++) {
        const ms_carry *over = &ages->carries[i];
        if (over->lifetimes == lifetimes && over->bucket == bucket)
            count += over->units << 32;
    }
    return count;
}

void
ms_ages_batch(ms_ages *ages, uint64_t time_ns)
{
    ages->batch_clock = ages->clock;
    uint64_t span_ns = UINT64_C(10000000);
    for (unsigned i = 1; i < MS_TIME_BUCKETS - 1; i++, span_ns *= 10) {
        ms_clockmark *marks = ages->marks[i]; /* newest first */
        if (time_ns - marks[0].time_ns >= span_ns / 10) {
            memmove(&marks[1], &marks[0], (MS_CLOCK_MARKS - 1) * sizeof *marks);
            marks[0] = (ms_clockmark){.time_ns = time_ns, .clock = ages->clock};
        }
        unsigned at = 0;
        while (at < MS_CLOCK_MARKS - 1 && time_ns - marks[at].time_ns < span_ns)
            at++;
        uint64_t age = ages->clock - marks[at].clock;
        ages->time_ages[i] = age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
    }
}
