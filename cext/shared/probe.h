/* probe.h: the one way in which hash tables are searched here: open addressing, linear probing.
 *
 *   hash & mask ──► home   next   next   free       a key lies between its home and the first free slot
 *                   [a]    [b]    [c]    [ ]
 *
 * A table is an array of mask + 1 entries, a power of two, and always has a free one. Each table keeps its own entries,
 * its own hash and its own idea of what is free. So these are macros, and conditions are expressions: the compiler sees
 * a plain loop. Callers declare the variable that their expressions name.
 */
#ifndef MS_PROBE_H
#define MS_PROBE_H

#include "shared/platform.h"

MS_INLINE uint32_t
ms_probe_next(uint32_t slot, uint32_t mask)
{
    return (slot + 1) & mask;
}

/* Whether a table that could not grow takes nothing more: to find that something is not there takes 32 probes at seven
 * eighths, and all slots of the table when it is full. */
MS_INLINE bool
ms_probe_is_crowded(uint32_t used, uint32_t mask)
{
    return used >= mask - mask / 8;
}

/* Whether an entry may move from its slot back to a hole before it: not if that is before its home. */
MS_INLINE bool
ms_probe_may_fill(uint32_t hash, uint32_t slot, uint32_t hole, uint32_t mask)
{
    return ((slot - hash) & mask) >= ((slot - hole) & mask);
}

/* Sets slot to the first one, from the hash's home on, at which an expression about `slot` is true. To find a key or
 * its place, the expression says that the slot is free or has the key; to insert what is not there, that it is free. */
#define MS_PROBE(slot, hash, mask, is_found)    \
    do {                                        \
        (slot) = (hash) & (mask);               \
        while (!(is_found))                     \
            (slot) = ms_probe_next(slot, mask); \
    } while (0)

/* Copies all entries of a table into a larger one, which is empty. `entry` is a pointer that the macro sets;
 * is_free and hash are expressions about the entry that it points to. */
#define MS_PROBE_REHASH(entry, from, from_mask, to, to_mask, is_free, hash)      \
    do {                                                                         \
        for (uint64_t from_slot_ = 0; from_slot_ <= (from_mask); from_slot_++) { \
            (entry) = &(from)[from_slot_];                                       \
            if (is_free)                                                         \
                continue;                                                        \
            uint32_t to_slot_ = (hash) & (to_mask);                              \
            while ((entry) = &(to)[to_slot_], !(is_free))                        \
                to_slot_ = ms_probe_next(to_slot_, to_mask);                     \
            (to)[to_slot_] = (from)[from_slot_];                                 \
        }                                                                        \
    } while (0)

/* Takes the entry at slot `hole` out: entries behind it move back, so that none is cut off from its home. Then `hole`
 * is the slot that the caller has to set free. `entry`, is_free and hash as above. */
#define MS_PROBE_CLOSE_GAP(entry, table, hole, mask, is_free, hash)                         \
    do {                                                                                    \
        uint32_t slot_ = ms_probe_next(hole, mask);                                         \
        for (; (entry) = &(table)[slot_], !(is_free); slot_ = ms_probe_next(slot_, mask)) { \
            if (ms_probe_may_fill(hash, slot_, hole, mask)) {                               \
                (table)[hole] = *(entry);                                                   \
                (hole) = slot_;                                                             \
            }                                                                               \
        }                                                                                   \
    } while (0)

#endif
