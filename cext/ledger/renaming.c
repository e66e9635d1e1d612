#include "ledger/renaming.h"

#include "ledger/slot.h"

typedef struct {
    const ms_folding *folding;
    ms_ledger *ledger;
} renaming;

static uint32_t
rename_block(void *context, uint64_t address, uint32_t *words)
{
    (void)address;
    const renaming *at = context;
    uint32_t id = words[0] >> MS_ROW_SHIFT;
    if (id - 1 >= at->folding->row_count)
        return 1; /* no block begins here (ms_counters_is_stale) */
    id = ms_renumber_id(at->folding->row_to, id);
    if (id == 0) { /* nor here: the row that it names has none */
        words[0] = 0;
        return 1;
    }
    words[0] = id << MS_ROW_SHIFT | (words[0] & (MS_WHERE_MASK | MS_TAKEN_IN | MS_SLACK_MASK));
    ms_block block = ms_slot_read(at->ledger, words);
    return ms_slot_span(&block);
}

static void
rename_rows(ms_ledger *ledger, const ms_folding *folding)
{
    const uint32_t *to = folding->row_to;
    for (uint32_t i = 0; i < ledger->touched_count; i++)
        ledger->touched[i] = ms_renumber_id(to, ledger->touched[i]);
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        uint32_t *latest = &ledger->table.rest[id].latest;
        *latest = ms_renumber_id(to, *latest);
    }
    for (int domain = 0; domain < MS_DOMAINS; domain++) {
        for (uint32_t size_class = 0; size_class < MS_CLASSES; size_class++) {
            uint32_t *parked = &ledger->parked[domain][size_class];
            *parked = ms_renumber_id(to, *parked);
        }
    }
    ledger->gil_pending.row = ms_renumber_id(to, ledger->gil_pending.row);
    for (uint32_t i = 0; i < ledger->nogil_count; i++)
        ledger->nogil_pending[i].row = ms_renumber_id(to, ledger->nogil_pending[i].row);
    renaming at = {.folding = folding, .ledger = ledger};
    ms_blockmap_each(&ledger->map, rename_block, &at);
    ms_blockmap_each_odd(&ledger->map, rename_block, &at);
    ms_hints_forget(&ledger->hints);
    ms_hints_forget(&ledger->made);
}

void
ms_renaming_apply(ms_ledger *ledger, const ms_folding *folding)
{
    ms_linetree_renumber(&ledger->lines, folding->stack_to);
    ms_growth_renumber(&ledger->growth, folding->stack_to);
    ms_rowtable_renumber(&ledger->table, folding->row_to, folding->stack_to, folding->aside);
    rename_rows(ledger, folding);
}
