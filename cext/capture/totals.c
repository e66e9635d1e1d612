#include "capture/totals.h"

#include <errno.h>

#include "ledger/lifetimes.h"
#include "ledger/spilling.h"
#include "shared/memory.h"

#define TOTALS_A_FRAME (1u << 14) /* at most 3 MiB, and as much for rows that have spilled */
#define LIFETIMES_A_FRAME (1u << 16)

typedef struct {
    ms_rows rows;
    const ms_segment *segment;
    uint32_t doubts;
    const uint32_t *ids; /* of the ledger's rows, one for each of the capture's; 0: it has folded; or with SPILLED */
    const ms_spilled_row *spilled;
} total_span;

#define SPILLED (UINT32_C(1) << 31) /* a place among those that have */

/* Whether a block without a type may be a table or an array that an object holds. */
static bool
may_be_held(const total_span *part, const ms_row *row)
{
    bool unknown = row->type == 0 || row->type == MS_TYPE_UNSET;
    return unknown && (row->domain == MS_MEM || row->domain == atomic_load(&part->segment->header->keys_domain));
}

/* Whether blocks of a row may be another line's, with these doubts about them. */
static bool
is_uncertain(const total_span *part, const ms_row *row, uint32_t doubts)
{
    if ((doubts & (MS_DOUBT_TABLES | MS_DOUBT_PEAK)) != 0 && may_be_held(part, row))
        return true;
    return (doubts & MS_DOUBT_MADE) != 0 && ms_segment_has_type(part->segment, row->type) &&
           part->segment->types[row->type].parks != 0;
}

/* Of the columns, those that a row may take with it when it spills. */
static uint64_t
lasting_value(const ms_rows *rows, uint32_t id, const ms_row_rest *rest, uint32_t column)
{
    const ms_row *row = &rows->row[id];
    const ms_row_passed *passed = ms_row_passed_at(&rows->extras, rest->extra);
    const ms_row_seldom *seldom = ms_row_seldom_at(&rows->extras, rest->extra);
    switch (column) {
    case 0:
        return row->allocations - passed->taken_in;
    case 1:
        return row->allocated_bytes - passed->taken_in_bytes;
    case 2:
        return row->released - passed->handed_over;
    case 3:
        return row->released_bytes - passed->handed_over_bytes;
    case 4:
        return rest->peak_blocks;
    case 5:
        return rest->peak_bytes;
    case 6:
        return row->max_live_blocks;
    case 7:
        return seldom->reallocations;
    case 8:
        return seldom->moved;
    case 9:
        return seldom->copied_bytes;
    case 10:
        return row->released - passed->handed_over - seldom->reallocated;
    case 11:
        return seldom->foreign_frees;
    case 12:
        return seldom->longest_chain;
    case 13:
        return passed->reused;
    case 14:
        return passed->taken_in;
    case 15:
        return passed->taken_in_bytes;
    case 16:
        return passed->handed_over;
    default:
        return passed->handed_over_bytes;
    }
}

static uint64_t
spilled_value(const total_span *part, const ms_spilled_row *spilled, uint32_t column)
{
    if (column < MS_SPILL_VALUES)
        return spilled->values[column];
    ms_row row = {.domain = spilled->domain, .type = spilled->type};
    bool at_peak = column > MS_SPILL_VALUES; /* nothing of it is live at the end */
    return at_peak && is_uncertain(part, &row, part->doubts) ? spilled->values[5] : 0;
}

static uint64_t
total_value(const void *context, uint32_t column, uint32_t index)
{
    const total_span *part = context;
    uint32_t id = part->ids[index];
    if (id == 0)
        return 0;
    if ((id & SPILLED) != 0)
        return spilled_value(part, &part->spilled[id & ~SPILLED], column);
    const ms_row *row = &part->rows.row[id];
    const ms_row_rest *rest = &part->rows.rest[id];
    if (column < MS_SPILL_VALUES)
        return lasting_value(&part->rows, id, rest, column);
    if (column == MS_SPILL_VALUES)
        return is_uncertain(part, row, part->doubts & ~(uint32_t)MS_DOUBT_PEAK) ? ms_row_live_bytes(row) : 0;
    return is_uncertain(part, row, part->doubts) ? rest->peak_bytes : 0;
}

