#include "ledger/attribution.h"

#include <string.h>

#include "ledger/counters.h"
#include "shared/memory.h"

#define STATES_FIRST 4096u
#define ATTRIBUTED 1u
#define HIDDEN 2u

static uint8_t
state_of(uint8_t caller, uint8_t kind)
{
    switch (kind & ~MS_ATTRIBUTION_USER) {
    case MS_ATTRIBUTION_ENDS:
        return 0;
    case MS_ATTRIBUTION_HIDES:
        return HIDDEN;
    case MS_ATTRIBUTION_BEGINS:
        return (caller & HIDDEN) != 0 ? HIDDEN : ATTRIBUTED;
    default:
        return caller;
    }
}

static ms_status
make_room(ms_attribution *attribution, uint32_t count)
{
    uint32_t old = attribution->capacity, capacity = old == 0 ? STATES_FIRST : old;
    while (capacity <= count)
        capacity *= 2;
    if (capacity == old)
        return MS_OK;
    uint8_t *states = ms_memory_grow(attribution->states, old, capacity);
    if (states == NULL)
        return MS_NO_MEMORY;
    attribution->states = states;
    uint8_t *met = ms_memory_grow(attribution->met, old, capacity);
    if (met == NULL)
        return MS_NO_MEMORY;
    attribution->met = met;
    uint32_t **others[] = {&attribution->answering, &attribution->places};
    for (int i = 0; i < 2; i++) {
        uint32_t *grown = ms_memory_grow(*others[i], (size_t)old * 4, (size_t)capacity * 4);
        if (grown == NULL)
            return MS_NO_MEMORY;
        *others[i] = grown;
    }
    attribution->capacity = capacity;
    return MS_OK;
}

/* Parents come before their children. */
static ms_status
look_at_new(ms_attribution *attribution, const ms_linetree *lines, const uint8_t *kinds, uint32_t codes,
            uint64_t *first_calls)
{
    ms_status status = make_room(attribution, lines->count > codes ? lines->count : codes);
    if (status != MS_OK)
        return status;
    for (uint32_t id = attribution->known + 1; id <= lines->count; id++) {
        const ms_linenode *node = &lines->nodes[id];
        bool known = node->code != 0 && node->code <= codes;
        uint8_t kind = known ? kinds[node->code] : MS_ATTRIBUTION_ENDS;
        attribution->states[id] = state_of(attribution->states[node->parent], kind);
        if ((attribution->states[id] & ATTRIBUTED) != 0 && attribution->met[node->code] == 0) {
            attribution->met[node->code] = 1;
            ++*first_calls;
        }
        if ((kind & MS_ATTRIBUTION_USER) == 0)
            attribution->answering[id] = attribution->answering[node->parent];
        else
            attribution->answering[id] = (attribution->states[id] & ATTRIBUTED) != 0 ? id : 0;
    }
    attribution->known = lines->count;
    return MS_OK;
}

static void
add(ms_attributed *counters, const ms_ledger *ledger, uint32_t id)
{
    const ms_row *row = &ledger->table.rows[id];
    counters->peak_bytes += ledger->table.rest[id].peak_bytes;
    const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
    counters->allocated_bytes += row->allocated_bytes - passed->taken_in_bytes;
    counters->allocations += row->allocations - passed->taken_in;
    counters->live_bytes += ms_row_live_bytes(row);
}

ms_status
ms_attribution_total(ms_attribution *attribution, const ms_ledger *ledger, const uint8_t *kinds, uint32_t codes,
                     ms_attributed *counters)
{
    *counters = (ms_attributed){0};
    ms_status status = look_at_new(attribution, &ledger->lines, kinds, codes, &counters->first_calls);
    if (status != MS_OK)
        return status;
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        if ((attribution->states[ledger->table.rows[id].stack] & ATTRIBUTED) != 0)
            add(counters, ledger, id);
    }
    return MS_OK;
}

static bool
is_ignored(const ms_linenode *nodes, uint32_t stack, const uint8_t *ignored, uint32_t codes)
{
    for (uint32_t id = stack; id != 0; id = nodes[id].parent)
        if (nodes[id].code <= codes && ignored[nodes[id].code] != 0)
            return true;
    return false;
}

ms_status
ms_attribution_lines(ms_attribution *attribution, const ms_ledger *ledger, const uint8_t *kinds, uint32_t codes,
                     bool by_code, const uint8_t *ignored, ms_attributed_line **lines, uint32_t *count)
{
    *lines = NULL;
    *count = 0;
    uint64_t first_calls = 0;
    ms_status status = look_at_new(attribution, &ledger->lines, kinds, codes, &first_calls);
    if (status != MS_OK)
        return status;
    ms_attributed_line *found = ms_memory_get(((size_t)ledger->touched_count + 1) * sizeof *found);
    if (found == NULL)
        return MS_NO_MEMORY;
    const ms_linenode *nodes = ledger->lines.nodes; /* of those that are attributed, each has a code that is known */
    uint32_t used = 0;
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i], stack = ledger->table.rows[id].stack;
        if ((attribution->states[stack] & ATTRIBUTED) == 0 ||
            (ignored != NULL && is_ignored(nodes, stack, ignored, codes)))
            continue;
        uint32_t node = attribution->answering[stack] != 0 ? attribution->answering[stack] : stack;
        uint32_t *place = &attribution->places[by_code ? nodes[node].code : node];
        if (*place == 0) {
            found[used].node = node;
            *place = ++used;
        }
        add(&found[*place - 1].counters, ledger, id);
    }
    for (uint32_t i = 0; i < used; i++)
        attribution->places[by_code ? nodes[found[i].node].code : found[i].node] = 0;
    *lines = found;
    *count = used;
    return MS_OK;
}

void
ms_attribution_close(ms_attribution *attribution)
{
    ms_memory_give(attribution->states);
    ms_memory_give(attribution->met);
    ms_memory_give(attribution->answering);
    ms_memory_give(attribution->places);
    memset(attribution, 0, sizeof *attribution);
}
