/* objectplaces.h: which number each object of a snapshot has, by its address.
 *
 *   address ── its page of 4 KiB ──► directory ──► 256 numbers, one for each 16 bytes of the page
 *
 * No two objects begin in the same 16 bytes. Objects that lie together are looked up together, mostly in lines of the
 * processor's cache that are there already: with a hash table of addresses the pause was twice as long. A page's
 * numbers take 1 KiB; the only one of a page stands in the directory, since large blocks have pages of their own.
 */
#ifndef MS_OBJECTPLACES_H
#define MS_OBJECTPLACES_H

#include "shared/platform.h"

#define MS_PLACES_PAGE_BITS 12u
#define MS_PLACES_GRANULE_BITS 4u
#define MS_PLACES_A_PAGE (1u << (MS_PLACES_PAGE_BITS - MS_PLACES_GRANULE_BITS))

typedef struct ms_places_page {
    uint64_t page;     /* of an address; 0: free */
    uint32_t *numbers; /* of the objects that begin there, 0: none; NULL: there is one, the lone */
    uint32_t lone;
    uint32_t granule; /* where the lone begins in its page */
} ms_places_page;

typedef struct ms_places {
    ms_places_page *pages; /* open addressing */
    uint32_t mask, count;
    ms_places_page last; /* of those with more than one, the one that was asked for last */
    void *slab;          /* the newest; its first bytes lead to the one before */
    uint32_t used;       /* of its pages */
    uint64_t bytes;      /* of memory that is in use */
} ms_places;

/* False: no memory. */
bool ms_places_open(ms_places *places);
void ms_places_close(ms_places *places);

/* Slow half of ms_places_at. */
uint32_t *ms_places_find(ms_places *places, uint64_t page, uint32_t granule);

/* Where the number of the object at an address stands, 0 at first; until the next is asked for. NULL: no memory. */
MS_INLINE uint32_t *
ms_places_at(ms_places *places, uint64_t address)
{
    uint64_t page = address >> MS_PLACES_PAGE_BITS;
    uint32_t granule = (uint32_t)(address >> MS_PLACES_GRANULE_BITS) & (MS_PLACES_A_PAGE - 1);
    return page == places->last.page ? &places->last.numbers[granule] : ms_places_find(places, page, granule);
}

#endif