typedef struct {
    uint32_t row, scale, bucket; /* row: the capture's */
    uint64_t count;
} lifetime_entry;

static uint64_t
lifetime_value(const void *context, uint32_t column, uint32_t index)
{
    const lifetime_entry *entries = context;
    const lifetime_entry *entry = &entries[index];
    switch (column) {
    case 0:
        return index == 0 ? entry->row : entry->row - entries[index - 1].row;
    case 1:
        return entry->scale;
    case 2:
        return entry->bucket;
    default:
        return entry->count;
    }
}

/* Those of a row, one after another; returns how many. */
static uint32_t
list_lifetimes(const ms_ledger *ledger, const ms_row *row, uint32_t number, lifetime_entry *entries)
{
    uint32_t count = 0;
    uint64_t at_once = 0; /* within a poll: all that are in no other bucket */
    for (uint32_t bucket = 0; bucket < MS_BYTE_BUCKETS; bucket++)
        at_once += ms_ledger_lifetime(ledger, row, bucket);
    for (uint32_t bucket = MS_BYTE_BUCKETS + 1; bucket < MS_BUCKETS; bucket++)
        at_once -= ms_ledger_lifetime(ledger, row, bucket);
    for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++) {
        uint64_t blocks = bucket == MS_BYTE_BUCKETS ? at_once : ms_ledger_lifetime(ledger, row, bucket);
        uint32_t scale = bucket >= MS_BYTE_BUCKETS;
        if (blocks != 0)
            entries[count++] = (lifetime_entry){number, scale, bucket - scale * MS_BYTE_BUCKETS, blocks};
    }
    return count;
}

