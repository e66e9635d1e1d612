#include "sums.h"

#include "memory.h"

void
ms_sums_touch_anew(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    uint64_t seen = row->seen;
    row->seen = ledger->moment;
    if (seen < ledger->peak_left)
        ms_sums_save_peak(ledger, id);
    if (seen >= ledger->window_opened)
        return;
    if (ledger->touched_count == ledger->touched_capacity) {
        size_t bytes = ledger->touched_capacity * sizeof(uint32_t);
        uint32_t *touched = ms_memory_grow(ledger->touched, bytes, 2 * bytes);
        if (touched == NULL) {
            ledger->out_of_memory = true;
            return;
        }
        ledger->touched = touched;
        ledger->touched_capacity *= 2;
    }
    ledger->touched[ledger->touched_count++] = id;
}
