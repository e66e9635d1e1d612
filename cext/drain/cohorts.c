#include "drain/cohorts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/sweep.h"
#include "shared/array.h"
#include "shared/probe.h"

#define MARKS_FIRST 256u
#define COHORTS_FIRST 4096u
#define COHORTS_A_FRAME (1u << 16)
#define MANY_MARKS (1u << 20)

/* Of one row, born in one window. */
typedef struct {
    uint32_t row;    /* 0: free */
    uint32_t window; /* index of the mark at its end, from 1; 0: older than is known */
    uint64_t blocks, bytes;
} cohort;

typedef struct {
    const ms_cohorts *cohorts;
    const ms_ledger *ledger;
    cohort *table; /* open addressing by row and window */
    uint32_t mask, used;
    bool out_of_memory;
} counting;

void
ms_cohorts_mark(ms_cohorts *cohorts, uint64_t time_ns, uint64_t clock)
{
    if (cohorts->count == MANY_MARKS ||
        !MS_ARRAY_HOLDS(cohorts->marks, cohorts->capacity, cohorts->count + 1, MARKS_FIRST))
        return;
    cohorts->marks[cohorts->count++] = (ms_clockmark){.time_ns = time_ns, .clock = clock};
}

void
ms_cohorts_close(ms_cohorts *cohorts)
{
    ms_memory_give(cohorts->marks);
    memset(cohorts, 0, sizeof *cohorts);
}

/* The window in which the clock stood at birth; what is later than all belongs to the last. */
static uint32_t
window_of(const ms_cohorts *cohorts, uint64_t birth)
{
    uint32_t place;
    MS_ARRAY_SEARCH(place, cohorts->count, cohorts->marks[place].clock <= birth);
    return place < cohorts->count ? place + 1 : cohorts->count;
}

static uint32_t
hash_key(uint32_t row, uint32_t window)
{
    uint64_t key = (uint64_t)row << 32 | window;
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static cohort *
place_of(const counting *at, uint32_t row, uint32_t window)
{
    cohort *table = at->table;
    uint32_t slot;
    MS_PROBE(slot, hash_key(row, window), at->mask,
             table[slot].row == 0 || (table[slot].row == row && table[slot].window == window));
    return &table[slot];
}

static bool
grow(counting *at)
{
    uint32_t mask = 2 * at->mask + 1;
    cohort *table = ms_memory_get(((size_t)mask + 1) * sizeof *table);
    if (table == NULL)
        return false;
    const cohort *old;
    MS_PROBE_REHASH(old, at->table, at->mask, table, mask, old->row == 0, hash_key(old->row, old->window));
    ms_memory_give(at->table);
    at->table = table;
    at->mask = mask;
    return true;
}

static void
count_block(void *context, uint32_t row, uint64_t blocks, uint64_t bytes, uint64_t age)
{
    counting *at = context;
    uint64_t clock = ms_ledger_clock(at->ledger);
    uint32_t window = age >= MS_AGE_KNOWN ? 0 : window_of(at->cohorts, age > clock ? 0 : clock - age);
    if (at->used >= at->mask / 2 && !grow(at)) {
        at->out_of_memory = true;
        return;
    }
    cohort *found = place_of(at, row, window);
    at->used += found->row == 0;
    found->row = row;
    found->window = window;
    found->blocks += blocks;
    found->bytes += bytes;
}

static int
by_row_and_window(const void *left, const void *right)
{
    const cohort *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->window > b->window) - (a->window < b->window);
}

typedef struct {
    const ms_cohorts *cohorts;
    const ms_numbers *rows;
    const cohort *entries;
} span;

static uint64_t
cohort_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    const cohort *entry = &part->entries[index];
    const ms_clockmark *marks = part->cohorts->marks;
    switch (column) {
    case 0:
        return ms_numbers_of(part->rows, entry->row) -
               (index == 0 ? 0 : ms_numbers_of(part->rows, part->entries[index - 1].row));
    case 1:
        return entry->window <= 1 ? 0 : marks[entry->window - 2].time_ns;
    case 2:
        return entry->window == 0 ? 0 : marks[entry->window - 1].time_ns;
    case 3:
        return entry->blocks;
    default:
        return entry->bytes;
    }
}

void
ms_cohorts_write(const ms_cohorts *cohorts, ms_ledger *ledger, ms_writer *writer)
{
    counting at = {.cohorts = cohorts, .ledger = ledger, .mask = COHORTS_FIRST - 1};
    at.table = ms_memory_get(COHORTS_FIRST * sizeof *at.table);
    if (at.table == NULL || cohorts->count == 0) {
        ms_memory_give(at.table);
        return;
    }
    ms_sweep_each_block(ledger, count_block, &at);
    uint32_t count = 0;
    for (uint32_t slot = 0; slot <= at.mask; slot++) {
        if (at.table[slot].row != 0)
            at.table[count++] = at.table[slot];
    }
    if (at.out_of_memory)
        count = 0; /* a part would look like the whole */
    qsort(at.table, count, sizeof *at.table, by_row_and_window);
    span part = {.cohorts = cohorts, .rows = &writer->row_numbers, .entries = at.table};
    while (count != 0 && writer->error == 0) {
        uint32_t now = count < COHORTS_A_FRAME ? count : COHORTS_A_FRAME;
        ms_table_put(&writer->payload, now, 5, cohort_value, &part);
        ms_writer_payload(writer, MS_FRAME_COHORTS);
        part.entries += now;
        count -= now;
    }
    ms_memory_give(at.table);
}
