#include "ledger/sweep.h"

#include "ledger/slot.h"

bool
ms_sweep_is_due(const ms_ledger *ledger)
{
    return ledger->lifetimes.clock - ledger->swept_at >= MS_AGE_KNOWN - (MS_AGE_KNOWN >> 3);
}

static uint32_t
make_younger(void *context, uint64_t address, uint32_t *words)
{
    (void)address;
    ms_ledger *ledger = context;
    if (ms_counters_is_stale(ledger, words))
        return 1;
    ms_block block = ms_slot_read(ledger, words);
    if ((uint32_t)ledger->lifetimes.clock - words[1] > MS_AGE_KNOWN)
        words[1] = (uint32_t)(ledger->lifetimes.clock - MS_AGE_KNOWN);
    return ms_slot_span(&block);
}

void
ms_sweep_births(ms_ledger *ledger)
{
    ledger->swept_at = ledger->lifetimes.clock;
    ms_blockmap_each(&ledger->map, make_younger, ledger);
}

typedef struct {
    ms_ledger *ledger;
    ms_sweep_see see;
    void *context;
} seeing;

static uint32_t
see_block(void *context, uint64_t address, uint32_t *words)
{
    (void)address;
    const seeing *at = context;
    ms_ledger *ledger = at->ledger;
    if (ms_counters_is_stale(ledger, words))
        return 1;
    ms_block block = ms_slot_read(ledger, words);
    uint64_t weight = ms_counters_weight(ledger, block.row, block.size_bytes);
    at->see(at->context, block.row, weight, weight * block.size_bytes, (uint32_t)ledger->lifetimes.clock - block.birth);
    return ms_slot_span(&block);
}

void
ms_sweep_each_block(ms_ledger *ledger, ms_sweep_see see, void *context)
{
    seeing at = {.ledger = ledger, .see = see, .context = context};
    ms_blockmap_each(&ledger->map, see_block, &at);
}
