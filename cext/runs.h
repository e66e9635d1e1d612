/* runs.h: takes events in by the run, which is how nearly all of them come: five to ten nanoseconds an event.
 */
#ifndef MS_RUNS_H
#define MS_RUNS_H

#include "ledger.h"

/* Takes in events of the main ring that lie one after another, up to the first that is the drain's business (from
 * MS_SIZE_HIGH on); returns how many. */
uint32_t ms_runs_take(ms_ledger *ledger, const ms_event *events, uint32_t count);

#endif
