#include "sweep.h"

#include "slot.h"

/* How many granules of a leaf a block spans, for whoever goes through all blocks. */
static uint32_t
span_of(const ms_block *block)
{
    uint64_t granules = (block->size_bytes + 15) >> 4;
    if (granules > MS_LEAF_GRANULES) /* more than is left of the leaf, and than 32 bits may hold */
        return MS_LEAF_GRANULES;
    return granules == 0 ? 1 : (uint32_t)granules;
}

static uint32_t
make_younger(void *context, uint64_t address, uint32_t *words)
{
    ms_ledger *ledger = context;
    if (ms_sums_is_stale(ledger, words))
        return 1;
    ms_block block = ms_slot_read(ledger, address, words);
    uint8_t size_class = ledger->table.rows[block.row].size_class;
    uint32_t *birth = ms_slot_birth(address, words, size_class);
    if ((uint32_t)ledger->ages.clock - *birth > MS_AGE_KNOWN)
        *birth = (uint32_t)(ledger->ages.clock - MS_AGE_KNOWN);
    return span_of(&block);
}

void
ms_sweep_births(ms_ledger *ledger)
{
    ledger->swept_at = ledger->ages.clock;
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
    const seeing *at = context;
    ms_ledger *ledger = at->ledger;
    if (ms_sums_is_stale(ledger, words))
        return 1;
    ms_block block = ms_slot_read(ledger, address, words);
    uint64_t weight = ms_sums_weight(ledger, block.size_bytes);
    at->see(at->context, block.row, weight, weight * block.size_bytes,
            (uint32_t)ledger->ages.clock - block.birth);
    return span_of(&block);
}

void
ms_sweep_each_block(ms_ledger *ledger, ms_sweep_see see, void *context)
{
    seeing at = {.ledger = ledger, .see = see, .context = context};
    ms_blockmap_each(&ledger->map, see_block, &at);
}
