#include "ledger/hints.h"

#include <string.h>

#include "shared/memory.h"

#define PLACES_FIRST 8192u
#define NODE_PLACES 8u

ms_status
ms_hints_open(ms_hints *hints, uint32_t most)
{
    hints->most = most;
    hints->mask = PLACES_FIRST - 1;
    hints->places = ms_memory_get(PLACES_FIRST * sizeof *hints->places);
    return hints->places == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_hints_close(ms_hints *hints)
{
    ms_memory_give(hints->places);
    memset(hints, 0, sizeof *hints);
}

void
ms_hints_expect(ms_hints *hints, uint32_t nodes)
{
    uint32_t places = hints->mask + 1;
    while (places < hints->most && places / NODE_PLACES <= nodes)
        places *= 2;
    if (places == hints->mask + 1)
        return;
    ms_hint *more = ms_memory_get(places * sizeof *more);
    if (more == NULL)
        return;
    /* Those that there were lie elsewhere now, and are found anew. */
    ms_memory_give(hints->places);
    hints->places = more;
    hints->mask = places - 1;
}

void
ms_hints_forget(ms_hints *hints)
{
    memset(hints->places, 0, ((size_t)hints->mask + 1) * sizeof *hints->places);
}
