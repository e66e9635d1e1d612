/* blockmap.h: which row a live block belongs to, by its address.
 *
 * Each 16 KiB of address space, a page, has a piece of words of its own once a block of a pool begins there. pymalloc's
 * pools are as large, and all blocks of a pool lie at the same distance: so a page has a slot of two words for each
 * block that there is room for, and where it lies is found by one multiplication.
 *
 *     page       │ header │ block │ block │ block │ …       phase, spacing: in granules of 16 bytes
 *     piece      │ row, birth │ row, birth │ row, birth │ …     by (address - base) / spacing
 *
 *     word       0             1             2, 3
 *                row << 7      birth         size (48 bits) and chain (16 bits)
 *                | where << 5                from 513 bytes
 *                | t << 4 | s
 *
 *   s      for up to 512 bytes: the size class's size minus the requested size (0-15)
 *   t      1: the block came from another row (ownership.h)
 *   where  bits 4 and 5 of the block's address
 *   birth  clock at the allocation
 *   chain  reallocations so far
 *
 * Nothing hangs on pymalloc's layout. The first block of a page tells its spacing and its phase; when a pool is used
 * for another size class, its page is laid out anew. A block that lies in between, or is malloc's, is apart: in a table
 * by its address. Where a page has many of them, it is laid out with the spacing that all its blocks have in common.
 *
 * malloc's blocks have none in common but one granule, and lie far from each other all the same: glibc's are never less
 * than two granules apart, and those of an XML tree eight. Their pages are windows: each slot is for whatever block
 * begins in four granules, and `where` says in which. If two begin there the page is laid out with a slot for each two
 * granules, or for each.
 *
 *     page       │   window    │   window    │   window    │ …       of 4, 2 or 1 granules
 *     piece      │ row, birth  │ row, birth  │ row, birth  │ …
 *
 *     a block has a slot in its page, if its address has one as the page is laid out; else it is apart
 *
 * So in windows no block is apart, and an address whose slot is another's has no block.
 *
 * A block of 513 bytes or more spans 33 granules, and no spacing is more than 32: so words 2 and 3, which are those of
 * the next slot, are its own.
 *
 * A word for each granule of all pages took 3.5 times as much beside computer algebra, and a table of all blocks takes
 * 32 bytes and more for each. Addresses that are not multiples of 16 are apart.
 */
#ifndef MS_BLOCKMAP_H
#define MS_BLOCKMAP_H

#include "shared/arena.h"
#include "shared/status.h"

#define MS_LEAF_GRANULES (1u << 16) /* 1 MiB */
#define MS_PAGE_GRANULES 1024u
#define MS_LEAF_PAGES (MS_LEAF_GRANULES / MS_PAGE_GRANULES)
#define MS_PLACE_WORDS 2u
#define MS_SLOT_WORDS 4u
#define MS_SPACING_MOST 32u
#define MS_WINDOW_MOST 4u /* granules: as many as `where` tells apart */

_Static_assert(MS_POOL_BYTES == MS_PAGE_GRANULES * 16, "a page of the map is a pool");

/* How 16 KiB are laid out. All 0: not yet. */
typedef struct ms_blockpage {
    uint64_t base; /* its address */
    uint32_t *words;
    /* An address's product: factor times its bytes from base, and offset. The upper half is its slot's place; of the
     * lower one no bit of misfit is set if it has one. */
    uint32_t factor, offset;
    uint32_t misfit; /* of a window: 0 */
    uint8_t spacing, phase;
    uint8_t within; /* the bits of `where` that tell the granules of a window apart */
} ms_blockpage;

_Static_assert(sizeof(ms_blockpage) == 32, "two in a cache line");

/* Which granules of a page have blocks apart. */
typedef struct ms_blockapart {
    uint64_t bits[MS_PAGE_GRANULES / 64];
    uint32_t count;
    uint32_t came; /* small ones, until there are windows */
} ms_blockapart;

typedef struct ms_blockleaf {
    ms_blockpage pages[MS_LEAF_PAGES];
    ms_blockapart *apart[MS_LEAF_PAGES];
    bool dense;
} ms_blockleaf;

/* What leaves and pieces are cut from. */
typedef struct ms_blockslab {
    struct ms_blockslab *next; /* of all that there are */
} ms_blockslab;

typedef struct ms_blocksource {
    ms_blockslab *slab;
    uint32_t used_bytes;
} ms_blocksource;

/* A piece that is free again; the rest of it is 0. */
typedef struct ms_blockspare {
    struct ms_blockspare *next;
} ms_blockspare;

typedef struct ms_blockmid {
    ms_blockleaf *leaves[1u << 12]; /* 4 GiB */
} ms_blockmid;

/* A block that is not in its page. */
typedef struct ms_apartblock {
    uint64_t address; /* 0: free */
    uint32_t words[MS_SLOT_WORDS];
} ms_apartblock;

#define MS_GRANULE_MASK UINT64_C(0x3ff0) /* the bits of an address that tell granules of a page apart */
#define MS_RECENT_PAGES (1u << 14)       /* 256 MiB; of those that were never used nothing is resident */
#define MS_WHERE_SHIFT 5
#define MS_WHERE_MASK 0x60u

/* How many granules the block in a slot spans, whose word 0 is not 0; 0: no block begins with these words. */
typedef uint32_t (*ms_blockmap_measure)(const void *context, const uint32_t *words);

/* To be zeroed before it is opened. */
typedef struct ms_blockmap {
    ms_blockmid **mids; /* 2^16: up to 48 bits of address */
    ms_blockslab *slabs;
    ms_blocksource sources[2];                 /* of leaves with few blocks, and with many */
    ms_blockspare *spare[MS_SPACING_MOST + 1]; /* pieces that are free again, by spacing */
    ms_blockmap_measure measure;
    const void *context;
    ms_apartblock *apart; /* open addressing by address */
    uint32_t apart_mask, apart_used;
    uint64_t bytes;                                   /* of memory in use */
    alignas(64) ms_blockpage recent[MS_RECENT_PAGES]; /* copies, by the low bits of address >> 14 */
} ms_blockmap;

