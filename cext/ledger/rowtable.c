#include "ledger/rowtable.h"

#include <string.h>

#include "ledger/renumber.h"
#include "shared/memory.h"
#include "shared/probe.h"

#define ROWS_FIRST 1024u

ms_status
ms_rowtable_open(ms_rowtable *table)
{
    memset(table, 0, sizeof *table);
    table->capacity = ROWS_FIRST;
    table->mask = 2 * ROWS_FIRST - 1;
    table->rows = ms_memory_get(ROWS_FIRST * sizeof *table->rows);
    table->rest = ms_memory_get(ROWS_FIRST * sizeof *table->rest);
    table->extras.passed = ms_memory_get(ROWS_FIRST * sizeof *table->extras.passed);
    table->extras.full = ms_memory_get(ROWS_FIRST * sizeof *table->extras.full);
    table->index = ms_memory_get(2 * ROWS_FIRST * sizeof *table->index);
    if (table->rows == NULL || table->rest == NULL || table->extras.passed == NULL || table->extras.full == NULL ||
        table->index == NULL) {
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
    ms_memory_give(table->extras.passed);
    ms_memory_give(table->extras.full);
    ms_memory_give(table->index);
    memset(table, 0, sizeof *table);
}

uint64_t
ms_rowtable_bytes(const ms_rowtable *table)
{
    return table->capacity * (sizeof(ms_row) + sizeof(ms_row_rest)) + table->passed.count * sizeof(ms_row_passed) +
           table->full.count * sizeof(ms_row_full) + (table->mask + 1) * sizeof(uint32_t);
}

uint64_t
ms_rowtable_extra_bytes(const ms_rowtable *table)
{
    return (uint64_t)(table->passed.count - table->passed.spares) * sizeof(ms_row_passed) +
           (uint64_t)(table->full.count - table->full.spares) * sizeof(ms_row_full);
}

static uint32_t
hash_key(uint32_t stack, ms_domain domain, uint8_t size_class)
{
    uint64_t key = (uint64_t)stack << 16 | (uint64_t)domain << 8 | size_class;
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t
hash_row(const ms_row *row)
{
    uint32_t hash = hash_key(row->stack, (ms_domain)row->domain, row->size_class);
    hash ^= row->is_sampled ? UINT32_C(0x27d4eb2f) : 0;
    return row->is_member ? hash ^ (row->type + 1) * UINT32_C(0x85ebca6b) : hash;
}

static uint32_t
free_slot(const uint32_t *index, uint32_t mask, const ms_row *row)
{
    uint32_t slot;
    MS_PROBE(slot, hash_row(row), mask, index[slot] == 0);
    return slot;
}

static void
enter_all(uint32_t *index, uint32_t mask, const ms_row *rows, uint32_t count)
{
    for (uint32_t id = 1; id <= count; id++)
        index[free_slot(index, mask, &rows[id])] = id;
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
    ms_row_passed *passed = ms_memory_grow(table->extras.passed, old * sizeof *passed, capacity * sizeof *passed);
    if (passed == NULL)
        return false;
    table->extras.passed = passed;
    ms_row_full *full = ms_memory_grow(table->extras.full, old * sizeof *full, capacity * sizeof *full);
    if (full == NULL)
        return false;
    table->extras.full = full;
    ms_row *rows = ms_memory_grow(table->rows, old * sizeof *rows, capacity * sizeof *rows);
    if (rows == NULL)
        return false;
    table->rows = rows;
    uint32_t mask = 2 * capacity - 1;
    uint32_t *index = ms_memory_get(2 * (size_t)capacity * sizeof *index);
    if (index == NULL)
        return false;
    enter_all(index, mask, rows, table->count);
    ms_memory_give(table->index);
    table->index = index;
    table->mask = mask;
    table->capacity = capacity;
    return true;
}

/* key: the row's stack, domain, size class, type, and whether it is a member. */
static uint32_t
add(ms_rowtable *table, const ms_row *key)
{
    if (table->count + 1 >= table->capacity && (table->count + 1 >= MS_ROW_MAX || !grow(table)))
        return 0;
    uint32_t id = ++table->count;
    table->rows[id] = *key;
    table->index[free_slot(table->index, table->mask, key)] = id;
    return id;
}

static bool
is_row(const ms_row *row, const ms_row *key)
{
    return row->stack == key->stack && row->size_class == key->size_class && row->domain == key->domain &&
           row->is_member == key->is_member && row->is_sampled == key->is_sampled &&
           (!key->is_member || row->type == key->type);
}

static uint32_t
find(const ms_rowtable *table, const ms_row *key)
{
    const uint32_t *index = table->index;
    uint32_t slot;
    MS_PROBE(slot, hash_row(key), table->mask, index[slot] == 0 || is_row(&table->rows[index[slot]], key));
    return index[slot];
}

uint32_t
ms_rowtable_find(const ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class, bool sampled)
{
    ms_row key = {.stack = stack, .domain = (uint8_t)domain, .size_class = size_class, .is_sampled = sampled};
    return find(table, &key);
}

uint32_t
ms_rowtable_add(ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class, bool sampled)
{
    ms_row key = {.stack = stack,
                  .domain = (uint8_t)domain,
                  .size_class = size_class,
                  .is_sampled = sampled,
                  .type = MS_TYPE_UNSET};
    return add(table, &key);
}

uint32_t
ms_rowtable_find_member(const ms_rowtable *table, const ms_row *key)
{
    ms_row member = *key;
    member.is_member = true;
    return find(table, &member);
}

uint32_t
ms_rowtable_add_member(ms_rowtable *table, const ms_row *key)
{
    ms_row member = *key;
    member.is_member = true;
    return add(table, &member);
}

/* ---- what few rows have ---------------------------------------------------------------------- */

/* next: the first field of a place that is free again; NULL: there is none. */
static uint32_t
take_place(ms_rowplaces *places, uint64_t *next)
{
    if (next == NULL)
        return ++places->count;
    uint32_t place = places->spare;
    places->spare = (uint32_t)*next;
    places->spares--;
    *next = 0;
    return place;
}

static uint32_t
free_place(ms_rowplaces *places, uint32_t place)
{
    uint32_t next = places->spare;
    places->spare = place;
    places->spares++;
    return next;
}

MS_COLD void
ms_rowtable_add_passed(ms_rowtable *table, uint32_t id)
{
    uint32_t spare = table->passed.spare;
    uint64_t *next = spare == 0 ? NULL : &table->extras.passed[spare].taken_in;
    table->rest[id].extra = take_place(&table->passed, next);
}

MS_COLD void
ms_rowtable_add_seldom(ms_rowtable *table, uint32_t id)
{
    ms_row_passed passed = *ms_rowtable_passed(table, id);
    ms_rowtable_drop_extra(table, id);
    uint32_t spare = table->full.spare;
    uint64_t *next = spare == 0 ? NULL : &table->extras.full[spare].passed.taken_in;
    uint32_t place = take_place(&table->full, next);
    table->extras.full[place].passed = passed;
    table->rest[id].extra = place | MS_ROW_FULL;
}

void
ms_rowtable_drop_extra(ms_rowtable *table, uint32_t id)
{
    uint32_t extra = table->rest[id].extra, place = extra & ~MS_ROW_FULL;
    if (extra == 0)
        return;
    if ((extra & MS_ROW_FULL) != 0)
        table->extras.full[place] = (ms_row_full){.passed.taken_in = free_place(&table->full, place)};
    else
        table->extras.passed[place] = (ms_row_passed){.taken_in = free_place(&table->passed, place)};
    table->rest[id].extra = 0;
}

/* ---- folding --------------------------------------------------------------------------------- */

/* The row that a row is part of: itself or another one. */
static uint32_t
join(ms_rowtable *table, uint32_t id)
{
    ms_row *row = &table->rows[id];
    uint32_t first = ms_rowtable_find(table, row->stack, (ms_domain)row->domain, row->size_class, row->is_sampled);
    if (first != 0 && table->rows[first].type == row->type)
        return first;
    uint32_t member = ms_rowtable_find_member(table, row);
    if (member != 0)
        return member;
    row->is_member |= first != 0; /* of a family that has one already */
    table->index[free_slot(table->index, table->mask, row)] = id;
    return id;
}

/* One of the four rounds: rows that keep their stack come first, and firsts of families before their members. */
static void
join_some(ms_rowtable *table, const uint32_t *stack_to, uint32_t *to, bool moved, bool members)
{
    for (uint32_t id = 1; id <= table->count; id++) {
        ms_row *row = &table->rows[id];
        uint32_t stack = stack_to[row->stack];
        if (to[id] != 0 || row->is_member != members || (stack != row->stack) != moved)
            continue;
        row->stack = stack;
        to[id] = join(table, id);
        if (moved && to[id] == id)
            to[id] |= MS_MOVED;
    }
}

void
ms_rowtable_regroup(ms_rowtable *table, const uint32_t *stack_to, uint32_t *to)
{
    memset(table->index, 0, ((size_t)table->mask + 1) * sizeof *table->index);
    for (int round = 0; round < 4; round++)
        join_some(table, stack_to, to, (round & 2) != 0, (round & 1) != 0);
}

void
ms_rowtable_renumber(ms_rowtable *table, const uint32_t *to, const uint32_t *stack_to, ms_row_copy *aside)
{
    uint32_t count = 0, moved = 0, old_count = table->count;
    for (uint32_t id = 1; id <= old_count; id++) {
        ms_row_copy copy = {table->rows[id], table->rest[id]};
        copy.row.stack = ms_renumber_id(stack_to, copy.row.stack);
        if (ms_renumber_moved(to, id))
            aside[moved++] = copy;
        if (!ms_renumber_stays(to, id))
            continue;
        table->rows[++count] = copy.row;
        table->rest[count] = copy.rest;
    }
    for (uint32_t i = 0; i < moved; i++) {
        table->rows[++count] = aside[i].row;
        table->rest[count] = aside[i].rest;
    }
    memset(&table->rest[count + 1], 0, (size_t)(old_count - count) * sizeof *table->rest);
    table->count = count;
    memset(table->index, 0, ((size_t)table->mask + 1) * sizeof *table->index);
    enter_all(table->index, table->mask, table->rows, count);
}
