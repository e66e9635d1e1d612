/* totals.h: what is known of each row, and of all that grew, when recording is over.
 *
 *   row        counters and peak      ──►  TOTALS      each row once, in the order of their ids
 *              lifetimes          ──►  LIFETIMES   only what is not 0
 *   stack      its copy chains    ──►  GROWTH
 *
 * Goes into a capture that has the rows and stacks already. Used by the drain alone.
 */
#ifndef MS_TOTALS_H
#define MS_TOTALS_H

#include "capture/writer.h"

/* What is not known of objects, so that bytes may be another line's. */
typedef enum ms_doubt {
    MS_DOUBT_PEAK = 1,   /* who held tables and arrays that were there at the peak, and are gone */
    MS_DOUBT_TABLES = 2, /* who holds the live ones: not all blocks were asked for */
    MS_DOUBT_MADE = 4,   /* which objects were made in blocks of free lists */
} ms_doubt;

/* Writes down the rows that go (spilling.h): 0 in row_to. False: they could not be written, so they must stay. */
bool ms_totals_spill(ms_ledger *ledger, ms_writer *writer, const uint32_t *row_to);
/* Settles the highest peak and writes TOTALS and LIFETIMES. doubts: of ms_doubt. */
void ms_totals_write(ms_ledger *ledger, ms_writer *writer, uint32_t doubts);
/* Ends all copy chains and writes those that count; nothing can be followed afterwards. */
void ms_totals_write_growth(ms_ledger *ledger, ms_writer *writer);

#endif
