#include "ledger/extract.h"

#include <string.h>

#include "ledger/counters.h"
#include "shared/memory.h"

static void
mark(ms_extract *extract, const ms_linetree *lines, uint32_t stack)
{
    for (; stack != 0 && extract->ids[stack] == 0; stack = lines->nodes[stack].parent)
        extract->ids[stack] = 1;
}

/* Gives the marked stacks and their codes numbers, in their old order: parents stay before their children. */
static void
number(ms_extract *extract, const ms_linetree *lines)
{
    ms_linetree *own = &extract->ledger->lines;
    uint32_t codes = 0;
    for (uint32_t id = 1; id <= lines->count; id++) {
        if (extract->ids[id] == 0)
            continue;
        ms_linenode node = lines->nodes[id];
        uint32_t *code = &extract->code_ids[node.code];
        if (node.code != 0 && *code == 0) {
            *code = ++codes;
            memcpy(&extract->segment.codes[codes], &lines->segment->codes[node.code], sizeof(ms_code));
        }
        node.code = *code;
        node.parent = extract->ids[node.parent];
        extract->ids[id] = ++own->count;
        own->nodes[own->count] = node;
    }
}

static void
take_rows(ms_extract *extract, const ms_ledger *ledger)
{
    ms_rowtable *own = &extract->ledger->table;
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = i + 1, old = ledger->touched[i];
        own->rows[id] = ledger->table.rows[old];
        own->rows[id].stack = extract->ids[own->rows[id].stack];
        own->rest[id] = ledger->table.rest[old];
        own->rest[id].told = 0; /* a section has one window */
        extract->ledger->touched[i] = id;
        extract->row_ids[old] = id;
    }
    own->count = ledger->touched_count;
}

static void
take_growth(ms_extract *extract, const ms_growth *growth)
{
    ms_growing *own = extract->ledger->growth.growing;
    if (growth->count != 0)
        memcpy(own, growth->growing, (growth->count + 1) * sizeof *own);
    for (uint32_t place = 1; place <= growth->count; place++)
        own[place].stack = extract->ids[own[place].stack];
}

ms_status
ms_extract_open(ms_extract *extract, ms_ledger *ledger)
{
    const ms_linetree *lines = &ledger->lines;
    ms_growth_settle(&ledger->growth);
    extract->segment = *ledger->segment;
    ms_ledger *own = extract->ledger = ms_memory_get(sizeof *own);
    if (own == NULL)
        return MS_NO_MEMORY;
    *own = *ledger;
    own->segment = own->lines.segment = &extract->segment;
    own->lines.count = 0;
    uint32_t stack_count = lines->count + 1, codes = 1, rows = ledger->touched_count + 1;
    for (uint32_t id = 1; id <= lines->count; id++)
        if (lines->nodes[id].code >= codes)
            codes = lines->nodes[id].code + 1;
    extract->ids = ms_memory_get(stack_count * sizeof *extract->ids);
    extract->code_ids = ms_memory_get(codes * sizeof *extract->code_ids);
    extract->row_ids = ms_memory_get((ledger->table.count + 1) * sizeof *extract->row_ids);
    extract->segment.codes = ms_memory_get(codes * sizeof *extract->segment.codes);
    own->lines.nodes = ms_memory_get(stack_count * sizeof *own->lines.nodes);
    own->table.rows = ms_memory_get(rows * sizeof *own->table.rows);
    own->table.rest = ms_memory_get(rows * sizeof *own->table.rest);
    own->touched = ms_memory_get(rows * sizeof *own->touched);
    own->told = ms_memory_get(sizeof *own->told);
    own->growth.growing = ms_memory_get((ledger->growth.count + 1) * sizeof *own->growth.growing);
    if (extract->ids == NULL || extract->code_ids == NULL || extract->row_ids == NULL ||
        extract->segment.codes == NULL || own->lines.nodes == NULL || own->table.rows == NULL ||
        own->table.rest == NULL || own->touched == NULL || own->told == NULL || own->growth.growing == NULL) {
        ms_extract_close(extract);
        return MS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < ledger->touched_count; i++)
        mark(extract, lines, ledger->table.rows[ledger->touched[i]].stack);
    for (uint32_t place = 1; place <= ledger->growth.count; place++)
        mark(extract, lines, ledger->growth.growing[place].stack);
    number(extract, lines);
    take_rows(extract, ledger);
    take_growth(extract, &ledger->growth);
    return MS_OK;
}

void
ms_extract_close(ms_extract *extract)
{
    ms_memory_give(extract->ids);
    ms_memory_give(extract->code_ids);
    ms_memory_give(extract->row_ids);
    ms_memory_give(extract->segment.codes);
    ms_memory_give(extract->ledger->lines.nodes);
    ms_memory_give(extract->ledger->table.rows);
    ms_memory_give(extract->ledger->table.rest);
    ms_memory_give(extract->ledger->touched);
    ms_memory_give(extract->ledger->told);
    ms_memory_give(extract->ledger->growth.growing);
    ms_memory_give(extract->ledger);
    memset(extract, 0, sizeof *extract);
}
