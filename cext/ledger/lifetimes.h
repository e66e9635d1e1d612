/* lifetimes.h: lifetime histograms: how long blocks lived, in bytes allocated meanwhile and in time.
 *
 *   clock   goes on by what is allocated, in granules of 16 bytes; a block's birth is the clock's low 32 bits
 *   age     clock at its release minus birth: a bucket of `bytes`, the same in every run
 *   time    what the clock said 10, 100 … ms ago tells which ages are older than that: no second time stamp
 *
 * Counters have 16 bits: most blocks' rows count to less than a thousand. What overflows is carried to a table, once in
 * 65,536 times, and few counters ever are there.
 *
 * Used by the ledger alone.
 */
#ifndef MS_LIFETIMES_H
#define MS_LIFETIMES_H

#include "shared/platform.h"

#define MS_BYTE_BUCKETS 16u /* 0: < 16 bytes, i: < 16 * 4^i, the last: the rest */
#define MS_TIME_BUCKETS 8u  /* 0: within a poll, i: < 10^i ms, the last: the rest */
#define MS_BUCKETS (MS_BYTE_BUCKETS + MS_TIME_BUCKETS)

typedef struct ms_lifetime_histogram {
    uint16_t bytes[MS_BYTE_BUCKETS];
    /* Without the first, which is what is left of the released: that one is 1 if any of these has been carried. */
    uint16_t time[MS_TIME_BUCKETS];
} ms_lifetime_histogram;

#define MS_CARRY_SHIFT 16

/* What a counter of a histogram has overflowed by, in units of 2^16. */
typedef struct ms_carry {
    uint32_t histogram, bucket; /* histogram 0: free; bucket: of bytes, then of time */
    uint64_t units;
} ms_carry;

/* What the clock said at some time: how ages in bytes become ages in time. */
typedef struct ms_clockmark {
    uint64_t time_ns, clock;
} ms_clockmark;

#define MS_CLOCK_MARKS 12u /* a tenth of 10^i ms apart: they reach back a little further than that */

typedef struct ms_lifetimes {
    uint64_t clock;
    uint64_t batch_clock;                /* clock at the start of the batch */
    uint32_t time_ages[MS_TIME_BUCKETS]; /* granules allocated within the last 10^i ms, to 10 % */
    ms_lifetime_histogram *histograms;   /* from 1 */
    uint32_t count, capacity;
    uint32_t spare, spare_count; /* the first that is free again, which names the next in its bytes; 0: none */
    ms_carry *carries;           /* open addressing by histogram and bucket */
    uint32_t carry_count, carry_mask;
    ms_clockmark marks[MS_TIME_BUCKETS][MS_CLOCK_MARKS];
} ms_lifetimes;

/* All 0, nothing was released yet. */
void ms_lifetimes_close(ms_lifetimes *lifetimes);

/* All counters are 0 and given back, and time begins anew. */
void ms_lifetimes_restart(ms_lifetimes *lifetimes);

/* To be called before a batch of events; time_ns since the recording began. */
void ms_lifetimes_batch(ms_lifetimes *lifetimes, uint64_t time_ns);
/* New counters, all 0; 0: no memory. */
uint32_t ms_lifetimes_add(ms_lifetimes *lifetimes);
/* Adds the counters of one to another one, and has it free again. False: no memory, some are too low. */
bool ms_lifetimes_merge(ms_lifetimes *lifetimes, uint32_t into, uint32_t from);
/* Has one free again, with all that it counted. */
void ms_lifetimes_drop(ms_lifetimes *lifetimes, uint32_t histogram);
/* One counter in full; bucket: of bytes, then of time. */
uint64_t ms_lifetimes_counted(const ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket);
/* A counter of 16 bits has overflowed. False: no memory to keep that. */
bool ms_lifetimes_carry(ms_lifetimes *lifetimes, uint32_t histogram, uint32_t bucket, uint64_t units);

static inline uint64_t
ms_lifetimes_bytes(const ms_lifetimes *lifetimes)
{
    uint64_t carries = lifetimes->carries == NULL ? 0 : (uint64_t)lifetimes->carry_mask + 1;
    return lifetimes->capacity * sizeof(ms_lifetime_histogram) + carries * sizeof(ms_carry);
}

/* Histograms that are in use. */
static inline uint64_t
ms_lifetimes_used(const ms_lifetimes *lifetimes)
{
    return lifetimes->count - lifetimes->spare_count;
}

MS_INLINE bool
ms_lifetimes_count_in(ms_lifetimes *lifetimes, uint32_t histogram, uint16_t *counter, uint32_t bucket, uint64_t weight)
{
    uint64_t sum = *counter + weight; /* of weights below 2^63 */
    *counter = (uint16_t)sum;
    return MS_LIKELY(sum >> MS_CARRY_SHIFT == 0) ||
           ms_lifetimes_carry(lifetimes, histogram, bucket, sum >> MS_CARRY_SHIFT);
}

/* The bucket of an age in granules: 0, 1-3, 4-15 … */
MS_INLINE unsigned
ms_lifetimes_bucket(uint32_t age)
{
    unsigned bucket = (ms_log2((uint64_t)age << 1 | 1) + 1) / 2;
    return bucket < MS_BYTE_BUCKETS ? bucket : MS_BYTE_BUCKETS - 1;
}

/* Counts a block that is released now, weight times. False: no memory. */
MS_INLINE bool
ms_lifetimes_count(ms_lifetimes *lifetimes, uint32_t histogram, uint32_t birth, uint64_t weight)
{
    ms_lifetime_histogram *counts = &lifetimes->histograms[histogram];
    uint32_t age = (uint32_t)lifetimes->clock - birth;
    unsigned bucket = ms_lifetimes_bucket(age);
    bool kept = ms_lifetimes_count_in(lifetimes, histogram, &counts->bytes[bucket], bucket, weight);
    uint32_t batch = (uint32_t)(lifetimes->clock - lifetimes->batch_clock);
    if (MS_LIKELY(age <= batch))
        return kept;
    unsigned slower = 1;
    /* What came since the batch began is in none of the ages that are known for its beginning. */
    while (slower < MS_TIME_BUCKETS - 1 && age - batch > lifetimes->time_ages[slower])
        slower++;
    return ms_lifetimes_count_in(lifetimes, histogram, &counts->time[slower], MS_BYTE_BUCKETS + slower, weight) && kept;
}

#endif
