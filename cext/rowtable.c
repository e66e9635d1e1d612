#include "rowtable.h"

#include <string.h>

#include "memory.h"

#define ROWS_FIRST 1024u

ms_status
ms_rowtable_open(ms_rowtable *table)
{
    memset(table, 0, sizeof *table);
    table->capacity = ROWS_FIRST;
    table->mask = 2 * ROWS_FIRST - 1;
    table->rows = ms_memory_get(ROWS_FIRST * sizeof *table->rows);
    table->rest = ms_memory_get(ROWS_FIRST * sizeof *table->rest);
    table->index = ms_memory_get(2 * ROWS_FIRST * sizeof *table->index);
    if (table->rows == NULL || table->rest == NULL || table->index == NULL) {
        ms_rowtable_close(table);
        return MS_NO_MEMORY;
    }
    return MS_OK;
}

void
ms_rowtable_close(ms_rowtable *table)
{
    ms_memory_give(table->rows);
    ms_memory_give(table->rest);
    ms_memory_give(table->index);
    memset(table, 0, sizeof *table);
}

uint64_t
ms_rowtable_bytes(const ms_rowtable *table)
{
    return table->capacity * (sizeof(ms_row) + sizeof(ms_row_rest)) +
           (table->mask + 1) * sizeof(uint32_t);
}

static uint32_t
home_of(uint32_t stack, ms_domain domain, uint8_t size_class, uint32_t mask)
{
    uint64_t key = (uint64_t)stack << 16 | (uint64_t)domain << 8 | size_class;
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
}

static uint32_t
free_slot(const uint32_t *index, uint32_t mask, const ms_row *row)
{
    uint32_t slot = home_of(row->stack, (ms_domain)row->domain, row->size_class, mask);
    while (index[slot] != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static bool
grow(ms_rowtable *table)
{
    size_t old = table->capacity;
    uint32_t capacity = table->capacity * 2;
    /* Each part that was had stays larger when a later one fails; the capacity says the old number. */
    ms_row_rest *rest = ms_memory_grow(table->rest, old * sizeof *rest, capacity * sizeof *rest);
    if (rest == NULL)
        return false;
    table->rest = rest;
    ms_row *rows = ms_memory_grow(table->rows, old * sizeof *rows, capacity * sizeof *rows);
    if (rows == NULL)
        return false;
    table->rows = rows;
    uint32_t mask = 2 * capacity - 1;
    uint32_t *index = ms_memory_get(2 * (size_t)capacity * sizeof *index);
    if (index == NULL)
        return false;
    for (uint32_t id = 1; id <= table->count; id++)
        index[free_slot(index, mask, &rows[id])] = id;
    ms_memory_give(table->index);
    table->index = index;
    table->mask = mask;
    table->capacity = capacity;
    return true;
}

uint32_t
ms_rowtable_add(ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class)
{
    if (table->count + 1 >= table->capacity && (table->count + 1 >= MS_ROW_MAX || !grow(table)))
        return 0;
    uint32_t id = ++table->count;
    ms_row *row = &table->rows[id];
    memset(row, 0, sizeof *row);
    row->stack = stack;
    row->domain = (uint8_t)domain;
    row->size_class = size_class;
    table->index[free_slot(table->index, table->mask, row)] = id;
    return id;
}

uint32_t
ms_rowtable_find(const ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class)
{
    uint32_t slot = home_of(stack, domain, size_class, table->mask);
    for (;; slot = (slot + 1) & table->mask) {
        uint32_t id = table->index[slot];
        const ms_row *row = &table->rows[id];
        if (id == 0 || (row->stack == stack && row->size_class == size_class &&
                        row->domain == (uint8_t)domain))
            return id;
    }
}
