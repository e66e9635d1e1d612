/* slot.h: what the words of a block's slot say (blockmap.h draws them). Which words there are hangs on the size class, which
 * is the row's: so a slot can be read with the ledger alone.
 *
 * Used by the ledger, and by whoever goes through all of its blocks.
 */
#ifndef MS_SLOT_H
#define MS_SLOT_H

#include <string.h>

#include "sums.h"

#define MS_CHAIN_SHIFT 48
#define MS_SIZE_MASK ((UINT64_C(1) << MS_CHAIN_SHIFT) - 1)

/* Where the birth of the block stands that lies in a slot. */
MS_INLINE uint32_t *
ms_slot_birth(uint64_t address, uint32_t *words, uint32_t size_class)
{
    return MS_LIKELY(size_class >= 2) ? &words[1] : ms_blockmap_late(address, words);
}

/* Reads the block in a slot whose word 0 is not 0. */
MS_INLINE ms_block
ms_slot_read(const ms_ledger *ledger, uint64_t address, uint32_t *words)
{
    ms_block block = {.row = words[0] >> 4};
    uint8_t size_class = ledger->table.rows[block.row].size_class;
    block.birth = *ms_slot_birth(address, words, size_class);
    if (MS_LIKELY(size_class <= MS_SMALL_CLASSES)) {
        block.size_bytes = size_class * 16u - (words[0] & 15);
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
    *ms_slot_birth(address, words, size_class) = block->birth;
    if (MS_LIKELY(size_class <= MS_SMALL_CLASSES)) {
        words[0] = block->row << 4 | (uint32_t)(size_class * 16u - block->size_bytes);
        return;
    }
    uint32_t chain = block->chain > UINT16_MAX ? UINT16_MAX : block->chain;
    uint64_t packed = (block->size_bytes & MS_SIZE_MASK) | (uint64_t)chain << MS_CHAIN_SHIFT;
    words[0] = block->row << 4;
    memcpy(&words[2], &packed, sizeof packed);
}

#endif