ms_status ms_blockmap_open(ms_blockmap *map, ms_blockmap_measure measure, const void *context);
void ms_blockmap_close(ms_blockmap *map);

/* The page of an address if it was used lately; else any other, in which the address has no slot. */
MS_INLINE const ms_blockpage *
ms_blockmap_recent(const ms_blockmap *map, uint64_t address)
{
    return &map->recent[address >> 14 & (MS_RECENT_PAGES - 1)];
}

/* What word 0 of a block at address has of it. */
MS_INLINE uint32_t
ms_blockmap_where(uint64_t address)
{
    return (uint32_t)address << 1 & MS_WHERE_MASK;
}

/* Whether word 0 of a slot is that of a block elsewhere in its window. Where there is none, it is what is left of a
 * longer one whose free went unseen. */
MS_INLINE bool
ms_blockmap_is_elsewhere(uint32_t word, uint64_t address)
{
    return word != 0 && ((word ^ ms_blockmap_where(address)) & MS_WHERE_MASK) != 0;
}

/* The slot of an address in a page, in which another block of its window may be. NULL: it has none there. */
MS_INLINE uint32_t *
ms_blockpage_slot(const ms_blockpage *page, uint64_t address)
{
    uint64_t inside = address ^ page->base;
    uint64_t product = inside * page->factor + page->offset;
    if (MS_UNLIKELY((inside & ~MS_GRANULE_MASK) != 0 || ((uint32_t)product & page->misfit) != 0))
        return NULL;
    return page->words + (product >> 32) * MS_PLACE_WORDS;
}

/* Has the processor fetch the slot of an address that will be asked for, if its page was used lately; else whatever. */
MS_INLINE void
ms_blockmap_prefetch(const ms_blockmap *map, uint64_t address)
{
    const ms_blockpage *page = ms_blockmap_recent(map, address);
    uint64_t product = (address & MS_GRANULE_MASK) * page->factor; /* it is in this slot or the next */
    /* Not as a pointer into the piece: there may be none yet, and to ask for any address is harmless. */
    MS_PREFETCH((const void *)((uintptr_t)page->words + (product >> 32) * MS_PLACE_WORDS * sizeof(uint32_t)));
}

/* Slow half of the next one: a page that was not used lately, an odd address, or another block's slot. */
uint32_t *ms_blockmap_find(ms_blockmap *map, uint64_t address);

/* The words for the block at address; word 0 is 0 if no block is known there, and so all that it may have. NULL: no
 * block. The slot stays where it is until one is made. */
MS_INLINE uint32_t *
ms_blockmap_slot(ms_blockmap *map, uint64_t address)
{
    uint32_t *slot = ms_blockpage_slot(ms_blockmap_recent(map, address), address);
    return MS_LIKELY(slot != NULL && !ms_blockmap_is_elsewhere(*slot, address)) ? slot : ms_blockmap_find(map, address);
}

/* The same for a block of a size class that is to come there; pooled: pymalloc serves it, most likely. NULL: no
 * memory. Slots of other blocks may lie elsewhere then. */
uint32_t *ms_blockmap_make(ms_blockmap *map, uint64_t address, uint32_t size_class, bool pooled);

/* Whether an address is a multiple of 16 that processors have; the others are in the small table. */
MS_INLINE bool
ms_blockmap_is_even(uint64_t address)
{
    return (address & 15) == 0 && address >> 48 == 0;
}

void ms_blockmap_drop_apart(ms_blockmap *map, uint64_t address);

/* Whether the words of a slot are those of a block apart. */
MS_INLINE bool
ms_blockmap_is_apart(const ms_blockmap *map, const uint32_t *words)
{
    return (uintptr_t)words - (uintptr_t)map->apart <= map->apart_mask * sizeof *map->apart + sizeof(uint64_t);
}

/* To be called when a slot's word 0 was set to 0. */
MS_INLINE void
ms_blockmap_dropped(ms_blockmap *map, uint64_t address, const uint32_t *words)
{
    if (MS_UNLIKELY(ms_blockmap_is_apart(map, words)))
        ms_blockmap_drop_apart(map, address);
}

/* Blocks will lie close to each other in a range of addresses: their words go into huge pages, where there are such.
 * Thousands of pages of words are more than the processor knows the places of, and each is a fault. */
void ms_blockmap_expect(ms_blockmap *map, uint64_t from, uint64_t to);

/* Forgets whatever block may lie at address; a neighbour may lose its words. For whoever forgets all of them. */
void ms_blockmap_wipe(ms_blockmap *map, uint64_t address);
/* Forgets all blocks. */
void ms_blockmap_restart(ms_blockmap *map);

/* Shows each live block at an even address, in rising order of address, and the words of its slot. The visitor
 * returns the granules that it spans. */
typedef uint32_t (*ms_blockmap_visit)(void *context, uint64_t address, uint32_t *words);
void ms_blockmap_each(ms_blockmap *map, ms_blockmap_visit visit, void *context);
/* The same with those at odd addresses, in no order. */
void ms_blockmap_each_odd(ms_blockmap *map, ms_blockmap_visit visit, void *context);
/* The first MiB at or after a multiple of it in which a block has begun; UINT64_MAX: there is none. */
uint64_t ms_blockmap_next_leaf(const ms_blockmap *map, uint64_t from);
/* The same with those that begin in a range of addresses. */
void ms_blockmap_each_in(ms_blockmap *map, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context);

#endif
