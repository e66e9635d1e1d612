/* spilling.h: rows of which nothing is live leave the ledger, with the stacks that no row is left of.
 *
 *   row   live: stays       none live, and not of late: it is written down, and goes
 *   ├ a ── 12 blocks        ├ a
 *   ├ b ──  0               │
 *   └ c ──  0          ──►  │                          b, c: in the capture's draft as they were
 *
 * Nothing is lost: what a row has counted until then is all that it ever counts. When its stack allocates again, that
 * stack is taken in anew, and gets a row that begins at 0; so one stack may have several rows in a capture, which add
 * up.
 *
 * The room is small at first. Where too many of the stacks that have gone return, it is too small for what the program
 * goes through in turns, and is doubled. After five times nothing spills any more. So a capture has a bound, whatever
 * the program does: it has at most three quarters more stacks than there are.
 *
 * Used by the drain alone, after a window was written and before it takes the next events. Not for sections.
 */
#ifndef MS_SPILLING_H
#define MS_SPILLING_H

#include "ledger/folding.h"

/* How much rows and stacks may take before some spill, and a share of the most that was live. 0: nothing spills. */
void ms_spilling_set_room(ms_ledger *ledger, uint64_t bytes);
/* Whether they take more, and more than is left of the last time. May find that the room is too small. */
bool ms_spilling_is_due(ms_ledger *ledger);
/* Chooses which rows go: 0 in row_to. False: no memory. */
bool ms_spilling_open(ms_folding *spilling, ms_ledger *ledger);
/* Has them gone, once they are written; gives what is left new ids. What is in row_to and stack_to then is for
 * whoever else names rows and stacks. Closed like a folding. */
void ms_spilling_apply(ms_folding *spilling, ms_ledger *ledger);

/* What was live at the highest peak in a row that is gone; gap: of a stack of which frames are left out. */
void ms_spilling_add_peak(ms_ledger *ledger, uint64_t blocks, uint64_t bytes, bool gap);
/* Of the rows of the ledger: its blocks and bytes of the highest peak so far, also if it was not touched since. */
void ms_spilling_peak(const ms_ledger *ledger, uint32_t id, uint64_t *blocks, uint64_t *bytes);
/* Which peak that is: another one has another number. */
uint64_t ms_spilling_peak_number(const ms_ledger *ledger);

#endif
