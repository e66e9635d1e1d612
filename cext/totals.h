/* totals.h: what is known of each row, and of all that grew, when recording is over.
 *
 *   row        sums and peak      ──►  TOTALS      each row once, in the order of their ids
 *              lifetimes          ──►  LIFETIMES   only what is not 0
 *   stack      its copy chains    ──►  GROWTH
 *
 * Goes into a capture that has the rows and stacks already. Used by the drain alone.
 */
#ifndef MS_TOTALS_H
#define MS_TOTALS_H

#include "writer.h"

/* Settles the highest peak and writes TOTALS and LIFETIMES. */
void ms_totals_write(ms_ledger *ledger, ms_writer *writer);
/* Ends all copy chains and writes those that count; nothing can be followed afterwards. */
void ms_totals_write_growth(ms_growth *growth, ms_writer *writer);

#endif
