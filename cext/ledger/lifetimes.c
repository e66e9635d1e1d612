#include "ledger/lifetimes.h"

#include <string.h>

#include "shared/array.h"

#define LIFETIMES_FIRST 1024u
#define CARRIES_FIRST 16u

void
ms_lifetimes_close(ms_lifetimes *lifetimes)
{
    ms_memory_give(lifetimes->histograms);
    ms_memory_give(lifetimes->carries);
    memset(lifetimes, 0, sizeof *lifetimes);
}

void
ms_lifetimes_restart(ms_lifetimes *lifetimes)
{
    if (lifetimes->count != 0)
        memset(&lifetimes->histograms[1], 0, lifetimes->count * sizeof *lifetimes->histograms);
    memset(lifetimes->marks, 0, sizeof lifetimes->marks);
    memset(lifetimes->time_ages, 0, sizeof lifetimes->time_ages);
    lifetimes->clock = lifetimes->batch_clock = 0;
    lifetimes->count = lifetimes->carry_count = lifetimes->spare = lifetimes->spare_count = 0;
}

MS_COLD uint32_t
ms_lifetimes_add(ms_lifetimes *lifetimes)
{
    uint32_t spare = lifetimes->spare;
    if (spare != 0) {
        lifetimes->spare = lifetimes->histograms[spare].bytes[0];
        lifetimes->spare_count--;
        lifetimes->histograms[spare].bytes[0] = 0;
        return spare;
    }
    if (!MS_ARRAY_HOLDS(lifetimes->histograms, lifetimes->capacity, lifetimes->count + 2, LIFETIMES_FIRST))
        return 0;
    return ++lifetimes->count;
}

/* Once in four thousand million times. */
MS_COLD bool
ms_lifetimes_carry(ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket, uint64_t units)
{
    for (uint32_t i = 0; i < lifetimes->carry_count; i++) {
        ms_carry *over = &lifetimes->carries[i];
        if (over->histogram == histogram && over->bucket == bucket) {
            over->units += units;
            return true;
        }
    }
    if (!MS_ARRAY_HOLDS(lifetimes->carries, lifetimes->carry_capacity, lifetimes->carry_count + 1, CARRIES_FIRST))
        return false;
    lifetimes->carries[lifetimes->carry_count++] = (ms_carry){histogram, bucket, units};
    return true;
}

/* Takes what counters of a histogram have overflowed by to another one. */
static bool
move_carries(ms_lifetimes *lifetimes, uint32_t into, uint32_t from)
{
    bool kept = true;
    for (uint32_t i = 0; i < lifetimes->carry_count;) {
        ms_carry over = lifetimes->carries[i];
        if (over.histogram != from) {
            i++;
            continue;
        }
        lifetimes->carries[i] = lifetimes->carries[--lifetimes->carry_count];
        kept = ms_lifetimes_carry(lifetimes, into, over.bucket, over.units) && kept;
    }
    return kept;
}

static void
give_back(ms_lifetimes *lifetimes, uint32_t histogram)
{
    lifetimes->histograms[histogram] = (ms_lifetime_histogram){.bytes = {lifetimes->spare}};
    lifetimes->spare = histogram;
    lifetimes->spare_count++;
}

bool
ms_lifetimes_merge(ms_lifetimes *lifetimes, uint32_t into, uint32_t from)
{
    ms_lifetime_histogram *to = &lifetimes->histograms[into], *old = &lifetimes->histograms[from];
    bool kept = move_carries(lifetimes, into, from);
    for (uint32_t i = 0; i < MS_BYTE_BUCKETS; i++)
        kept = ms_lifetimes_count_in(lifetimes, into, &to->bytes[i], i, old->bytes[i]) && kept;
    for (uint32_t i = 0; i < MS_TIME_BUCKETS; i++)
        kept = ms_lifetimes_count_in(lifetimes, into, &to->time[i], MS_BYTE_BUCKETS + i, old->time[i]) && kept;
    give_back(lifetimes, from);
    return kept;
}

void
ms_lifetimes_drop(ms_lifetimes *lifetimes, uint32_t histogram)
{
    if (histogram == 0)
        return;
    for (uint32_t i = 0; i < lifetimes->carry_count;) {
        if (lifetimes->carries[i].histogram == histogram)
            lifetimes->carries[i] = lifetimes->carries[--lifetimes->carry_count];
        else
            i++;
    }
    give_back(lifetimes, histogram);
}

uint64_t
ms_lifetimes_counted(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    const ms_lifetime_histogram *counts = &lifetimes->histograms[histogram];
    uint64_t count = bucket < MS_BYTE_BUCKETS ? counts->bytes[bucket] : counts->time[bucket - MS_BYTE_BUCKETS];
    for (uint32_t i = 0; i < lifetimes->carry_count; i++) {
        const ms_carry *over = &lifetimes->carries[i];
        if (over->histogram == histogram && over->bucket == bucket)
            count += over->units << 32;
    }
    return count;
}

void
ms_lifetimes_batch(ms_lifetimes *lifetimes, uint64_t time_ns)
{
    lifetimes->batch_clock = lifetimes->clock;
    uint64_t span_ns = UINT64_C(10000000);
    for (unsigned i = 1; i < MS_TIME_BUCKETS - 1; i++, span_ns *= 10) {
        ms_clockmark *marks = lifetimes->marks[i]; /* newest first */
        if (time_ns - marks[0].time_ns >= span_ns / 10) {
            memmove(&marks[1], &marks[0], (MS_CLOCK_MARKS - 1) * sizeof *marks);
            marks[0] = (ms_clockmark){.time_ns = time_ns, .clock = lifetimes->clock};
        }
        unsigned at = 0;
        while (at < MS_CLOCK_MARKS - 1 && time_ns - marks[at].time_ns < span_ns)
            at++;
        uint64_t age = lifetimes->clock - marks[at].clock;
        lifetimes->time_ages[i] = age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
    }
}
