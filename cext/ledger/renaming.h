/* renaming.h: rows and stacks get new ids in all that the ledger keeps, once some have folded or spilled.
 *
 *   rows    block map, pending reallocations, families, rows of free lists, the open window    hints are forgotten
 *   stacks  calling-context tree, growth, rows
 *
 * Used by the ledger alone.
 */
#ifndef MS_RENAMING_H
#define MS_RENAMING_H

#include "ledger/renumber.h"
#include "ledger/rowtable.h"

/* A row that is part of another one, or of another stack: what windows have told of it so far. */
typedef struct ms_folded_row {
    uint32_t row; /* its old id */
    ms_row_told told;
} ms_folded_row;

typedef struct ms_folding {
    uint32_t *row_to, *stack_to; /* renumber.h; stacks are line nodes */
    uint32_t row_count, stack_count;
    ms_folded_row *folded; /* by rising id; those that no window has told of are left out */
    uint32_t folded_count;
    ms_row_copy *aside; /* while it is under way */
} ms_folding;

/* row_to and stack_to are counted (ms_renumber_count); no block that is live is in a row that is gone. */
void ms_renaming_apply(ms_ledger *ledger, const ms_folding *folding);

#endif
