/* sampler.h: which allocations a sampled recording keeps.
 *
 * Points are strewn over the bytes that the program requests, as a Poisson process with a mean distance of
 * `mean_bytes`; a request that holds a point is kept. A request of s bytes is kept with probability
 * P(s) = 1 - exp(-s / mean): with a mean of 512 KiB P(64) = 0.00012 and P(4095) = 0.0078. Each kept request
 * stands for 1 / P(s) requests of its size, so sums are unbiased. Requests of 4 KiB and more are all kept,
 * at weight 1: they are few, and the ones people look for.
 *
 * A free must be kept if its allocation was, so the program remembers which blocks it kept: one bit for each 16 bytes
 * of address space, which any thread may ask for and change without a lock. A page of bits is for 512 KiB of heap, so a
 * heap of which every block is kept costs 1/128 of itself.
 *
 * With a budget (drain/budget.h) a recording is exact at first, and samples while that would cost too much. Then
 * `everything` is set meanwhile: no request is passed over.
 */
#ifndef MS_SAMPLER_H
#define MS_SAMPLER_H

#include "shared/event.h"

#define MS_SAMPLE_EXACT_BYTES 4096u
#define MS_SAMPLE_UNIT 256u /* weights, and with them all counters, are stored times this */

typedef struct ms_sampler {
    double mean_bytes;
    bool everything;          /* for now each request is kept */
    int64_t until_next_bytes; /* to the next point; producer only */
    uint64_t random;          /* xorshift64* state */
} ms_sampler;

/* Two steps lead to the bits, so that what is mapped goes by where blocks lie: 0.5 MiB for each 64 MiB of addresses in
 * which one was kept. One table of all regions took 8 MiB of address space, and more than the room that a limit leaves.
 */
#define MS_KEPT_REGION_BITS 26u                          /* of an address */
#define MS_KEPT_GROUP_BITS 38u                           /* 4,096 regions */
#define MS_KEPT_GROUPS (1u << (48 - MS_KEPT_GROUP_BITS)) /* a higher address has only who asks for one */
#define MS_KEPT_REGIONS (1u << (MS_KEPT_GROUP_BITS - MS_KEPT_REGION_BITS))
#define MS_KEPT_WORDS (1u << (MS_KEPT_REGION_BITS - 10))

typedef _Atomic(_Atomic uint64_t *) ms_keptregion; /* its words. NULL: never used. Stays for the rest of the process */

/* Live kept blocks. Threads may only ask for, add or remove an address that they own: it was given to them. */
typedef struct ms_keptblocks {
    _Atomic(ms_keptregion *) *groups; /* each NULL, or for the rest of the process */
} ms_keptblocks;

/* Before it is used, and again for the next recording; only while nobody else uses it. False: no memory. */
bool ms_keptblocks_open(ms_keptblocks *kept);
/* Enters a block. False: no memory, the block must not be kept. */
bool ms_keptblocks_add(ms_keptblocks *kept, uint64_t address);
/* Takes a block out. False: it was not kept. */
bool ms_keptblocks_remove(ms_keptblocks *kept, uint64_t address);

MS_INLINE bool
ms_keptblocks_has(const ms_keptblocks *kept, uint64_t address)
{
    if (MS_UNLIKELY(address >> 48 != 0))
        return false;
    ms_keptregion *group = atomic_load_explicit(&kept->groups[address >> MS_KEPT_GROUP_BITS], memory_order_acquire);
    if (group == NULL)
        return false;
    const _Atomic uint64_t *words =
        atomic_load_explicit(&group[(address >> MS_KEPT_REGION_BITS) & (MS_KEPT_REGIONS - 1)], memory_order_acquire);
    if (words == NULL)
        return false;
    uint64_t word = atomic_load_explicit(&words[(address >> 10) & (MS_KEPT_WORDS - 1)], memory_order_relaxed);
    return (word >> ((address >> 4) & 63) & 1) != 0;
}

/* Whether it is the turn of one in `each`. Of threads that come at once some may not count: none has a turn put off by
 * more than `each`, as a counter would do that went below 0. */
MS_INLINE bool
ms_sampler_turn(_Atomic uint32_t *left, uint32_t each)
{
    uint32_t now = atomic_load_explicit(left, memory_order_relaxed);
    bool turn = now <= 1;
    atomic_store_explicit(left, turn ? each : now - 1, memory_order_relaxed);
    return turn;
}

void ms_sampler_open(ms_sampler *sampler, uint64_t mean_bytes, uint64_t seed);
/* Draws the next distance after a point was passed. */
void ms_sampler_next(ms_sampler *sampler);
/* From now on each request is kept, or those that hold a point. */
void ms_sampler_keep_everything(ms_sampler *sampler, bool everything);
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
