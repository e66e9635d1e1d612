/* cohorts.h: when the blocks that are live at the end were allocated.
 *
 *   births (lifetimes.h)  ──►  the window in which the clock said so  ──►  (row, window): blocks, bytes
 *
 * A block that was reallocated counts from then. Births are kept for 32 GiB of allocations; what is older is told as
 * older than all of the windows since. Used by the drain alone.
 */
#ifndef MS_COHORTS_H
#define MS_COHORTS_H

#include "capture/writer.h"
#include "ledger/lifetimes.h"

typedef struct ms_cohorts {
    ms_clockmark *marks; /* the ends of the windows, by time */
    uint32_t count, capacity;
} ms_cohorts;

/* To be called when a window is closed. Without memory for it the window is told with the next one. */
void ms_cohorts_mark(ms_cohorts *cohorts, uint64_t time_ns, uint64_t clock);
/* Goes through all live blocks. Rows must have been written. */
void ms_cohorts_write(const ms_cohorts *cohorts, ms_ledger *ledger, ms_writer *writer);
void ms_cohorts_close(ms_cohorts *cohorts);

#endif
