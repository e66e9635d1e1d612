/* sweep.h: goes through all live blocks of the ledger.
 *
 * Births are 32-bit: blocks older than half the range are made younger before the range is used up. So an age is exact
 * up to that half, and "that or more" from there on.
 */
#ifndef MS_SWEEP_H
#define MS_SWEEP_H

#include "ledger/row.h"

/* Granules: a block that seems as old as this or older may be any older. */
#define MS_AGE_KNOWN (UINT64_C(1) << 31)

/* Whether births would go round soon. */
bool ms_sweep_is_due(const ms_ledger *ledger);

void ms_sweep_births(ms_ledger *ledger);

/* Is shown a live block: what it counts for, and its age in granules. */
typedef void (*ms_sweep_see)(void *context, uint32_t row, uint64_t blocks, uint64_t bytes, uint64_t age);
/* Shows all live blocks but those at addresses that are no multiples of 16. */
void ms_sweep_each_block(ms_ledger *ledger, ms_sweep_see see, void *context);

#endif