/* row_to: only of rows that go, unless it is NULL. */
static void
write_lifetimes(ms_writer *writer, const ms_ledger *ledger, const uint32_t *row_to)
{
    lifetime_entry *entries = ms_memory_get((LIFETIMES_A_FRAME + MS_BUCKETS) * sizeof *entries);
    if (entries == NULL) {
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    ms_rows rows = ms_ledger_rows(ledger);
    uint32_t count = 0;
    for (uint32_t id = 1; id <= rows.count; id++) {
        const ms_row *row = &rows.row[id];
        if (row->histogram != 0 && (row_to == NULL || row_to[id] == 0))
            count += list_lifetimes(ledger, row, ms_numbers_of(&writer->row_numbers, id), &entries[count]);
        if (count == 0 || (count < LIFETIMES_A_FRAME && id < rows.count))
            continue;
        ms_table_put(&writer->payload, count, 4, lifetime_value, entries);
        ms_writer_payload(writer, MS_FRAME_LIFETIMES);
        count = 0;
    }
    ms_memory_give(entries);
}

/* ---- rows that have spilled ------------------------------------------------------------------- */

bool
ms_totals_spill(ms_ledger *ledger, ms_writer *writer, const uint32_t *row_to)
{
    ms_rows rows = ms_ledger_rows(ledger);
    ms_spill *spill = &writer->spill;
    if (spill->failed || writer->error != 0)
        return false;
    for (uint32_t id = 1; id <= rows.count; id++) {
        if (row_to[id] != 0)
            continue;
        const ms_row *row = &rows.row[id];
        ms_row_rest rest = rows.rest[id];
        ms_spilling_peak(ledger, id, &rest.peak_blocks, &rest.peak_bytes);
        ms_spilled_row spilled = {.number = ms_numbers_of(&writer->row_numbers, id),
                                  .type = row->type,
                                  .domain = row->domain,
                                  .gap = ms_folding_has_gap(ledger, row->stack),
                                  .peak = ms_spilling_peak_number(ledger)};
        for (uint32_t column = 0; column < MS_SPILL_VALUES; column++)
            spilled.values[column] = lasting_value(&rows, id, &rest, column);
        ms_spill_put(spill, writer->output.number, &spilled);
    }
    if (!ms_spill_end_stretch(spill))
        return false;
    write_lifetimes(writer, ledger, row_to);
    return writer->error == 0;
}

/* The next row that has spilled, with what it had of the highest peak. */
static void
take_spilled(ms_ledger *ledger, ms_spill *spill, ms_spilled_row *into)
{
    *into = *ms_spill_first(spill);
    if (into->peak != ms_spilling_peak_number(ledger))
        into->values[4] = into->values[5] = 0; /* a higher one came */
    ms_spilling_add_peak(ledger, into->values[4], into->values[5], into->gap);
    ms_spill_next(spill);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static void
write_totals(ms_ledger *ledger, ms_writer *writer, total_span *part, uint32_t *ids, ms_spilled_row *spilled)
{
    const ms_numbers *numbers = &writer->row_numbers;
    ms_spill *spill = &writer->spill;
    uint32_t next = 1, row = 1; /* of the capture, of the ledger */
    part->ids = ids;
    part->spilled = spilled;
    do {
        uint32_t count = 0, gone = 0;
        for (; next <= numbers->last && count < TOTALS_A_FRAME; next++, count++) {
            const ms_spilled_row *first = ms_spill_first(spill);
            ids[count] = 0;
            if (row <= numbers->written && ms_numbers_of(numbers, row) == next) {
                ids[count] = row++;
            } else if (first != NULL && first->number == next) {
                ids[count] = gone | SPILLED;
                take_spilled(ledger, spill, &spilled[gone++]);
            }
        }
        ms_table_put(&writer->payload, count, 20, total_value, part);
        ms_writer_payload(writer, MS_FRAME_TOTALS);
    } while (next <= numbers->last && writer->error == 0);
    if (spill->failed && spill->count != 0 && writer->error == 0)
        writer->error = EIO;
}

void
ms_totals_write(ms_ledger *ledger, ms_writer *writer, uint32_t doubts)
{
    ms_ledger_settle_peak(ledger);
    uint32_t *ids = ms_memory_get(TOTALS_A_FRAME * sizeof *ids);
    ms_spilled_row *spilled = ms_memory_get(TOTALS_A_FRAME * sizeof *spilled);
    total_span part = {.rows = ms_ledger_rows(ledger), .segment = writer->segment, .doubts = doubts};
    bool ready = ids != NULL && spilled != NULL && ms_spill_rewind(&writer->spill);
    if (ready)
        write_totals(ledger, writer, &part, ids, spilled);
    else
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
    ms_memory_give(ids);
    ms_memory_give(spilled);
    write_lifetimes(writer, ledger, NULL);
}

typedef struct {
    const ms_writer *writer;
    const ms_growing *growing;
} growing_span;

static uint64_t
growing_value(const void *context, uint32_t column, uint32_t index)
{
    const growing_span *part = context;
    const ms_growing *growing = &part->growing[index];
    switch (column) {
    case 0:
        return ms_numbers_of(&part->writer->stack_numbers, growing->stack);
    case 1:
        return growing->chains;
    case 2:
        return growing->all_links;
    case 3:
        return growing->all_steep_links;
    case 4:
        return growing->all_copied_bytes;
    case 5:
        return growing->longest_chain;
    default:
        return growing->largest_bytes;
    }
}

void
ms_totals_write_growth(ms_ledger *ledger, ms_writer *writer)
{
    uint32_t count;
    const ms_growing *grown = ms_ledger_grown(ledger, &count);
    if (count == 0)
        return;
    growing_span part = {.writer = writer, .growing = grown};
    ms_table_put(&writer->payload, count, 7, growing_value, &part);
    ms_writer_payload(writer, MS_FRAME_GROWTH);
}
