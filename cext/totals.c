#include "totals.h"

#include <errno.h>

#include "memory.h"

#define TOTALS_A_FRAME (1u << 18) /* at most 36 MiB */
#define LIFETIMES_A_FRAME (1u << 20)

typedef struct {
    const ms_ledger *ledger;
    uint32_t first;
} total_span;

static uint64_t
total_value(const void *context, uint32_t column, uint32_t index)
{
    const total_span *part = context;
    const ms_row *row = &part->ledger->table.rows[part->first + index];
    const ms_row_rest *rest = &part->ledger->table.rest[part->first + index];
    switch (column) {
    case 0:
        return row->allocations;
    case 1:
        return row->allocated_bytes;
    case 2:
        return row->released;
    case 3:
        return row->released_bytes;
    case 4:
        return rest->peak_blocks;
    case 5:
        return rest->peak_bytes;
    case 6:
        return row->max_live_blocks;
    case 7:
        return rest->reallocations;
    case 8:
        return rest->moved;
    case 9:
        return rest->copied_bytes;
    case 10:
        return row->released - rest->reallocated;
    case 11:
        return rest->foreign_frees;
    case 12:
        return rest->longest_chain;
    default:
        return 0;
    }
}

typedef struct {
    uint32_t row, scale, bucket;
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

static void
write_lifetimes(ms_writer *writer, const ms_ledger *ledger)
{
    size_t most = (size_t)ledger->ages.count * MS_BUCKETS;
    lifetime_entry *entries = ms_memory_get((most + 1) * sizeof *entries);
    if (entries == NULL) {
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    uint32_t count = 0;
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        if (row->lifetimes == 0)
            continue;
        uint64_t at_once = row->released; /* within a poll: all that are in no other bucket */
        for (uint32_t bucket = MS_BYTE_BUCKETS + 1; bucket < MS_BUCKETS; bucket++)
            at_once -= ms_ledger_lifetime(ledger, row, bucket);
        for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++) {
            uint64_t blocks = bucket == MS_BYTE_BUCKETS ? at_once
                                                        : ms_ledger_lifetime(ledger, row, bucket);
            uint32_t scale = bucket >= MS_BYTE_BUCKETS;
            if (blocks != 0)
                entries[count++] =
                    (lifetime_entry){id, scale, bucket - scale * MS_BYTE_BUCKETS, blocks};
        }
    }
    for (uint32_t first = 0; first < count; first += LIFETIMES_A_FRAME) {
        uint32_t part = count - first < LIFETIMES_A_FRAME ? count - first : LIFETIMES_A_FRAME;
        ms_table_put(&writer->payload, part, 4, lifetime_value, entries + first);
        ms_writer_payload(writer, MS_FRAME_LIFETIMES);
    }
    ms_memory_give(entries);
}

void
ms_totals_write(ms_ledger *ledger, ms_writer *writer)
{
    ms_ledger_settle_peak(ledger);
    total_span part = {.ledger = ledger, .first = 1};
    do {
        uint32_t count = ledger->table.count + 1 - part.first;
        if (count > TOTALS_A_FRAME)
            count = TOTALS_A_FRAME;
        ms_table_put(&writer->payload, count, 16, total_value, &part);
        ms_writer_payload(writer, MS_FRAME_TOTALS);
        part.first += count;
    } while (part.first <= ledger->table.count && writer->error == 0);
    write_lifetimes(writer, ledger);
}

static uint64_t
growing_value(const void *context, uint32_t column, uint32_t index)
{
    const ms_growing *growing = (const ms_growing *)context + index;
    switch (column) {
    case 0:
        return growing->stack;
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
ms_totals_write_growth(ms_growth *growth, ms_writer *writer)
{
    ms_growth_settle(growth);
    uint32_t kept = 0; /* in front, in the order of their first large block */
    for (uint32_t place = 1; place <= growth->count; place++) {
        if (growth->growing[place].chains != 0)
            growth->growing[++kept] = growth->growing[place];
    }
    if (kept == 0)
        return;
    ms_table_put(&writer->payload, kept, 7, growing_value, &growth->growing[1]);
    ms_writer_payload(writer, MS_FRAME_GROWTH);
}
