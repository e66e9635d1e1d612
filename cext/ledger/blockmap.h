/* blockmap.h: which row a live block belongs to, by its address.
 *
 * A shadow of the heap: 4 bytes for each 16 bytes of address space, reserved by the megabyte and touched by
 * the page. Allocators hand out multiples of 16, so a block owns every 16-byte granule that it spans, and keeps
 * what must be remembered of it in the words of its own granules:
 *
 *     granule    0             1             2, 3
 *     word       row << 5      birth         size (48 bits) and chain (16 bits)
 *                | t << 4 | s
 *                              from 17 bytes from 513 bytes
 *
 *   s      for up to 512 bytes: the size class's size minus the requested size (0-15)
 *   t      1: the block came from another row (ownership.h)
 *   birth  clock at the allocation; for blocks of up to 16 bytes it stands in a second plane
 *   chain  reallocations so far
 *
 * A quarter of the heap at most, against 16 bytes a block and more in a hash table; and twice as fast once
 * neither fits a cache. Addresses that are not multiples of 16 go to a small table.
 */
#ifndef MS_BLOCKMAP_H
#define MS_BLOCKMAP_H

#include "shared/platform.h"
#include "shared/status.h"

#define MS_LEAF_GRANULES (1u << 16) /* 1 MiB */
#define MS_SLOT_WORDS 4u

/* The last block of a leaf may span into the next; its words stay here, in the slack. */
typedef struct ms_blockleaf {
    uint32_t words[MS_LEAF_GRANULES + MS_SLOT_WORDS];
} ms_blockleaf;

#define MS_GROUP_LEAVES 8u /* their words fill a huge page */

/* Leaves are made in groups, of any addresses. A slot leads to its birth without its leaf being known. */
typedef struct ms_blockgroup {
    ms_blockleaf leaves[MS_GROUP_LEAVES];
    ms_blockleaf late[MS_GROUP_LEAVES]; /* births of blocks of up to 16 bytes; pages without any stay untouched */
    struct ms_blockgroup *next;         /* of all that there are */
} ms_blockgroup;

/* The group that new leaves come from; all of them are taken: another one is to be made. */
typedef struct ms_blocksource {
    ms_blockgroup *group;
    uint32_t taken;
} ms_blocksource;

typedef struct ms_blockmid {
    ms_blockleaf *leaves[1u << 12]; /* 4 GiB */
} ms_blockmid;

typedef struct ms_oddblock {
    uint64_t address; /* 0: free */
    uint32_t words[MS_SLOT_WORDS];
} ms_oddblock;

/* Where a leaf was found. */
typedef struct ms_leafplace {
    uint64_t base; /* address of its first granule */
    ms_blockleaf *leaf;
} ms_leafplace;

#define MS_GRANULE_MASK UINT64_C(0xffff0) /* the bits of an address that tell granules of a leaf apart */

#define MS_RECENT_LEAVES 256u

typedef struct ms_blockmap {
    ms_blockmid **mids;                    /* 2^16: up to 48 bits of address */
    ms_leafplace recent[MS_RECENT_LEAVES]; /* by the low bits of address >> 20 */
    ms_blockgroup *groups;
    ms_blocksource sources[2]; /* of leaves with few blocks, and with many */
    ms_oddblock *odd;
    uint32_t odd_mask, odd_used;
    uint64_t bytes; /* of memory asked for */
} ms_blockmap;

ms_status ms_blockmap_open(ms_blockmap *map);
void ms_blockmap_close(ms_blockmap *map);

/* Slow half of ms_blockmap_slot: a leaf that was not used lately, or an odd address. */
uint32_t *ms_blockmap_find(ms_blockmap *map, uint64_t address, bool create);

/* The slot of address, if it lies in a leaf that was used lately; else NULL, as for every odd address. */
MS_INLINE uint32_t *
ms_blockmap_recent(const ms_blockmap *map, uint64_t address)
{
    const ms_leafplace *place = &map->recent[address >> 20 & (MS_RECENT_LEAVES - 1)];
    if (MS_LIKELY(((address ^ place->base) & ~MS_GRANULE_MASK) == 0))
        return &place->leaf->words[(address & MS_GRANULE_MASK) >> 4];
    return NULL;
}

/* Has the processor fetch the slot of an address that will be asked for, if its leaf was used lately; else whatever. */
MS_INLINE void
ms_blockmap_prefetch(const ms_blockmap *map, uint64_t address)
{
    const ms_leafplace *place = &map->recent[address >> 20 & (MS_RECENT_LEAVES - 1)];
    /* Not as a pointer into the leaf: there may be none yet, and to ask for any address is harmless. */
    MS_PREFETCH((const void *)((uintptr_t)place->leaf + ((address & MS_GRANULE_MASK) >> 4) * sizeof(uint32_t)));
}

/* Four words for the block at address; word 0 is 0 if no block is known there. NULL: no block, or with
 * `create` no memory. */
MS_INLINE uint32_t *
ms_blockmap_slot(ms_blockmap *map, uint64_t address, bool create)
{
    uint32_t *slot = ms_blockmap_recent(map, address);
    return MS_LIKELY(slot != NULL) ? slot : ms_blockmap_find(map, address, create);
}

/* Whether an address is one of a granule in the shadow, whose slot stays for as long as the map; the others are in the
 * small table. */
MS_INLINE bool
ms_blockmap_is_even(uint64_t address)
{
    return (address & 15) == 0 && address >> 48 == 0;
}

/* Where the birth of a block of up to 16 bytes stands, whose slot this is. */
MS_INLINE uint32_t *
ms_blockmap_late(uint64_t address, uint32_t *slot)
{
    if (MS_UNLIKELY(!ms_blockmap_is_even(address)))
        return &slot[1];
    return slot + MS_GROUP_LEAVES * (MS_LEAF_GRANULES + MS_SLOT_WORDS);
}

/* Forgets the block at an odd address. */
void ms_blockmap_drop_odd(ms_blockmap *map, uint64_t address);

/* To be called when a slot's word 0 was set to 0. */
MS_INLINE void
ms_blockmap_dropped(ms_blockmap *map, uint64_t address)
{
    if (MS_UNLIKELY(!ms_blockmap_is_even(address)))
        ms_blockmap_drop_odd(map, address);
}

/* Blocks will lie close to each other in a range of addresses: their words go into huge pages, where there are such.
 * Thousands of pages of words are more than the processor knows the places of, and each is a fault. */
void ms_blockmap_expect(ms_blockmap *map, uint64_t from, uint64_t to);

/* Forgets whatever block may lie at address; a neighbour may lose its words. For whoever forgets all of them. */
void ms_blockmap_wipe(ms_blockmap *map, uint64_t address);
/* Forgets all blocks, by beginning anew. False: no memory, nothing was done. */
bool ms_blockmap_restart(ms_blockmap *map);

/* Shows each live block in a shadow leaf, in rising order of address, and the four words of its slot. The visitor
 * returns the granules that it spans. */
typedef uint32_t (*ms_blockmap_visit)(void *context, uint64_t address, uint32_t *words);
void ms_blockmap_each(ms_blockmap *map, ms_blockmap_visit visit, void *context);
/* The same with those at odd addresses, in no order. */
void ms_blockmap_each_odd(ms_blockmap *map, ms_blockmap_visit visit, void *context);
/* The same with those that begin in a range of addresses. */
void ms_blockmap_each_in(ms_blockmap *map, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context);

#endif
