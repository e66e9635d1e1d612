#include "ledger/blockmap.h"

#include <string.h>

#include "shared/memory.h"
#include "shared/probe.h"

#define MIDS (1u << 16)
#define MID_LEAVES (1u << 12)
#define APART_FIRST 64u
#define APART_MOST 32u        /* of a page: there are no more of 513 bytes, and smaller ones come by the hundred */
#define APART_CAME_MOST 256u  /* small ones of a page, of which few are live at a time: each in and out takes 50 ns */
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

/* ---- blocks apart ---------------------------------------------------------------------------- */

static uint32_t
apart_hash(uint64_t address)
{
    return (uint32_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static bool
grow_apart(ms_blockmap *map)
{
    uint32_t slots = map->apart == NULL ? APART_FIRST : (map->apart_mask + 1) * 2;
    ms_apartblock *bigger = ms_memory_get(slots * sizeof *bigger);
    if (bigger == NULL)
        return false;
    const ms_apartblock *block;
    if (map->apart != NULL)
        MS_PROBE_REHASH(block, map->apart, map->apart_mask, bigger, slots - 1, block->address == 0,
                        apart_hash(block->address));
    map->bytes += (slots - (map->apart == NULL ? 0 : map->apart_mask + 1)) * sizeof *bigger;
    ms_memory_give(map->apart);
    map->apart = bigger;
    map->apart_mask = slots - 1;
    return true;
}

/* Where the block at address is, or would be. There is a table. */
static ms_apartblock *
probe_apart(const ms_blockmap *map, uint64_t address)
{
    uint32_t slot;
    MS_PROBE(slot, apart_hash(address), map->apart_mask,
             map->apart[slot].address == address || map->apart[slot].address == 0);
    return &map->apart[slot];
}

static uint32_t *
find_apart(ms_blockmap *map, uint64_t address)
{
    ms_apartblock *block = map->apart == NULL ? NULL : probe_apart(map, address);
    return block == NULL || block->address == 0 ? NULL : block->words;
}

static uint32_t *
enter_apart(ms_blockmap *map, uint64_t address)
{
    bool full = map->apart == NULL || map->apart_used >= (map->apart_mask + 1) / 4 * 3;
    if (full && !grow_apart(map))
        return find_apart(map, address);
    ms_apartblock *block = probe_apart(map, address);
    map->apart_used += block->address == 0;
    block->address = address;
    return block->words;
}

static void
take_out_apart(ms_blockmap *map, uint64_t address)
{
    uint32_t hole = (uint32_t)(probe_apart(map, address) - map->apart);
    const ms_apartblock *block;
    MS_PROBE_CLOSE_GAP(block, map->apart, hole, map->apart_mask, block->address == 0, apart_hash(block->address));
    memset(&map->apart[hole], 0, sizeof map->apart[hole]);
    map->apart_used--;
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

/* A page's words, with those that a large block in its last slot has more. */
static uint32_t
piece_bytes(uint32_t spacing)
{
    uint32_t slots = (MS_PAGE_GRANULES - 1 + spacing - 1) / spacing + 1;
    return (MS_PLACE_WORDS * slots + MS_SLOT_WORDS) * (uint32_t)sizeof(uint32_t);
}

static uint32_t *
get_piece(ms_blockmap *map, uint32_t spacing, bool dense)
{
    ms_blockspare *piece = map->spare[spacing];
    if (piece == NULL)
        return cut(map, piece_bytes(spacing), dense);
    map->spare[spacing] = piece->next;
    return memset(piece, 0, sizeof *piece);
}

static void
give_piece(ms_blockmap *map, uint32_t spacing, uint32_t *words)
{
    if (words == NULL)
        return;
    ms_blockspare *piece = memset(words, 0, piece_bytes(spacing));
    piece->next = map->spare[spacing];
    map->spare[spacing] = piece;
}

/* ---- layouts --------------------------------------------------------------------------------- */

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
                          .phase = (uint8_t)phase};
}

/* A slot for each window of 1, 2 or 4 granules. */
static ms_blockpage
windows(uint64_t base, uint32_t granules)
{
    ms_blockpage page = spaced(base, granules, 0);
    page.misfit = 0;
    page.within = (uint8_t)(granules - 1);
    return page;
}

static bool
has_windows(const ms_blockpage *page)
{
    return page->words != NULL && page->misfit == 0;
}

static uint32_t
granule_of(uint64_t address)
{
    return (uint32_t)(address & MS_GRANULE_MASK) >> 4;
}

/* The first slot in which a block may be that begins at a granule, or later. */
static uint32_t
slot_from(const ms_blockpage *page, uint32_t granule)
{
    return (granule + page->phase + (page->within != 0 ? 0 : page->spacing - 1u)) / page->spacing;
}

/* Where the block in a slot begins. */
static uint64_t
address_of(const ms_blockpage *page, uint32_t slot)
{
    uint32_t within = page->words[slot * MS_PLACE_WORDS] >> MS_WHERE_SHIFT & page->within;
    return page->base + ((uint64_t)(slot * page->spacing - page->phase + within) << 4);
}

/* Finds the next live block of a page from a slot on. False: there is none. */
static bool
next_live(const ms_blockmap *map, const ms_blockpage *page, uint32_t *slot, uint32_t *span)
{
    uint32_t end = page->words == NULL ? 0 : slot_from(page, MS_PAGE_GRANULES);
    for (; *slot < end; ++*slot) {
        const uint32_t *words = page->words + *slot * MS_PLACE_WORDS;
        if (words[0] != 0 && (*span = map->measure(map->context, words)) != 0)
            return true;
    }
    return false;
}

/* How many places a block has that spans so many granules. */
static uint32_t
places_of(uint32_t span)
{
    return span > MS_SPACING_MOST ? 2 : 1;
}

/* Whether all live blocks of a page have slots in another layout. */
static bool
all_fit(const ms_blockmap *map, const ms_blockpage *page, const ms_blockpage *other)
{
    uint32_t span;
    for (uint32_t slot = 0; next_live(map, page, &slot, &span); slot += places_of(span))
        if (ms_blockpage_slot(other, address_of(page, slot)) == NULL)
            return false;
    return true;
}

/* ---- laying out ------------------------------------------------------------------------------ */

/* A page in its leaf. */
typedef struct {
    ms_blockpage *page;
    ms_blockapart **apart; /* NULL: no block of it is apart */
    uint64_t base;
    bool dense;
} place;

static place
place_of(ms_blockleaf *leaf, uint64_t address)
{
    uint32_t index = address >> 14 & (MS_LEAF_PAGES - 1);
    return (place){.page = &leaf->pages[index],
                   .apart = &leaf->apart[index],
                   .base = address & ~(MS_POOL_BYTES - 1),
                   .dense = leaf->dense};
}

static bool
is_apart(const ms_blockapart *apart, uint32_t granule)
{
    return apart != NULL && (apart->bits[granule / 64] >> granule % 64 & 1) != 0;
}

/* The first granule from this one on where a block apart begins; MS_PAGE_GRANULES: there is none. */
static uint32_t
next_apart(const ms_blockapart *apart, uint32_t granule)
{
    while (apart != NULL && granule < MS_PAGE_GRANULES) {
        uint64_t rest = apart->bits[granule / 64] >> granule % 64;
        if (rest != 0)
            return granule + (uint32_t)__builtin_ctzll(rest);
        granule = (granule / 64 + 1) * 64;
    }
    return MS_PAGE_GRANULES;
}

static void
count_apart(ms_blockapart *apart, uint32_t granule, bool in)
{
    apart->bits[granule / 64] ^= UINT64_C(1) << granule % 64;
    apart->count += in ? 1 : UINT32_MAX;
}

static uint32_t *
put_apart(ms_blockmap *map, const place *at, uint64_t address, bool small)
{
    if (*at->apart == NULL && (*at->apart = cut(map, sizeof **at->apart, at->dense)) == NULL)
        return NULL;
    uint32_t *words = enter_apart(map, address);
    if (words != NULL)
        count_apart(*at->apart, granule_of(address), true);
    if (words != NULL && small)
        (*at->apart)->came++;
    return words;
}

/* Those of a page's blocks that are apart and have a slot in it now go there. */
static void
bring_in(ms_blockmap *map, const place *at)
{
    ms_blockapart *apart = *at->apart;
    for (uint32_t granule = 0; (granule = next_apart(apart, granule)) < MS_PAGE_GRANULES; granule++) {
        uint64_t address = at->base + ((uint64_t)granule << 4);
        uint32_t *slot = ms_blockpage_slot(at->page, address);
        if (slot == NULL)
            continue;
        const uint32_t *words = find_apart(map, address);
        uint32_t span = words[0] == 0 ? 0 : map->measure(map->context, words);
        if (span != 0)
            memcpy(slot, words, places_of(span) * MS_PLACE_WORDS * sizeof *slot);
        take_out_apart(map, address);
        count_apart(apart, granule, false);
    }
}

/* The greatest common divisor of a number and the distance of two granules. */
static uint32_t
divisor_of(uint32_t number, uint32_t left, uint32_t right)
{
    uint32_t other = left < right ? right - left : left - right;
    while (other != 0) {
        uint32_t rest = number % other;
        number = other;
        other = rest;
    }
    return number;
}

/* Where the blocks of a page begin, and one more. */
static ms_blockapart
beginnings(const ms_blockmap *map, const place *at, uint32_t first)
{
    ms_blockapart all = *at->apart == NULL ? (ms_blockapart){0} : **at->apart;
    uint32_t span;
    for (uint32_t slot = 0; next_live(map, at->page, &slot, &span); slot += places_of(span)) {
        uint32_t granule = granule_of(address_of(at->page, slot));
        all.bits[granule / 64] |= UINT64_C(1) << granule % 64;
    }
    all.bits[first / 64] |= UINT64_C(1) << first % 64;
    return all;
}

/* The largest spacing at which all of them lie. */
static uint32_t
common_spacing(const ms_blockapart *all, uint32_t first)
{
    uint32_t common = 0;
    for (uint32_t granule = 0; (granule = next_apart(all, granule)) < MS_PAGE_GRANULES; granule++)
        common = divisor_of(common, first, granule);
    uint32_t spacing = common < MS_SPACING_MOST ? common : MS_SPACING_MOST;
    while (spacing > 1 && common % spacing != 0)
        spacing--;
    return spacing == 0 ? 1 : spacing;
}

/* The largest windows in none of which two of them begin. */
static uint32_t
common_window(const ms_blockapart *all)
{
    uint32_t window = MS_WINDOW_MOST;
    for (uint32_t i = 0; i < MS_PAGE_GRANULES / 64 && window > 1; i++) {
        const uint64_t twos = UINT64_C(0x5555555555555555), fours = UINT64_C(0x1111111111111111);
        uint64_t bits = all->bits[i], either = (bits | bits >> 1) & twos;
        if ((bits & bits >> 1 & twos) != 0)
            window = 1;
        else if ((either & either >> 2 & fours) != 0)
            window = 2;
    }
    return window;
}

/* False: no memory, it stays as it was. */
static bool
lay_out(ms_blockmap *map, const place *at, ms_blockpage new)
{
    ms_blockpage old = *at->page;
    new.words = get_piece(map, new.spacing, at->dense);
    if (new.words == NULL)
        return false;
    uint32_t span;
    for (uint32_t slot = 0; next_live(map, &old, &slot, &span); slot += places_of(span))
        memcpy(ms_blockpage_slot(&new, address_of(&old, slot)), old.words + slot * MS_PLACE_WORDS,
               places_of(span) * MS_PLACE_WORDS * sizeof(uint32_t));
    give_piece(map, old.spacing, old.words);
    *at->page = new;
    bring_in(map, at);
    return true;
}

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

/* Whether the page before has windows, as those of malloc's heap have once many blocks are apart. */
static bool
follows_heap(ms_blockmap *map, const place *at)
{
    uint64_t before = at->base - MS_POOL_BYTES;
    ms_blockleaf *leaf = at->base == 0 ? NULL : leaf_of(map, before, false);
    return leaf != NULL && has_windows(place_of(leaf, before).page);
}

/* Whether a page is to have windows for a small block: also if many have come and gone there. */
static bool
is_of_heap(ms_blockmap *map, const place *at, bool pooled)
{
    bool busy = *at->apart != NULL && (*at->apart)->came >= APART_CAME_MOST;
    return busy || (!pooled && follows_heap(map, at));
}

/* What a page becomes when a block cannot have a slot as it is, and no pool either. Windows become smaller each time:
 * what is in the slot may also be left of a longer block, and then is in the next one, too. */
static ms_blockpage
widened(const ms_blockmap *map, const place *at, uint32_t granule, bool heap)
{
    ms_blockapart all = beginnings(map, at, granule);
    uint32_t window = common_window(&all), spacing = heap ? 1 : common_spacing(&all, granule);
    if (has_windows(at->page))
        return windows(at->base, window < at->page->spacing ? window : at->page->spacing / 2u);
    return spacing > window ? spaced(at->base, spacing, granule) : windows(at->base, window);
}

/* Has a slot, or a place apart, for a block that has none yet. A page is laid out for the first block of a pool that
 * lies otherwise, as when the pool was emptied and is used for another size class: to look whether it can be is to go
 * through all its blocks. And once many are apart, as all have it in common; in a heap of small blocks at once. */
static uint32_t *
make_room(ms_blockmap *map, const place *at, uint64_t address, uint32_t size_class, bool pooled)
{
    uint32_t apart = *at->apart == NULL ? 0 : (*at->apart)->count;
    uint32_t granule = granule_of(address);
    bool of_pool = pooled && size_class <= MS_SPACING_MOST && (apart == 0 || at->page->words == NULL);
    ms_blockpage new = spaced(at->base, of_pool && size_class != 0 ? size_class : 1, granule);
    new.words = at->page->words; /* so that slots are not NULL; they are not looked at */
    if (!of_pool || !all_fit(map, at->page, &new)) {
        bool small = size_class <= MS_SPACING_MOST;
        bool heap = has_windows(at->page) || (small && is_of_heap(map, at, pooled));
        if (!heap && apart < APART_MOST)
            return put_apart(map, at, address, small);
        new = widened(map, at, granule, heap);
    }
    return lay_out(map, at, new) ? ms_blockpage_slot(at->page, address) : NULL;
}

/* ---- the pages ------------------------------------------------------------------------------- */

/* A page is used. */
static void
note_recent(ms_blockmap *map, const ms_blockpage *page, uint64_t address)
{
    map->recent[address >> 14 & (MS_RECENT_PAGES - 1)] = *page;
}

MS_COLD uint32_t *
ms_blockmap_find(ms_blockmap *map, uint64_t address)
{
    if (!ms_blockmap_is_even(address))
        return find_apart(map, address);
    ms_blockleaf *leaf = leaf_of(map, address, false);
    if (leaf == NULL)
        return NULL;
    place at = place_of(leaf, address);
    uint32_t *slot = ms_blockpage_slot(at.page, address);
    if (slot != NULL) {
        note_recent(map, at.page, address);
        return ms_blockmap_is_elsewhere(*slot, address) ? NULL : slot;
    }
    return is_apart(*at.apart, granule_of(address)) ? find_apart(map, address) : NULL;
}

uint32_t *
ms_blockmap_make(ms_blockmap *map, uint64_t address, uint32_t size_class, bool pooled)
{
    if (!ms_blockmap_is_even(address))
        return enter_apart(map, address);
    ms_blockleaf *leaf = leaf_of(map, address, true);
    if (leaf == NULL)
        return NULL;
    place at = place_of(leaf, address);
    if (is_apart(*at.apart, granule_of(address)))
        return find_apart(map, address);
    uint32_t *slot = ms_blockpage_slot(at.page, address);
    while (slot == NULL || (at.page->within != 0 && ms_blockmap_is_elsewhere(*slot, address))) {
        if ((slot = make_room(map, &at, address, size_class, pooled)) == NULL)
            break;
    }
    note_recent(map, at.page, address);
    if (slot != NULL && ms_blockmap_is_elsewhere(*slot, address))
        slot[0] = slot[1] = 0; /* left of a longer block */
    return slot;
}

MS_COLD void
ms_blockmap_drop_apart(ms_blockmap *map, uint64_t address)
{
    ms_blockleaf *leaf = ms_blockmap_is_even(address) ? leaf_of(map, address, false) : NULL;
    if (leaf != NULL)
        count_apart(*place_of(leaf, address).apart, granule_of(address), false);
    take_out_apart(map, address);
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
    uint32_t *words = ms_blockmap_slot(map, address);
    if (words == NULL)
        return;
    if (ms_blockmap_is_apart(map, words))
        ms_blockmap_drop_apart(map, address);
    else
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
    ms_memory_give(map->apart);
    map->slabs = NULL;
    map->apart = NULL;
    map->apart_mask = map->apart_used = 0;
    memset(map->sources, 0, sizeof map->sources);
    memset(map->spare, 0, sizeof map->spare);
    map->bytes = 0;
}

/* ---- all blocks ------------------------------------------------------------------------------ */

typedef struct {
    ms_blockmap *map;
    ms_blockmap_visit visit;
    void *context;
} visiting;

/* Those of a page that are apart and begin in a range of addresses within it. Returns where the last one ends. */
static uint64_t
visit_apart(const visiting *at, const place *where, uint64_t from, uint64_t to)
{
    if (*where->apart == NULL || (*where->apart)->count == 0) /* asked before each block of the page */
        return from;
    uint32_t granule = (uint32_t)((from - where->base) >> 4);
    for (; (granule = next_apart(*where->apart, granule)) < MS_PAGE_GRANULES; granule++) {
        uint64_t address = where->base + ((uint64_t)granule << 4);
        if (address >= to)
            break;
        uint32_t *words = find_apart(at->map, address);
        if (words[0] != 0)
            from = address + ((uint64_t)at->visit(at->context, address, words) << 4);
    }
    return from;
}

/* By how many slots a block that spans so many granules is before the next one, at least. Not by a division: where a
 * million blocks are gone through, it takes half of the time. */
static uint32_t
slots_of(const ms_blockpage *page, uint32_t span)
{
    uint64_t up_to = page->within == 0 ? span + page->spacing - 1u : span;
    uint32_t slots = (uint32_t)(up_to * 16 * page->factor >> 32); /* exact up to 2^23 */
    return slots == 0 ? 1 : slots;
}

/* The same with all blocks of a page. */
static uint64_t
visit_page(const visiting *at, const place *where, uint64_t from, uint64_t to)
{
    const ms_blockpage *page = where->page;
    uint32_t slot = 0, end = 0;
    if (page->words != NULL) {
        slot = slot_from(page, granule_of(from));
        end = ((uint32_t)((to - page->base) >> 4) + page->phase + page->spacing - 1) / page->spacing;
    }
    while (slot < end) {
        uint32_t *words = page->words + slot * MS_PLACE_WORDS, span = 1;
        uint64_t address = address_of(page, slot);
        if (address >= to)
            break;
        if (words[0] != 0 && address >= from) {
            (void)visit_apart(at, where, from, address);
            span = at->visit(at->context, address, words);
            from = address + ((uint64_t)span << 4);
        }
        slot += span == 1 ? 1 : slots_of(page, span);
    }
    return from < to ? visit_apart(at, where, from, to) : from;
}

/* The same with a leaf. */
static void
visit_leaf(const visiting *at, ms_blockleaf *leaf, uint64_t from, uint64_t to)
{
    while (from < to) {
        place where = place_of(leaf, from);
        uint64_t next = where.base + MS_POOL_BYTES;
        uint64_t end = visit_page(at, &where, from, next < to ? next : to);
        from = end > next ? end : next;
    }
}

void
ms_blockmap_each(ms_blockmap *map, ms_blockmap_visit visit, void *context)
{
    visiting at = {.map = map, .visit = visit, .context = context};
    for (uint64_t i = 0; i < MIDS; i++) {
        ms_blockmid *mid = map->mids[i];
        for (uint64_t j = 0; mid != NULL && j < MID_LEAVES; j++) {
            if (mid->leaves[j] != NULL)
                visit_leaf(&at, mid->leaves[j], i << 32 | j << 20, (i << 32 | j << 20) + (UINT64_C(1) << 20));
        }
    }
}

void
ms_blockmap_each_odd(ms_blockmap *map, ms_blockmap_visit visit, void *context)
{
    for (uint64_t i = 0; map->apart != NULL && i <= map->apart_mask; i++) {
        ms_apartblock *block = &map->apart[i];
        if (block->address != 0 && !ms_blockmap_is_even(block->address) && block->words[0] != 0)
            (void)visit(context, block->address, block->words);
    }
}

uint64_t
ms_blockmap_next_leaf(const ms_blockmap *map, uint64_t from)
{
    for (uint64_t leaf = from >> 20; leaf < (uint64_t)MIDS * MID_LEAVES; leaf++) {
        const ms_blockmid *mid = map->mids[leaf / MID_LEAVES];
        if (mid == NULL)
            leaf |= MID_LEAVES - 1;
        else if (mid->leaves[leaf % MID_LEAVES] != NULL)
            return leaf << 20;
    }
    return UINT64_MAX;
}

void
ms_blockmap_each_in(ms_blockmap *map, uint64_t from, uint64_t to, ms_blockmap_visit visit, void *context)
{
    visiting at = {.map = map, .visit = visit, .context = context};
    while (from < to && from >> 48 == 0) {
        uint64_t end = (from | ((UINT64_C(1) << 20) - 1)) + 1;
        uint64_t next = end < to ? end : to;
        ms_blockmid *mid = map->mids[from >> 32];
        ms_blockleaf *leaf = mid == NULL ? NULL : mid->leaves[from >> 20 & (MID_LEAVES - 1)];
        if (leaf != NULL)
            visit_leaf(&at, leaf, from, next);
        from = next;
    }
}
