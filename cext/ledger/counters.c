#include "ledger/counters.h"

#include "shared/array.h"

#define TOUCHED_FIRST 1024u

bool
ms_counters_reach_touched(ms_ledger *ledger, uint64_t touched, uint64_t told)
{
    return MS_ARRAY_HOLDS(ledger->touched, ledger->touched_capacity, touched, TOUCHED_FIRST) &&
           MS_ARRAY_HOLDS(ledger->told, ledger->told_capacity, told + 1, TOUCHED_FIRST);
}

/* Of a row whose counters are what windows have told of it. */
static void
keep_told(ms_ledger *ledger, uint32_t id, const ms_row *row)
{
    if ((row->allocations | row->allocated_bytes | row->released | row->released_bytes) == 0)
        return; /* it is new: most that a window touches are, at first */
    ledger->table.rest[id].told = ++ledger->told_count;
    ledger->told[ledger->told_count] = (ms_row_told){.allocations = row->allocations,
                                                     .allocated_bytes = row->allocated_bytes,
                                                     .released = row->released,
                                                     .released_bytes = row->released_bytes};
}

void
ms_counters_touch_anew(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    uint64_t seen = row->seen;
    row->seen = ledger->epoch;
    if (seen < ledger->peak_left)
        ms_counters_save_peak(ledger, id);
    if (seen >= ledger->window_opened)
        return;
    if (!ms_counters_reach_touched(ledger, ledger->touched_count + UINT64_C(1), ledger->told_count + UINT64_C(1))) {
        ledger->out_of_memory = true;
        return;
    }
    ledger->touched[ledger->touched_count++] = id;
    keep_told(ledger, id, row);
}

MS_COLD void
ms_counters_count_foreign(ms_ledger *ledger, uint32_t id)
{
    ms_rowtable_change_seldom(&ledger->table, id)->foreign_frees++;
}
