/* renumber.h: arrays that say which id a row or a stack has after the ledger has folded some (folding.h)
 * or has spilled some (spilling.h).
 *
 *   old id    1    2    3    4    5    6
 *   to        1*   2*   1    4+   3*   4       *  MS_STAYS: it is what it was; 3 is now part of 1, and 6 of 4
 *                                              +  MS_MOVED: it is another one now
 *
 * 0: it is gone, for it has spilled. What stays keeps its order, and comes before what has moved.
 */
#ifndef MS_RENUMBER_H
#define MS_RENUMBER_H

#include "shared/platform.h"

#define MS_STAYS (UINT32_C(1) << 31)
#define MS_MOVED (UINT32_C(1) << 30)

static inline uint32_t
ms_renumber_id(const uint32_t *to, uint32_t id)
{
    return to[id] & (MS_MOVED - 1);
}

static inline bool
ms_renumber_stays(const uint32_t *to, uint32_t id)
{
    return (to[id] & MS_STAYS) != 0;
}

static inline bool
ms_renumber_moved(const uint32_t *to, uint32_t id)
{
    return (to[id] & MS_MOVED) != 0;
}

/* Makes such an array of one that says in old ids which other one each is part of, or that it is its own, with MS_MOVED
 * or not. */
static inline void
ms_renumber_count(uint32_t *to, uint32_t count)
{
    uint32_t last = 0;
    for (uint32_t id = 1; id <= count; id++)
        to[id] = to[id] == id ? ++last | MS_STAYS : to[id];
    for (uint32_t id = 1; id <= count; id++)
        to[id] = ms_renumber_moved(to, id) ? ++last | MS_MOVED : to[id];
    for (uint32_t id = 1; id <= count; id++)
        to[id] = (to[id] & (MS_STAYS | MS_MOVED)) != 0 ? to[id] : ms_renumber_id(to, to[id]);
}

#endif
