/* fastpath.h: the path of nearly all events: small blocks in rows that are known. It takes 5 to 10 ns an event.
 */
#ifndef MS_FASTPATH_H
#define MS_FASTPATH_H

#include "ledger/ledger.h"

/* Takes in events that lie one after another, of the SPSC ring or allocations and frees of the MPSC ring; returns how
 * many. Stops before the first that is the drain's business (from MS_SIZE_HIGH on). */
uint32_t ms_fastpath_take(ms_ledger *ledger, const ms_event *events, uint32_t count);
/* Whether it takes a thread's events without its name: where nothing is sampled. */
bool ms_fastpath_is_open(const ms_ledger *ledger);

#endif
