/* rowtable.h: the rows of counters (row.h), found by stack, domain, size class and type.
 *
 *   (stack, domain, size class)       ──► index ──► id ──► rows[id]  what every event touches, one cache line
 *   (stack, domain, size class, type) ──►                  rest[id]  the rest ──► passed[…] or full[…]
 *
 * With a budget some blocks are sampled and some are not: these have rows of their own, with the same key else.
 *
 * Rows that differ in their type alone are a family. The first one is found without its type, which may become known
 * later; the other members have one from the start, and may be there without it.
 *
 * Of the rows that have more than that, most have only passed blocks on: they take 40 bytes more, and 88 when they have
 * anything else.
 *
 * Ids count from 1 and never change. Used by the ledger alone.
 */
#ifndef MS_ROWTABLE_H
#define MS_ROWTABLE_H

#include "ledger/row.h"
#include "shared/event.h"
#include "shared/status.h"

#define MS_ROW_MAX ((1u << 25) - 1) /* a row id must fit a word of the block map, beside 7 bits */

/* Places from 1 that are given out and come back. */
typedef struct ms_rowplaces {
    uint32_t count;
    uint32_t spare, spares; /* the first that is free again, which names the next in its first field */
} ms_rowplaces;

typedef struct ms_rowtable {
    ms_row *rows; /* from 1 */
    ms_row_rest *rest;
    ms_row_extras extras; /* as much room as for rows, which is not touched before it is used */
    ms_rowplaces passed, full;
    uint32_t count, capacity;
    uint32_t *index; /* open addressing by key */
    uint32_t mask;
} ms_rowtable;

ms_status ms_rowtable_open(ms_rowtable *table);
void ms_rowtable_close(ms_rowtable *table);
/* Bytes of own memory. */
uint64_t ms_rowtable_bytes(const ms_rowtable *table);
/* Of what few rows have: bytes that are in use. */
uint64_t ms_rowtable_extra_bytes(const ms_rowtable *table);

/* What a row has passed on, and what it seldom has, to be read. */
static inline const ms_row_passed *
ms_rowtable_passed(const ms_rowtable *table, uint32_t id)
{
    return ms_row_passed_at(&table->extras, table->rest[id].extra);
}

static inline const ms_row_seldom *
ms_rowtable_seldom(const ms_rowtable *table, uint32_t id)
{
    return ms_row_seldom_at(&table->extras, table->rest[id].extra);
}

/* Slow halves of the next two. */
void ms_rowtable_add_passed(ms_rowtable *table, uint32_t id);
void ms_rowtable_add_seldom(ms_rowtable *table, uint32_t id);

/* The same, to be changed. What was had of this row by the first may lie elsewhere after the second. */
MS_INLINE ms_row_passed *
ms_rowtable_change_passed(ms_rowtable *table, uint32_t id)
{
    if (MS_UNLIKELY(table->rest[id].extra == 0))
        ms_rowtable_add_passed(table, id);
    uint32_t place = table->rest[id].extra;
    if (MS_UNLIKELY((place & MS_ROW_FULL) != 0))
        return &table->extras.full[place & ~MS_ROW_FULL].passed;
    return &table->extras.passed[place];
}

MS_INLINE ms_row_seldom *
ms_rowtable_change_seldom(ms_rowtable *table, uint32_t id)
{
    if (MS_UNLIKELY((table->rest[id].extra & MS_ROW_FULL) == 0))
        ms_rowtable_add_seldom(table, id);
    return &table->extras.full[table->rest[id].extra & ~MS_ROW_FULL].seldom;
}

/* A row has nothing of either any more. */
void ms_rowtable_drop_extra(ms_rowtable *table, uint32_t id);

/* The id of a family's first row, or 0. */
uint32_t ms_rowtable_find(const ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class, bool sampled);
/* Adds it, all 0, with its type unset. It is not there yet. 0: no memory. Rows may lie elsewhere from then on. */
uint32_t ms_rowtable_add(ms_rowtable *table, uint32_t stack, ms_domain domain, uint8_t size_class, bool sampled);
/* The same with the member of a type. key: its stack, domain, size class, thread, type, and whether it is sampled; the
 * rest is 0. */
uint32_t ms_rowtable_find_member(const ms_rowtable *table, const ms_row *key);
uint32_t ms_rowtable_add_member(ms_rowtable *table, const ms_row *key);

/* Gives each row the stack that stands for its own. Of rows that have the same stack, domain, size class and type then,
 * the others are to be part of one: to[id] says which, or that it is its own, with MS_MOVED where its stack is another
 * one now. to: zeroed. Only those are found by it. */
void ms_rowtable_regroup(ms_rowtable *table, const uint32_t *stack_to, uint32_t *to);

typedef struct ms_row_copy {
    ms_row row;
    ms_row_rest rest;
} ms_row_copy;

/* Leaves out the rows that are part of others, and gives what is left and its stacks new ids (renumber.h).
 * aside: room for as many rows as there are. */
void ms_rowtable_renumber(ms_rowtable *table, const uint32_t *to, const uint32_t *stack_to, ms_row_copy *aside);

#endif
