/* sampler.h: which allocations a sampled recording keeps.
 *
 * Points are strewn over the bytes that the program requests, as a Poisson process with a mean distance of
 * `mean_bytes`; a request that holds a point is kept. A request of s bytes is kept with probability
 * P(s) = 1 - exp(-s / mean): with a mean of 512 KiB P(64) = 0.00012 and P(4095) = 0.0078. Each kept request
 * stands for 1 / P(s) requests of its size, so sums are unbiased. Requests of 4 KiB and more are all kept,
 * at weight 1: they are few, and the ones people look for.
 *
 * A free must be kept if its allocation was, so the program remembers the addresses of kept blocks: in a set that
 * any thread may use without a lock, behind a filter that says "surely not" for nearly all frees with one load.
 */
#ifndef MS_SAMPLER_H
#define MS_SAMPLER_H

#include "shared/event.h"

#define MS_SAMPLE_EXACT_BYTES 4096u
#define MS_SAMPLE_UNIT 256u /* weights, and with them all counters, are stored times this */

typedef struct ms_sampler {
    double mean_bytes;
    int64_t until_next_bytes; /* to the next point; producer only */
    uint64_t random;          /* xorshift64* state */
} ms_sampler;

#define MS_FILTER_SLOTS (1u << 16)
#define MS_SET_BUCKETS (1u << 13)
#define MS_BUCKET_BLOCKS 8u /* a cache line of addresses */

/* Live kept blocks. Threads may only ask for or remove an address that they own: it was given to them. */
typedef struct ms_sampleset {
    _Atomic uint16_t filter[MS_FILTER_SLOTS];                              /* kept blocks whose address falls here */
    alignas(64) _Atomic uint64_t blocks[MS_SET_BUCKETS][MS_BUCKET_BLOCKS]; /* 0: free */
    _Atomic uint8_t spilled[MS_SET_BUCKETS]; /* a block that belongs here was put into the next one */
} ms_sampleset;

/* Enters a block. False: no room, the block must not be kept. */
bool ms_sampleset_add(ms_sampleset *set, uint64_t address);
/* Takes a block out. False: it was not kept. */
bool ms_sampleset_remove(ms_sampleset *set, uint64_t address);
/* Only while nobody else uses it. */
void ms_sampleset_clear(ms_sampleset *set);

/* Neighbours in memory are neighbours in the filter: whoever frees a block has its line at hand. */
MS_INLINE bool
ms_sampleset_may_hold(const ms_sampleset *set, uint64_t address)
{
    uint32_t slot = (uint32_t)(address >> 4) & (MS_FILTER_SLOTS - 1);
    return atomic_load_explicit(&set->filter[slot], memory_order_relaxed) != 0;
}

void ms_sampler_open(ms_sampler *sampler, uint64_t mean_bytes, uint64_t seed);
/* Draws the next distance after a point was passed. */
void ms_sampler_next(ms_sampler *sampler);
/* MS_SAMPLE_UNIT / P(size), rounded: what a kept request of this size counts for. */
uint64_t ms_sample_weight(uint64_t size_bytes, uint64_t mean_bytes);

MS_INLINE bool
ms_sampler_keeps(ms_sampler *sampler, uint64_t size_bytes)
{
    if (MS_UNLIKELY(size_bytes >= MS_SAMPLE_EXACT_BYTES))
        return true;
    sampler->until_next_bytes -= (int64_t)size_bytes;
    if (MS_LIKELY(sampler->until_next_bytes > 0))
        return false;
    ms_sampler_next(sampler);
    return true;
}

#endif
