/* hints.h: to which row an allocation of a stack went last.
 *
 *   (node, domain, size class) ──► place ──► node, row      the node says whose hint it is: places are shared
 *
 * A node has eight places, taken by the low bits of the size class and the domain. Not one alone: a line makes
 * an object and what the object holds, and the two would take the place from each other. Of the allocations of a JSON
 * decoder, whose one line makes objects of all kinds, a tenth still do; with four, a quarter.
 *
 *   first places   n n n n n n n n …        eight sequences, one behind another: most nodes use one place, or none,
 *   second places      n n n n n n n n …    so the places that the others leave free serve for more of them
 *
 * There are eight places for a node, up to 2^18 of allocations, which is 2 MiB, and 2^16 of objects by type, which are
 * asked for less often. Of more nodes, those that lie as far apart share theirs, and the one that allocated last has
 * it. pylint over a large package has 3 million nodes.
 */
#ifndef MS_HINTS_H
#define MS_HINTS_H

#include "shared/domain.h"
#include "shared/platform.h"
#include "shared/status.h"

#define MS_NODE_HINTS 8u
#define MS_HINTS_MOST (1u << 18)
#define MS_HINTS_MOST_MADE (1u << 16)
#define MS_HINTS_APART 40503u /* odd: no two places of a node are one */

typedef struct ms_hint {
    uint32_t node; /* of the segment */
    uint32_t row;  /* 0: none yet */
} ms_hint;

typedef struct ms_hints {
    ms_hint *places;
    uint32_t mask;
    uint32_t most;
} ms_hints;

/* most: of all the places that there will be, a power of two. */
ms_status ms_hints_open(ms_hints *hints, uint32_t most);
void ms_hints_close(ms_hints *hints);
/* Makes more room where so many nodes may need it. Without memory the places stay as few as they are. */
void ms_hints_expect(ms_hints *hints, uint32_t nodes);
/* None is known any more. */
void ms_hints_forget(ms_hints *hints);
static inline uint64_t
ms_hints_bytes(const ms_hints *hints)
{
    return ((uint64_t)hints->mask + 1) * sizeof *hints->places;
}

MS_INLINE ms_hint *
ms_hints_place(const ms_hints *hints, uint32_t node, ms_domain domain, uint32_t size_class)
{
    uint32_t of_node = (size_class + 2 * (uint32_t)domain) % MS_NODE_HINTS;
    return &hints->places[(node + of_node * MS_HINTS_APART) & hints->mask];
}

/* The row that an allocation most likely goes to; 0: none is known. */
MS_INLINE uint32_t
ms_hints_row(const ms_hints *hints, uint32_t node, ms_domain domain, uint32_t size_class)
{
    const ms_hint *hint = ms_hints_place(hints, node, domain, size_class);
    return MS_LIKELY(hint->node == node) ? hint->row : 0;
}

MS_INLINE void
ms_hints_set(ms_hints *hints, uint32_t node, ms_domain domain, uint32_t size_class, uint32_t row)
{
    *ms_hints_place(hints, node, domain, size_class) = (ms_hint){.node = node, .row = row};
}

#endif
