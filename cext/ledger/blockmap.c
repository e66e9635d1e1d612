#include "ledger/blockmap.h"

#include <string.h>

#include "shared/memory.h"
#include "shared/probe.h"

#define MIDS (1u << 16)
#define MID_LEAVES (1u << 12)
#define ODD_SLOTS_FIRST 64u
#define SLAB_BYTES (2u << 20) /* a huge page; of the others nothing is resident before it is used */

ms_status
ms_blockmap_open(ms_blockmap *map, ms_blockmap_measure measure, const void *context)
{
    map->measure = measure;
    map->context = context;
    map->mids = ms_memory_get(MIDS * sizeof *map->mids);
    return map->mids == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_blockmap_close(ms_blockmap *map)
{
    if (map->mids != NULL)
        ms_blockmap_restart(map);
    ms_memory_give(map->mids);
    map->mids = NULL;
}

/* ---- odd addresses --------------------------------------------------------------------------- */

static uint32_t
odd_hash(uint64_t address)
{
    return (uint32_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

static bool
grow_odd(ms_blockmap *map)
{
    uint32_t slots = map->odd == NULL ? ODD_SLOTS_FIRST : (map->odd_mask + 1) * 2;
    ms_oddblock *bigger = ms_memory_get(slots * sizeof *bigger);
    if (bigger == NULL)
        return false;
    const ms_oddblock *block;
    if (map->odd != NULL)
        MS_PROBE_REHASH(block, map->odd, map->odd_mask, bigger, slots - 1, block->address == 0,
                        odd_hash(block->address));
    ms_memory_give(map->odd);
    map->odd = bigger;
    map->odd_mask = slots - 1;
    return true;
}

static uint32_t *
find_odd(ms_blockmap *map, uint64_t address, bool create)
{
    uint32_t slot;
    if (map->odd != NULL) {
        MS_PROBE(slot, odd_hash(address), map->odd_mask,
                 map->odd[slot].address == address || map->odd[slot].address == 0);
        if (map->odd[slot].address == address)
            return map->odd[slot].words;
    }
    if (!create)
        return NULL;
    if ((map->odd == NULL || map->odd_used >= (map->odd_mask + 1) / 2) && !grow_odd(map))
        return NULL;
    MS_PROBE(slot, odd_hash(address), map->odd_mask, map->odd[slot].address == 0);
    map->odd[slot].address = address;
    map->odd_used++;
    return map->odd[slot].words;
}

void
ms_blockmap_drop_odd(ms_blockmap *map, uint64_t address)
{
    if (map->odd == NULL)
        return;
    uint32_t hole;
    MS_PROBE(hole, odd_hash(address), map->odd_mask, map->odd[hole].address == address || map->odd[hole].address == 0);
    if (map->odd[hole].address == 0)
        return;
    const ms_oddblock *block;
    MS_PROBE_CLOSE_GAP(block, map->odd, hole, map->odd_mask, block->address == 0, odd_hash(block->address));
    memset(&map->odd[hole], 0, sizeof map->odd[hole]);
    map->odd_used--;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Bytes, all 0. NULL: no memory. */
static void *
cut(ms_blockmap *map, uint32_t bytes, bool dense)
{
    ms_blocksource *source = &map->sources[dense];
    if (source->slab == NULL || SLAB_BYTES - source->used_bytes < bytes) {
        ms_blockslab *slab = ms_memory_get_huge(SLAB_BYTES, dense ? SLAB_BYTES : 0);
        if (slab == NULL)
            return NULL;
        slab->next = map->slabs;
        map->slabs = slab;
        *source = (ms_blocksource){.slab = slab, .used_bytes = sizeof *slab};
    }
    void *piece = (char *)source->slab + source->used_bytes;
    source->used_bytes += bytes;
    map->bytes += bytes;
    return piece;
}

/* A page's words, with those that a large block in its last slot has more. kind: the spacing; 0: a word for each
 * granule. */
static uint32_t
piece_bytes(uint32_t kind)
{
    uint32_t slots = kind == 0 ? MS_PAGE_GRANULES / 2 : (MS_PAGE_GRANULES - 1 + kind - 1) / kind + 1;
    return (2 * slots + MS_SLOT_WORDS) * (uint32_t)sizeof(uint32_t);
}

static uint32_t *
get_piece(ms_blockmap *map, uint32_t kind, bool dense)
{
    ms_blockspare *piece = map->spare[kind];
    if (piece == NULL)
        return cut(map, piece_bytes(kind), dense);
    map->spare[kind] = piece->next;
    return memset(piece, 0, sizeof *piece);
}

static void
give_piece(ms_blockmap *map, uint32_t kind, uint32_t *words)
{
    if (words == NULL)
        return;
    ms_blockspare *piece = memset(words, 0, piece_bytes(kind));
    piece->next = map->spare[kind];
    map->spare[kind] = piece;
}

/* ---- layouts --------------------------------------------------------------------------------- */

/* Which pieces a page has. */
static uint32_t
kind_of(const ms_blockpage *page)
{
    return page->each == 2 ? page->spacing : 0;
}

/* Blocks at a spacing from each other, one of which begins at this granule.
 *
 * The factor is 2^32 / spacing granules, rounded up: of a multiple of the spacing the product's lower half is below
 * 16 * 1055, of all else 2^27 or more. */
static ms_blockpage
spaced(uint64_t base, uint32_t spacing, uint32_t granule)
{
    uint32_t phase = (spacing - granule % spacing) % spacing, factor = ((1u << 28) + spacing - 1) / spacing;
    return (ms_blockpage){.base = base,
                          .factor = factor,
                          .offset = phase * factor * 16,
                          .misfit = UINT32_MAX << 27,
                          .spacing = (uint8_t)spacing,
                          .phase = (uint8_t)phase,
                          .each = 2};
}

/* A word for each granule. */
static ms_blockpage
by_granule(uint64_t base)
{
    return (ms_blockpage){.base = base, .factor = 1u << 27, .spacing = 1, .each = 1, .least_bytes = 16};
}

static uint32_t
granule_of(uint64_t address)
{
    return (uint32_t)(address & MS_GRANULE_MASK) >> 4;
}

/* The first slot at or after a granule. */
static uint32_t
slot_from(const ms_blockpage *page, uint32_t granule)
{
    return (granule + page->phase + page->spacing - 1) / page->spacing;
}

static uint64_t
address_of(const ms_blockpage *page, uint32_t slot)
{
    return page->base + ((uint64_t)(slot * page->spacing - page->phase) << 4);
}

/* Finds the next live block of a page from a slot on. False: there is none. */
static bool
next_live(const ms_blockmap *map, const ms_blockpage *page, uint32_t *slot, uint32_t *span)
{
    uint32_t end = page->words == NULL ? 0 : slot_from(page, MS_PAGE_GRANULES);
    for (; *slot < end; ++*slot) {
        const uint32_t *words = page->words + *slot * page->each;
        if (words[0] != 0 && (*span = map->measure(map->context, words)) != 0)
            return true;
    }
    return false;
}

/* How many words a block has that spans so many granules, and the slots that they take at most. */
static uint32_t
words_of(uint32_t span)
{
    return span > MS_SPACING_MOST ? MS_SLOT_WORDS : 2;
}

/* Whether all live blocks of a page have slots in another layout; *tiny: one of them spans one granule. */
static bool
all_fit(const ms_blockmap *map, const ms_blockpage *page, const ms_blockpage *other, bool *tiny)
{
    bool fit = true;
    uint32_t span;
    for (uint32_t slot = 0; next_live(map, page, &slot, &span); slot += words_of(span) / page->each) {
        fit = fit && ms_blockpage_slot(other, address_of(page, slot)) != NULL;
        *tiny = *tiny || span == 1;
    }
    return fit;
}

/* Of a page that has no block yet. */
static ms_blockpage
first_layout(uint64_t base, uint32_t granule, uint32_t size_class, bool pooled)
{
    /* A large block is alone in its page, or soon will not be. */
    uint32_t spacing = size_class == 0 ? 1 : size_class < MS_SPACING_MOST ? size_class : MS_SPACING_MOST;
    return pooled || spacing == 1 || spacing == MS_SPACING_MOST ? spaced(base, spacing, granule) : by_granule(base);
}

/* Lays a page out so that a block has a slot that it had none for. False: no memory, it stays as it was. */
static bool
lay_out(ms_blockmap *map, ms_blockpage *page, uint64_t address, uint32_t size_class, bool pooled, bool dense)
{
    uint32_t granule = granule_of(address);
    ms_blockpage new = first_layout(address & ~(MS_POOL_BYTES - 1), granule, size_class, pooled);
    bool tiny = size_class <= 1, live;
    new.words = page->words; /* so that slots are not NULL; they are not looked at */
    uint32_t slot = 0, span;
    live = next_live(map, page, &slot, &span);
    if (live && (!all_fit(map, page, &new, &tiny) || (tiny && new.least_bytes != 0)))
        new = tiny ? spaced(new.base, 1, granule) : by_granule(new.base);
    new.words = get_piece(map, kind_of(&new), dense);
    if (new.words == NULL)
        return false;
    for (slot = 0; next_live(map, page, &slot, &span); slot += words_of(span) / page->each)
        memcpy(ms_blockpage_slot(&new, address_of(page, slot)), page->words + slot * page->each,
               words_of(span) * sizeof(uint32_t));
    give_piece(map, kind_of(page), page->words);
    *page = new;
    return true;
}

/* ---- the pages ------------------------------------------------------------------------------- */

/* The leaf of an even address. NULL: there is none, or with `create` no memory. */
static ms_blockleaf *
leaf_of(ms_blockmap *map, uint64_t address, bool create)
{
    ms_blockmid **mid = &map->mids[address >> 32];
    if (*mid == NULL) {
        if (!create || (*mid = ms_memory_get(sizeof **mid)) == NULL)
            return NULL;
        map->bytes += sizeof **mid;
    }
    ms_blockleaf **leaf = &(*mid)->leaves[address >> 20 & (MID_LEAVES - 1)];
    if (*leaf == NULL && create)
        *leaf = cut(map, sizeof **leaf, false);
    return *leaf;
}

static ms_blockpage *
page_of(ms_blockleaf *leaf, uint64_t address)
{
    return &leaf->pages[address >> 14 & (MS_LEAF_PAGES - 1)];
}

/* The slot of an address in a page that is about to be used. */
static uint32_t *
slot_in(ms_blockmap *map, const ms_blockpage *page, uint64_t address)
{
    map->recent[address >> 14 & (MS_RECENT_PAGES - 1)] = *page;
    return ms_blockpage_slot(page, address);
}

MS_COLD uint32_t *
ms_blockmap_find(ms_blockmap *map, uint64_t address)
{
    if (!ms_blockmap_is_even(address))
        return find_odd(map, address, false);
    ms_blockleaf *leaf = leaf_of(map, address, false);
    return leaf == NULL ? NULL : slot_in(map, page_of(leaf, address), address);
}

uint32_t *
ms_blockmap_make(ms_blockmap *map, uint64_t address, uint32_t size_class, bool pooled)
{
    if (!ms_blockmap_is_even(address))
        return find_odd(map, address, true);
    ms_blockleaf *leaf = leaf_of(map, address, true);
    if (leaf == NULL)
        return NULL;
    ms_blockpage *page = page_of(leaf, address);
    bool fits = ms_blockpage_slot(page, address) != NULL && ms_blockpage_holds(page, size_class);
    if (!fits && !lay_out(map, page, address, size_class, pooled, leaf->dense))
        return NULL;
    return slot_in(map, page, address);
}

void
ms_blockmap_expect(ms_blockmap *map, uint64_t from, uint64_t to)
{
    for (uint64_t at = from >> 20 << 20; at < to && at >> 48 == 0; at += UINT64_C(1) << 20) {
        ms_blockleaf *leaf = leaf_of(map, at, true);
        if (leaf != NULL) /* without memory now, one may still be had when it is needed */
            leaf->dense = true;
    }
}

void
ms_blockmap_wipe(ms_blockmap *map, uint64_t address)
{
    if (!ms_blockmap_is_even(address)) {
        ms_blockmap_drop_odd(map, address);
        return;
    }
    uint32_t *words = ms_blockmap_slot(map, address);
    if (words != NULL)
        memset(words, 0, MS_SLOT_WORDS * sizeof *words);
}

/* No page of a leaf was used lately. */
static void
forget_recent(ms_blockmap *map, uint64_t base)
{
    for (uint64_t page = 0; page < MS_LEAF_PAGES; page++)
        map->recent[(base >> 14 | page) & (MS_RECENT_PAGES - 1)] = (ms_blockpage){0};
}

void
ms_blockmap_restart(ms_blockmap *map)
{
    for (uint64_t i = 0; i < MIDS; i++) {
        ms_blockmid *mid = map->mids[i];
        if (mid == NULL)
            continue;
        for (uint64_t j = 0; j < MID_LEAVES; j++)
            if (mid->leaves[j] != NULL)
                forget_recent(map, i << 32 | j << 20);
        ms_memory_give(mid);
        map->mids[i] = NULL;
    }
    for (ms_blockslab *slab = map->slabs, *next; slab != NULL; slab = next) {
        next = slab->next;
        ms_memory_give(slab);
    }
    ms_memory_give(map->odd);
    map->slabs = NULL;
    map->odd = NULL;
    map->odd_mask = map->odd_used = 0;
    memset(map->sources, 0, sizeof map->sources);
    memset(map->spare, 0, sizeof map->spare);
    map->bytes = 0;
}

/* ---- all blocks ------------------------------------------------------------------------------ */

/* Those of a page that begin in a range of addresses within it. Returns where the last one ends. */
static uint64_t
visit_page(const ms_blockpage *page, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context)
{
    uint64_t end = from, at;
    uint32_t slot = page->words == NULL ? 0 : slot_from(page, granule_of(from));
    while (page->words != NULL && (at = address_of(page, slot)) < to) {
        uint32_t *words = page->words + slot * page->each, span = 1;
        if (words[0] != 0) {
            span = visit(context, at, words);
            end = at + ((uint64_t)span << 4);
        }
        slot += (span + page->spacing - 1) / page->spacing;
    }
    return end;
}

/* Those of a leaf. */
static void
visit_leaf(ms_blockleaf *leaf, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context)
{
    while (from < to) {
        uint64_t next = (from | (MS_POOL_BYTES - 1)) + 1;
        uint64_t end = visit_page(page_of(leaf, from), from, next < to ? next : to, visit, context);
        from = end > next ? end : next;
    }
}

void
ms_blockmap_each(ms_blockmap *map, ms_blockmap_visit visit, void *context)
{
    for (uint64_t i = 0; i < MIDS; i++) {
        ms_blockmid *mid = map->mids[i];
        for (uint64_t j = 0; mid != NULL && j < MID_LEAVES; j++) {
            if (mid->leaves[j] != NULL)
                visit_leaf(mid->leaves[j], i << 32 | j << 20, (i << 32 | j << 20) + (UINT64_C(1) << 20), visit,
                           context);
        }
    }
}

void
ms_blockmap_each_odd(ms_blockmap *map, ms_blockmap_visit visit, void *context)
{
    for (uint64_t i = 0; map->odd != NULL && i <= map->odd_mask; i++) {
        if (map->odd[i].address != 0 && map->odd[i].words[0] != 0)
            (void)visit(context, map->odd[i].address, map->odd[i].words);
    }
}

void
ms_blockmap_each_in(ms_blockmap *map, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context)
{
    while (from < to && from >> 48 == 0) {
        uint64_t end = (from | ((UINT64_C(1) << 20) - 1)) + 1;
        uint64_t next = end < to ? end : to;
        ms_blockmid *mid = map->mids[from >> 32];
        ms_blockleaf *leaf = mid == NULL ? NULL : mid->leaves[from >> 20 & (MID_LEAVES - 1)];
        if (leaf != NULL)
            visit_leaf(leaf, from, next, visit, context);
        from = next;
    }
}
