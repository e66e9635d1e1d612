/* numbers.h: the capture's ids of what the ledger has: of rows, of stacks.
 *
 *   ledger     1  2  3  4  5   (6)         they change when rows fold (renumber.h); the last ones are not written yet
 *   capture    1  2  5  6  9               they stay for ever, and rise with the ledger's
 */
#ifndef MS_NUMBERS_H
#define MS_NUMBERS_H

#include "shared/platform.h"

typedef struct ms_numbers {
    uint32_t *of; /* by the ledger's id; NULL: the same */
    uint32_t capacity;
    uint32_t written; /* the ledger's ids up to this one are in the capture */
    uint32_t last;    /* the capture's highest id */
} ms_numbers;

void ms_numbers_close(ms_numbers *numbers);

/* Of one that is written. */
static inline uint32_t
ms_numbers_of(const ms_numbers *numbers, uint32_t id)
{
    return numbers->of == NULL ? id : numbers->of[id];
}

/* Ids up to this one are written. False: no memory, nothing has changed. */
bool ms_numbers_extend(ms_numbers *numbers, uint32_t id);
/* The ledger's ids have changed. False: no memory, and what they were is lost. */
bool ms_numbers_renumber(ms_numbers *numbers, const uint32_t *to);

#endif
