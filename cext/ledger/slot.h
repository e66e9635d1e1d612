/* slot.h: what the words of a block's slot say (blockmap.h draws them). Which words there are hangs on the size class,
 * which is the row's: so a slot can be read with the ledger alone.
 *
 * Used by the ledger, and by whoever goes through all of its blocks.
 */
#ifndef MS_SLOT_H
#define MS_SLOT_H

#include <string.h>

#include "ledger/counters.h"

#define MS_CHAIN_SHIFT 48
#define MS_SIZE_MASK ((UINT64_C(1) << MS_CHAIN_SHIFT) - 1)

/* Reads the block in a slot whose word 0 is not 0. */
MS_INLINE ms_block
ms_slot_read(const ms_ledger *ledger, const uint32_t *words)
{
    ms_block block = {.row = words[0] >> MS_ROW_SHIFT, .birth = words[1], .taken_in = (words[0] & MS_TAKEN_IN) != 0};
    uint8_t size_class = ledger->table.rows[block.row].size_class;
    if (MS_LIKELY(size_class <= MS_SMALL_CLASSES)) {
        block.size_bytes = size_class * 16u - (words[0] & MS_SLACK_MASK);
        return block;
    }
    uint64_t packed;
    memcpy(&packed, &words[2], sizeof packed);
    block.size_bytes = packed & MS_SIZE_MASK;
    block.chain = (uint32_t)(packed >> MS_CHAIN_SHIFT);
    return block;
}

MS_INLINE void
ms_slot_write(ms_ledger *ledger, uint64_t address, uint32_t *words, const ms_block *block)
{
    uint8_t size_class = ledger->table.rows[block->row].size_class;
    words[1] = block->birth;
    uint32_t word = block->row << MS_ROW_SHIFT | ms_blockmap_where(address) | (block->taken_in ? MS_TAKEN_IN : 0);
    if (MS_LIKELY(size_class <= MS_SMALL_CLASSES)) {
        words[0] = word | (uint32_t)(size_class * 16u - block->size_bytes);
        return;
    }
    uint32_t chain = block->chain > UINT16_MAX ? UINT16_MAX : block->chain;
    uint64_t packed = (block->size_bytes & MS_SIZE_MASK) | (uint64_t)chain << MS_CHAIN_SHIFT;
    words[0] = word;
    memcpy(&words[2], &packed, sizeof packed);
}

/* The slot of a block of a row that is to come to an address. NULL: no memory. */
MS_INLINE uint32_t *
ms_slot_make(ms_ledger *ledger, uint64_t address, uint32_t row)
{
    const ms_row *like = &ledger->table.rows[row];
    uint32_t *slot = ms_blockpage_slot(ms_blockmap_recent(&ledger->map, address), address);
    if (MS_LIKELY(slot != NULL && !ms_blockmap_is_elsewhere(*slot, address)))
        return slot;
    return ms_blockmap_make(&ledger->map, address, like->size_class, ms_domain_is_pooled((ms_domain)like->domain));
}

/* Takes the block at address out of the map; words: its slot, NULL if there is none. False: none was known there. */
MS_INLINE bool
ms_slot_take(ms_ledger *ledger, uint64_t address, uint32_t *words, ms_block *block)
{
    if (words == NULL || words[0] == 0 || MS_UNLIKELY(ms_counters_is_stale(ledger, words)))
        return false;
    *block = ms_slot_read(ledger, words);
    /* All words of the block: the next one here may start at any of its granules. */
    words[0] = words[1] = 0;
    if (block->size_bytes > MS_SMALL_MAX)
        words[2] = words[3] = 0;
    ms_blockmap_dropped(&ledger->map, address, words);
    return true;
}

/* How many granules of a leaf a block spans, for whoever goes through all blocks. */
static inline uint32_t
ms_slot_span(const ms_block *block)
{
    uint64_t granules = (block->size_bytes + 15) >> 4;
    if (granules > MS_LEAF_GRANULES) /* more than is left of the leaf, and than 32 bits may hold */
        return MS_LEAF_GRANULES;
    return granules == 0 ? 1 : (uint32_t)granules;
}

#endif
