#include "choice.h"

#include <string.h>

#include "memory.h"

#define STATES_FIRST 4096u
#define CHOSEN 1u
#define HIDDEN 2u

static uint8_t
state_of(uint8_t caller, uint8_t kind)
{
    switch (kind) {
    case MS_CHOICE_ENDS:
        return 0;
    case MS_CHOICE_HIDES:
        return HIDDEN;
    case MS_CHOICE_BEGINS:
        return (caller & HIDDEN) != 0 ? HIDDEN : CHOSEN;
    default:
        return caller;
    }
}

/* Parents come before their children. */
static ms_status
look_at_new(ms_choice *choice, const ms_linetree *lines, const uint8_t *kinds, uint32_t codes)
{
    uint32_t capacity = choice->capacity == 0 ? STATES_FIRST : choice->capacity;
    while (capacity <= lines->count)
        capacity *= 2;
    if (capacity != choice->capacity) {
        uint8_t *states = ms_memory_grow(choice->states, choice->capacity, capacity);
        if (states == NULL)
            return MS_NO_MEMORY;
        choice->states = states;
        choice->capacity = capacity;
    }
    for (uint32_t id = choice->known + 1; id <= lines->count; id++) {
        const ms_linenode *node = &lines->nodes[id];
        bool known = node->code != 0 && node->code <= codes;
        uint8_t kind = known ? kinds[node->code] : MS_CHOICE_ENDS;
        choice->states[id] = state_of(choice->states[node->parent], kind);
    }
    choice->known = lines->count;
    return MS_OK;
}

ms_status
ms_choice_sum(ms_choice *choice, const ms_ledger *ledger, const uint8_t *kinds, uint32_t codes,
              ms_chosen *sums)
{
    *sums = (ms_chosen){0};
    ms_status status = look_at_new(choice, &ledger->lines, kinds, codes);
    if (status != MS_OK)
        return status;
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        const ms_row *row = &ledger->table.rows[id];
        if ((choice->states[row->stack] & CHOSEN) == 0)
            continue;
        sums->peak_bytes += ledger->table.rest[id].peak_bytes;
        sums->allocated_bytes += row->allocated_bytes;
        sums->released_bytes += row->released_bytes;
        sums->allocations += row->allocations;
    }
    return MS_OK;
}

void
ms_choice_close(ms_choice *choice)
{
    ms_memory_give(choice->states);
    memset(choice, 0, sizeof *choice);
}
