#include "ledger/blockmap.h"

#include <string.h>

#include "shared/memory.h"
#include "shared/probe.h"

#define MIDS (1u << 16)
#define MID_LEAVES (1u << 12)
#define ODD_SLOTS_FIRST 64u

ms_status
ms_blockmap_open(ms_blockmap *map)
{
    memset(map, 0, sizeof *map);
    for (uint32_t i = 0; i < MS_RECENT_LEAVES; i++)
        map->recent[i].base = UINT64_MAX;
    map->mids = ms_memory_get(MIDS * sizeof *map->mids);
    return map->mids == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_blockmap_close(ms_blockmap *map)
{
    for (uint32_t i = 0; map->mids != NULL && i < MIDS; i++)
        ms_memory_give(map->mids[i]);
    for (ms_blockgroup *group = map->groups, *next; group != NULL; group = next) {
        next = group->next;
        ms_memory_give(group);
    }
    ms_memory_give(map->mids);
    ms_memory_give(map->odd);
    memset(map, 0, sizeof *map);
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

/* ---- the shadow ------------------------------------------------------------------------------ */

static ms_blockleaf *
make_leaf(ms_blockmap *map, bool dense)
{
    ms_blocksource *source = &map->sources[dense];
    if (source->group == NULL || source->taken == MS_GROUP_LEAVES) {
        ms_blockgroup *group = ms_memory_get_huge(sizeof *group, dense ? sizeof group->leaves : 0);
        if (group == NULL)
            return NULL;
        group->next = map->groups;
        map->groups = group;
        *source = (ms_blocksource){.group = group};
    }
    map->bytes += sizeof(ms_blockleaf); /* few pages of the second plane are ever touched */
    return &source->group->leaves[source->taken++];
}

/* The leaf of an even address. NULL: there is none, or with `create` no memory. */
static ms_blockleaf *
leaf_of(ms_blockmap *map, uint64_t address, bool create, bool dense)
{
    ms_blockmid **mid = &map->mids[address >> 32];
    if (*mid == NULL) {
        if (!create || (*mid = ms_memory_get(sizeof **mid)) == NULL)
            return NULL;
        map->bytes += sizeof **mid;
    }
    ms_blockleaf **leaf = &(*mid)->leaves[address >> 20 & (MID_LEAVES - 1)];
    if (*leaf == NULL && create)
        *leaf = make_leaf(map, dense);
    return *leaf;
}

MS_COLD uint32_t *
ms_blockmap_find(ms_blockmap *map, uint64_t address, bool create)
{
    if (!ms_blockmap_is_even(address))
        return find_odd(map, address, create);
    ms_blockleaf *leaf = leaf_of(map, address, create, false);
    if (leaf == NULL)
        return NULL;
    map->recent[address >> 20 & (MS_RECENT_LEAVES - 1)] = (ms_leafplace){.base = address >> 20 << 20, .leaf = leaf};
    return &leaf->words[address >> 4 & (MS_LEAF_GRANULES - 1)];
}

void
ms_blockmap_expect(ms_blockmap *map, uint64_t from, uint64_t to)
{
    for (uint64_t at = from >> 20 << 20; at < to && at >> 48 == 0; at += UINT64_C(1) << 20)
        (void)leaf_of(map, at, true, true); /* without memory now, a leaf may still be had when it is needed */
}

void
ms_blockmap_wipe(ms_blockmap *map, uint64_t address)
{
    if (!ms_blockmap_is_even(address)) {
        ms_blockmap_drop_odd(map, address);
        return;
    }
    uint32_t *words = ms_blockmap_slot(map, address, false);
    if (words != NULL)
        memset(words, 0, MS_SLOT_WORDS * sizeof *words);
}

bool
ms_blockmap_restart(ms_blockmap *map)
{
    ms_blockmap fresh;
    if (ms_blockmap_open(&fresh) != MS_OK)
        return false;
    ms_blockmap_close(map);
    *map = fresh;
    return true;
}

/* Granules from first to before end. */
static void
visit_leaf(ms_blockleaf *leaf, uint64_t base, uint32_t first, uint32_t end, ms_blockmap_visit visit, void *context)
{
    for (uint32_t granule = first; granule < end;) {
        uint32_t *words = &leaf->words[granule];
        if (words[0] == 0) {
            granule++;
            continue;
        }
        granule += visit(context, base + ((uint64_t)granule << 4), words);
    }
}

void
ms_blockmap_each(ms_blockmap *map, ms_blockmap_visit visit, void *context)
{
    for (uint64_t i = 0; i < MIDS; i++) {
        ms_blockmid *mid = map->mids[i];
        for (uint64_t j = 0; mid != NULL && j < MID_LEAVES; j++) {
            if (mid->leaves[j] != NULL)
                visit_leaf(mid->leaves[j], i << 32 | j << 20, 0, MS_LEAF_GRANULES, visit, context);
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
        uint64_t base = from & ~((UINT64_C(1) << 20) - 1);
        uint64_t next = base + (UINT64_C(1) << 20) < to ? base + (UINT64_C(1) << 20) : to;
        ms_blockmid *mid = map->mids[from >> 32];
        ms_blockleaf *leaf = mid == NULL ? NULL : mid->leaves[from >> 20 & (MID_LEAVES - 1)];
        if (leaf != NULL)
            visit_leaf(leaf, base, (uint32_t)((from - base) >> 4), (uint32_t)((next - base) >> 4), visit, context);
        from = next;
    }
}
