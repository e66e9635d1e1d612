/* coldstacks.h: which stacks fold, and into which (folding.h draws it). Used by folding alone. */
#ifndef MS_COLDSTACKS_H
#define MS_COLDSTACKS_H

#include "ledger/counters.h"

/* Sets to[id] of each line node to the one that stands for it from now on, by default itself; those that are new are
 * there afterwards. False: no memory. */
bool ms_coldstacks_find(ms_ledger *ledger, uint32_t *to);

#endif
