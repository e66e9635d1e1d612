/* choice.h: which stacks are somebody's own, and what they come to.
 *
 *   code ──► kind      runner begins ── test begins ── library follows ── watcher hides ── what it calls
 *   stack ──► chosen?    no              yes             yes               no               no
 *
 * Tests are run by code that is not theirs, and watched by code that they never called. A stack is chosen if below the
 * last frame that ends the choice there is one that begins it, and none that hides. Used while the drain rests.
 */
#ifndef MS_CHOICE_H
#define MS_CHOICE_H

#include "ledger.h"

typedef enum ms_choice_kind {
    MS_CHOICE_ENDS = 0,    /* of a code: neither it nor its callers are chosen */
    MS_CHOICE_FOLLOWS = 1, /* what its caller is */
    MS_CHOICE_BEGINS = 2,
    MS_CHOICE_HIDES = 3, /* it and what it calls are not chosen, up to the next that ends */
} ms_choice_kind;

typedef struct ms_choice {
    uint8_t *states; /* by line node; what is known never changes */
    uint32_t known, capacity;
} ms_choice;

typedef struct ms_chosen {
    uint64_t peak_bytes; /* of the highest peak of all */
    uint64_t allocated_bytes, released_bytes, allocations;
} ms_chosen;

/* kinds: of the codes up to `codes`, by id; a code must always have the same. Peaks must be settled. Rows that were not
 * touched since the window was opened do not count. */
ms_status ms_choice_sum(ms_choice *choice, const ms_ledger *ledger, const uint8_t *kinds, uint32_t codes,
                        ms_chosen *sums);
void ms_choice_close(ms_choice *choice);

#endif
