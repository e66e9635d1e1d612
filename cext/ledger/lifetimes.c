#include "ledger/lifetimes.h"

#include <string.h>

#include "shared/array.h"
#include "shared/probe.h"

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
    if (lifetimes->carry_count != 0)
        memset(lifetimes->carries, 0, ((size_t)lifetimes->carry_mask + 1) * sizeof *lifetimes->carries);
    memset(lifetimes->marks, 0, sizeof lifetimes->marks);
    memset(lifetimes->time_ages, 0, sizeof lifetimes->time_ages);
    lifetimes->clock = lifetimes->batch_clock = 0;
    lifetimes->count = lifetimes->carry_count = lifetimes->spare = lifetimes->spare_count = 0;
}

/* ---- histograms ------------------------------------------------------------------------------ */

MS_COLD uint32_t
ms_lifetimes_add(ms_lifetimes *lifetimes)
{
    uint32_t spare = lifetimes->spare;
    if (spare != 0) {
        uint16_t *next = lifetimes->histograms[spare].bytes;
        memcpy(&lifetimes->spare, next, sizeof lifetimes->spare);
        memset(next, 0, sizeof lifetimes->spare);
        lifetimes->spare_count--;
        return spare;
    }
    if (!MS_ARRAY_HOLDS(lifetimes->histograms, lifetimes->capacity, lifetimes->count + 2, LIFETIMES_FIRST))
        return 0;
    return ++lifetimes->count;
}

static void
give_back(ms_lifetimes *lifetimes, uint32_t histogram)
{
    ms_lifetime_histogram *counts = &lifetimes->histograms[histogram];
    memset(counts, 0, sizeof *counts);
    memcpy(counts->bytes, &lifetimes->spare, sizeof lifetimes->spare);
    lifetimes->spare = histogram;
    lifetimes->spare_count++;
}

static uint16_t *
counter_of(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    ms_lifetime_histogram *counts = &lifetimes->histograms[histogram];
    return bucket < MS_BYTE_BUCKETS ? &counts->bytes[bucket] : &counts->time[bucket - MS_BYTE_BUCKETS];
}

/* The first of time is no counter. */
static bool
is_counter(uint32_t bucket)
{
    return bucket != MS_BYTE_BUCKETS;
}

/* ---- carries --------------------------------------------------------------------------------- */

static uint32_t
carry_hash(uint32_t histogram, uint32_t bucket)
{
    uint64_t key = (uint64_t)histogram * MS_BUCKETS + bucket;
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* The place of a carry, or the one that it may have. The table is not empty. */
static uint32_t
carry_place(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    const ms_carry *carries = lifetimes->carries;
    uint32_t place;
    MS_PROBE(place, carry_hash(histogram, bucket), lifetimes->carry_mask,
             carries[place].histogram == 0 ||
                 (carries[place].histogram == histogram && carries[place].bucket == bucket));
    return place;
}

static bool
grow_carries(ms_lifetimes *lifetimes)
{
    uint32_t slots = lifetimes->carries == NULL ? CARRIES_FIRST : (lifetimes->carry_mask + 1) * 2;
    ms_carry *more = ms_memory_get(slots * sizeof *more);
    if (more == NULL)
        return false;
    const ms_carry *carry;
    if (lifetimes->carries != NULL)
        MS_PROBE_REHASH(carry, lifetimes->carries, lifetimes->carry_mask, more, slots - 1, carry->histogram == 0,
                        carry_hash(carry->histogram, carry->bucket));
    ms_memory_give(lifetimes->carries);
    lifetimes->carries = more;
    lifetimes->carry_mask = slots - 1;
    return true;
}

MS_COLD bool
ms_lifetimes_carry(ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket, uint64_t units)
{
    if ((lifetimes->carries == NULL || lifetimes->carry_count > lifetimes->carry_mask / 2) &&
        !grow_carries(lifetimes) &&
        (lifetimes->carries == NULL || ms_probe_is_crowded(lifetimes->carry_count, lifetimes->carry_mask)))
        return false;
    ms_carry *carry = &lifetimes->carries[carry_place(lifetimes, histogram, bucket)];
    lifetimes->carry_count += carry->histogram == 0;
    *carry = (ms_carry){histogram, bucket, carry->units + units};
    lifetimes->histograms[histogram].time[0] = 1;
    return true;
}

static uint64_t
carried(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    if (lifetimes->histograms[histogram].time[0] == 0)
        return 0;
    return lifetimes->carries[carry_place(lifetimes, histogram, bucket)].units;
}

static void
drop_carry(ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    ms_carry *carries = lifetimes->carries;
    uint32_t hole = carry_place(lifetimes, histogram, bucket);
    if (carries[hole].histogram == 0)
        return;
    const ms_carry *carry;
    MS_PROBE_CLOSE_GAP(carry, carries, hole, lifetimes->carry_mask, carry->histogram == 0,
                       carry_hash(carry->histogram, carry->bucket));
    carries[hole] = (ms_carry){0};
    lifetimes->carry_count--;
}

uint64_t
ms_lifetimes_counted(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket)
{
    if (!is_counter(bucket))
        return 0;
    return *counter_of(lifetimes, histogram, bucket) + (carried(lifetimes, histogram, bucket) << MS_CARRY_SHIFT);
}

void
ms_lifetimes_drop(ms_lifetimes *lifetimes, uint32_t histogram)
{
    if (histogram == 0)
        return;
    if (lifetimes->histograms[histogram].time[0] != 0)
        for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++)
            drop_carry(lifetimes, histogram, bucket);
    give_back(lifetimes, histogram);
}

bool
ms_lifetimes_merge(ms_lifetimes *lifetimes, uint32_t into, uint32_t from)
{
    bool kept = true;
    for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++) {
        uint64_t count = ms_lifetimes_counted(lifetimes, from, bucket);
        if (count != 0)
            kept = ms_lifetimes_count_in(lifetimes, into, counter_of(lifetimes, into, bucket), bucket, count) && kept;
    }
    ms_lifetimes_drop(lifetimes, from);
    return kept;
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
