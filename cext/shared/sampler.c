#include "shared/sampler.h"

#include <math.h>
#include <string.h>

void
ms_sampler_open(ms_sampler *sampler, uint64_t mean_bytes, uint64_t seed)
{
    sampler->mean_bytes = (double)mean_bytes;
    sampler->random = seed | 1;
    ms_sampler_next(sampler);
}

void
ms_sampler_next(ms_sampler *sampler)
{
    uint64_t x = sampler->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sampler->random = x;
    /* 53 random bits, never 0: the distance is exponential, and without memory, so that whatever a
     * request reached beyond the last point may be forgotten. */
    double uniform = ((double)(x * UINT64_C(0x2545f4914f6cdd1d) >> 11) + 0.5) * 0x1p-53;
    sampler->until_next_bytes = (int64_t)(-log(uniform) * sampler->mean_bytes) + 1;
}

uint64_t
ms_sample_weight(uint64_t size_bytes, uint64_t mean_bytes)
{
    if (size_bytes >= MS_SAMPLE_EXACT_BYTES || mean_bytes == 0)
        return MS_SAMPLE_UNIT;
    /* A request of 0 bytes holds no point, so none is ever kept. */
    double size = size_bytes == 0 ? 1.0 : (double)size_bytes;
    return (uint64_t)llround((double)MS_SAMPLE_UNIT / -expm1(-size / (double)mean_bytes));
}

/* ---- the set of kept blocks ------------------------------------------------------------------ */

static uint32_t
home_bucket(uint64_t address)
{
    return (uint32_t)((address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 51);
}

_Static_assert(MS_SET_BUCKETS == 1u << (64 - 51), "home_bucket gives a bucket");

static _Atomic uint16_t *
filter_slot(ms_sampleset *set, uint64_t address)
{
    return &set->filter[(uint32_t)(address >> 4) & (MS_FILTER_SLOTS - 1)];
}

bool
ms_sampleset_add(ms_sampleset *set, uint64_t address)
{
    uint32_t bucket = home_bucket(address);
    for (uint32_t tries = 0; tries < MS_SET_BUCKETS; tries++) {
        for (uint32_t i = 0; i < MS_BUCKET_BLOCKS; i++) {
            uint64_t empty = 0;
            /* relaxed: only the block's owner will ask for this address */
            if (atomic_load_explicit(&set->blocks[bucket][i], memory_order_relaxed) == 0 &&
                atomic_compare_exchange_strong_explicit(&set->blocks[bucket][i], &empty, address, memory_order_relaxed,
                                                        memory_order_relaxed)) {
                atomic_fetch_add_explicit(filter_slot(set, address), 1, memory_order_relaxed);
                return true;
            }
        }
        atomic_store_explicit(&set->spilled[bucket], 1, memory_order_relaxed);
        bucket = (bucket + 1) & (MS_SET_BUCKETS - 1);
    }
    return false;
}

bool
ms_sampleset_remove(ms_sampleset *set, uint64_t address)
{
    uint32_t bucket = home_bucket(address);
    for (uint32_t tries = 0; tries < MS_SET_BUCKETS; tries++) {
        for (uint32_t i = 0; i < MS_BUCKET_BLOCKS; i++) {
            if (atomic_load_explicit(&set->blocks[bucket][i], memory_order_relaxed) != address)
                continue;
            atomic_store_explicit(&set->blocks[bucket][i], 0, memory_order_relaxed);
            atomic_fetch_sub_explicit(filter_slot(set, address), 1, memory_order_relaxed);
            return true;
        }
        if (atomic_load_explicit(&set->spilled[bucket], memory_order_relaxed) == 0)
            return false;
        bucket = (bucket + 1) & (MS_SET_BUCKETS - 1);
    }
    return false;
}

void
ms_sampleset_clear(ms_sampleset *set)
{
    memset(set, 0, sizeof *set);
}
