#include "ledger/counters.h"

#include "shared/array.h"

#define TOUCHED_FIRST 1024u

void
ms_counters_touch_anew(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    uint64_t seen = row->seen;
    row->seen = ledger->epoch;
    if (seen < ledger->peak_left)
        ms_counters_save_peak(ledger, id);
    if (seen >= ledger->window_opened)
        return;
    if (!MS_ARRAY_HOLDS(ledger->touched, ledger->touched_capacity, ledger->touched_count + 1, TOUCHED_FIRST)) {
        ledger->out_of_memory = true;
        return;
    }
    ledger->touched[ledger->touched_count++] = id;
}

MS_COLD void
ms_counters_count_foreign(ms_ledger *ledger, uint32_t id)
{
    ms_rowtable_change_seldom(&ledger->table, id)->foreign_frees++;
}
