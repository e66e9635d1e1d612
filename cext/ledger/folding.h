/* folding.h: rows of small, cold stacks fold into rows of shorter ones, so that the ledger's tables have a bound.
 *
 *   main ── run ── visit ── visit ── visit ── infer          main ── run ── … ── infer
 *            │                                        ──►             │
 *            └ large: it holds much of what is live,                  └ nearest ancestor that is large
 *              was at the peak, or was allocated
 *
 * A stack under an ancestor that is large stays. Of all others the nearest large ancestor stays, the frame itself, and
 * in between one frame that says that some are left out. So what a line, a type, a domain or a size class holds is
 * exact, and so is what all large stacks hold with all that they call; which small paths led there is lost. Counters of
 * rows that become one add up. Only the most blocks that were live at once is then an upper bound, for each had its own
 * time.
 *
 * How large is large: as little as it may be for half of the rows to be left. Events of a stack that has folded
 * go to the row that it is part of. When it calls something new, it is whole again from then on.
 *
 * Used by the drain alone, between two batches of events. Not for sections: their rows are kept from one to the next.
 */
#ifndef MS_FOLDING_H
#define MS_FOLDING_H

#include "ledger/renaming.h"

/* Whether the tables take more than they may: 192 MiB, and an eighth of the most that was live. */
bool ms_folding_is_due(const ms_ledger *ledger);
/* Gives all rows and line nodes new ids. False: no memory, and nothing was done. */
bool ms_folding_open(ms_folding *folding, ms_ledger *ledger);
void ms_folding_close(ms_folding *folding);

/* What rows and stacks take, and what goes with each. */
uint64_t ms_folding_used_bytes(const ms_ledger *ledger);
/* Whether frames of a stack are left out. */
bool ms_folding_has_gap(const ms_ledger *ledger, uint32_t stack);

/* How much has folded: rows that are part of others, and what stacks hold of which frames are left out. */
typedef struct ms_folded_sums {
    uint64_t rows;
    uint64_t allocated_bytes, live_bytes, peak_bytes;
} ms_folded_sums;

/* To be called after ms_ledger_settle_peak. */
ms_folded_sums ms_folding_sums(const ms_ledger *ledger);

/* What the tables may take instead. For tests. */
void ms_folding_set_room(ms_ledger *ledger, uint64_t bytes);

#endif
