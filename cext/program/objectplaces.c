#include "program/objectplaces.h"

#include <string.h>

#include "shared/memory.h"
#include "shared/probe.h"

#define PAGES_FIRST (1u << 12)
#define SLAB_PAGES 1024u
#define PAGE_BYTES (MS_PLACES_A_PAGE * sizeof(uint32_t))

static uint32_t
hash_page(uint64_t page)
{
    return (uint32_t)(page * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

bool
ms_places_open(ms_places *places)
{
    *places = (ms_places){.mask = PAGES_FIRST - 1, .used = SLAB_PAGES};
    places->pages = ms_memory_get(PAGES_FIRST * sizeof *places->pages);
    places->bytes = PAGES_FIRST * sizeof *places->pages;
    return places->pages != NULL;
}

void
ms_places_close(ms_places *places)
{
    for (void *slab = places->slab, *before; slab != NULL; slab = before) {
        memcpy(&before, slab, sizeof before);
        ms_memory_give(slab);
    }
    ms_memory_give(places->pages);
    memset(places, 0, sizeof *places);
}

static bool
grow(ms_places *places)
{
    uint32_t mask = 2 * places->mask + 1;
    ms_places_page *pages = ms_memory_get(((size_t)mask + 1) * sizeof *pages);
    if (pages == NULL)
        return false;
    ms_places_page *entry;
    MS_PROBE_REHASH(entry, places->pages, places->mask, pages, mask, entry->page == 0, hash_page(entry->page));
    places->bytes += ((uint64_t)mask - places->mask) * sizeof *pages;
    ms_memory_give(places->pages);
    places->pages = pages;
    places->mask = mask;
    return true;
}

/* The first of each slab leads to the slab before. */
static uint32_t *
new_page(ms_places *places)
{
    if (places->used == SLAB_PAGES) {
        void *slab = ms_memory_get(SLAB_PAGES * PAGE_BYTES);
        if (slab == NULL)
            return NULL;
        memcpy(slab, &places->slab, sizeof places->slab);
        places->slab = slab;
        places->used = 1;
        places->bytes += PAGE_BYTES;
    }
    places->bytes += PAGE_BYTES;
    return (uint32_t *)((char *)places->slab + places->used++ * PAGE_BYTES);
}

/* The page of a lone gets numbers of its own: another object begins there. */
static bool
join(ms_places *places, ms_places_page *entry)
{
    uint32_t *numbers = new_page(places);
    if (numbers == NULL)
        return false;
    numbers[entry->granule] = entry->lone;
    entry->numbers = numbers;
    return true;
}

static uint32_t *
at(ms_places *places, ms_places_page *entry, uint32_t granule)
{
    if (entry->numbers == NULL && entry->granule == granule)
        return &entry->lone;
    if (entry->numbers == NULL && !join(places, entry))
        return NULL;
    places->last = *entry;
    return &entry->numbers[granule];
}

uint32_t *
ms_places_find(ms_places *places, uint64_t page, uint32_t granule)
{
    uint32_t slot;
    MS_PROBE(slot, hash_page(page), places->mask, places->pages[slot].page == 0 || places->pages[slot].page == page);
    if (MS_LIKELY(places->pages[slot].page == page))
        return at(places, &places->pages[slot], granule);
    if (places->count > places->mask / 2) {
        if (!grow(places))
            return NULL;
        MS_PROBE(slot, hash_page(page), places->mask, places->pages[slot].page == 0);
    }
    places->count++;
    places->pages[slot] = (ms_places_page){.page = page, .granule = granule};
    return &places->pages[slot].lone;
}
