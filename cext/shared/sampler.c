#include "shared/sampler.h"

#include <math.h>

#include "shared/memory.h"

void
ms_sampler_open(ms_sampler *sampler, uint64_t mean_bytes, uint64_t seed)
{
    sampler->mean_bytes = (double)mean_bytes;
    sampler->random = seed | 1;
    sampler->everything = false;
    ms_sampler_next(sampler);
}

void
ms_sampler_keep_everything(ms_sampler *sampler, bool everything)
{
    sampler->everything = everything;
    ms_sampler_next(sampler);
}

void
ms_sampler_next(ms_sampler *sampler)
{
    if (sampler->everything) {
        sampler->until_next_bytes = 0; /* each request reaches it */
        return;
    }
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

/* ---- kept blocks ----------------------------------------------------------------------------- */

/* Clears what is left of an earlier recording. It stays mapped: hooks below another tool's may still ask. */
static void
clear(_Atomic uint64_t *words)
{
    for (uint32_t word = 0; word < MS_KEPT_WORDS; word++)
        if (atomic_load_explicit(&words[word], memory_order_relaxed) != 0)
            atomic_store_explicit(&words[word], 0, memory_order_relaxed);
}

bool
ms_keptblocks_open(ms_keptblocks *kept)
{
    if (kept->groups == NULL)
        kept->groups = ms_memory_get(MS_KEPT_GROUPS * sizeof *kept->groups);
    if (kept->groups == NULL)
        return false;
    for (uint32_t number = 0; number < MS_KEPT_GROUPS; number++) {
        ms_keptregion *group = atomic_load_explicit(&kept->groups[number], memory_order_relaxed);
        for (uint32_t region = 0; group != NULL && region < MS_KEPT_REGIONS; region++) {
            _Atomic uint64_t *words = atomic_load_explicit(&group[region], memory_order_relaxed);
            if (words != NULL)
                clear(words);
        }
    }
    return true;
}

/* The group that has the address's region. NULL: none yet, and with `make`, no memory. */
static ms_keptregion *
group_of(ms_keptblocks *kept, uint64_t address, bool make)
{
    _Atomic(ms_keptregion *) *place = &kept->groups[address >> MS_KEPT_GROUP_BITS];
    ms_keptregion *group = atomic_load_explicit(place, memory_order_acquire);
    if (MS_LIKELY(group != NULL) || !make)
        return group;
    ms_keptregion *made = ms_memory_get(MS_KEPT_REGIONS * sizeof *made);
    if (made == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(place, &group, made))
        return made;
    ms_memory_give((void *)made);
    return group; /* another thread's */
}

/* The word that has the block's bit. NULL: none yet, and with `make`, no memory. */
static _Atomic uint64_t *
word_of(ms_keptblocks *kept, uint64_t address, bool make)
{
    ms_keptregion *group = address >> 48 != 0 ? NULL : group_of(kept, address, make);
    if (group == NULL)
        return NULL;
    ms_keptregion *place = &group[(address >> MS_KEPT_REGION_BITS) & (MS_KEPT_REGIONS - 1)];
    _Atomic uint64_t *words = atomic_load_explicit(place, memory_order_acquire);
    if (MS_UNLIKELY(words == NULL)) {
        _Atomic uint64_t *made = make ? ms_memory_get(MS_KEPT_WORDS * sizeof *made) : NULL;
        if (made == NULL)
            return NULL;
        if (atomic_compare_exchange_strong(place, &words, made))
            words = made;
        else
            ms_memory_give((void *)made);
    }
    return &words[(address >> 10) & (MS_KEPT_WORDS - 1)];
}

static uint64_t
bit_of(uint64_t address)
{
    return UINT64_C(1) << ((address >> 4) & 63);
}

bool
ms_keptblocks_add(ms_keptblocks *kept, uint64_t address)
{
    _Atomic uint64_t *word = word_of(kept, address, true);
    if (word == NULL)
        return false;
    /* relaxed: only the block's owner will ask for this bit */
    atomic_fetch_or_explicit(word, bit_of(address), memory_order_relaxed);
    return true;
}

bool
ms_keptblocks_remove(ms_keptblocks *kept, uint64_t address)
{
    _Atomic uint64_t *word = word_of(kept, address, false);
    uint64_t bit = bit_of(address);
    return word != NULL && (atomic_fetch_and_explicit(word, ~bit, memory_order_relaxed) & bit) != 0;
}
