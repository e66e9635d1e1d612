/* attribution.h: the attribution filter: which stacks belong to a test, and what they come to.
 *
 *   code ──► kind             runner begins ── test begins ── library follows ── watcher hides ── what it calls
 *   stack ──► attributed?       no              yes             yes               no               no
 *
 * A runner calls the tests, and plugins watch them: neither is the test's. A stack is attributed to the test if, below
 * the last frame that ends attribution, a frame begins it and none hides. Used while the drain rests.
 *
 * An attributed stack counts for its innermost attributed line of user code; without one, for its last line.
 */
#ifndef MS_ATTRIBUTION_H
#define MS_ATTRIBUTION_H

#include "ledger/ledger.h"

typedef enum ms_attribution_kind {
    MS_ATTRIBUTION_ENDS = 0,    /* of a code: neither it nor its callers are attributed */
    MS_ATTRIBUTION_FOLLOWS = 1, /* what its caller is */
    MS_ATTRIBUTION_BEGINS = 2,
    MS_ATTRIBUTION_HIDES = 3, /* it and what it calls are not attributed, up to the next that ends */
    MS_ATTRIBUTION_USER = 4,  /* added to one of those: it is user code */
} ms_attribution_kind;

typedef struct ms_attribution {
    uint8_t *states;     /* by line node; what is known never changes */
    uint32_t *answering; /* by line node: the line of user code that answers for it; 0: none */
    uint32_t *places;    /* by line node or code, while lines are summed: where its counters are, from 1 */
    uint8_t *met;        /* by code: whether it is on an attributed stack */
    uint32_t known, capacity;
} ms_attribution;

typedef struct ms_attributed {
    uint64_t peak_bytes; /* of the highest peak of all */
    uint64_t allocated_bytes, allocations;
    uint64_t live_bytes;  /* as the section ends */
    uint64_t first_calls; /* codes that were on no attributed stack before; of all, not of a line */
} ms_attributed;

typedef struct ms_attributed_line {
    uint32_t node; /* of the calling-context tree */
    ms_attributed counters;
} ms_attributed_line;

/* kinds: of the codes up to `codes`, by id; a code must always have the same. Peaks must be settled. Rows that were not
 * touched since the window was opened do not count. */
ms_status ms_attribution_total(ms_attribution *attribution, const ms_ledger *ledger, const uint8_t *kinds,
                               uint32_t codes, ms_attributed *counters);
/* The same by the line that answers for it, or by that line's code. Give *lines back with ms_memory_give. A line that
 * is reached in several ways is there as often; a code once, with one of its lines. ignored (NULL: none): by code,
 * whether stacks that it is on do not count. */
ms_status ms_attribution_lines(ms_attribution *attribution, const ms_ledger *ledger, const uint8_t *kinds,
                               uint32_t codes, bool by_code, const uint8_t *ignored, ms_attributed_line **lines,
                               uint32_t *count);
void ms_attribution_close(ms_attribution *attribution);

#endif
