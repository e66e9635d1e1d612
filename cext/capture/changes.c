#include "capture/changes.h"

#include <errno.h>

#include "shared/memory.h"

/* A row that has folded holds nothing any more: as if all of it had always been in the row that it is part of. */
#define FOLDED (UINT32_C(1) << 31)

typedef struct {
    const ms_writer *writer;
    ms_rows rows;
    const uint32_t *entries; /* ids of the ledger's rows, or places among the folded ones with FOLDED */
} change_span;

static uint32_t
row_of(const change_span *part, uint32_t entry)
{
    if ((entry & FOLDED) != 0)
        return part->writer->folded[entry & ~FOLDED].row;
    return ms_numbers_of(&part->writer->row_numbers, entry);
}

/* A difference of which less than half of the range is negative. */
static uint64_t
zigzag(uint64_t change)
{
    return change << 1 ^ (0 - (change >> 63));
}

static uint64_t
taken_back(const ms_row_told *folded, uint32_t column)
{
    switch (column) {
    case 1:
        return zigzag(0 - folded->allocations);
    case 2:
        return zigzag(0 - folded->allocated_bytes);
    case 3:
        return zigzag(0 - folded->released);
    default:
        return zigzag(0 - folded->released_bytes);
    }
}

static uint64_t
change_value(const void *context, uint32_t column, uint32_t index)
{
    const change_span *part = context;
    uint32_t entry = part->entries[index];
    if (column == 0)
        return row_of(part, entry) - (index == 0 ? 0 : row_of(part, part->entries[index - 1]));
    if ((entry & FOLDED) != 0)
        return taken_back(&part->writer->folded[entry & ~FOLDED].told, column);
    const ms_row *row = &part->rows.row[entry];
    const ms_row_told *told = &part->rows.told[part->rows.rest[entry].told];
    switch (column) {
    case 1:
        return zigzag(row->allocations - told->allocations);
    case 2:
        return zigzag(row->allocated_bytes - told->allocated_bytes);
    case 3:
        return zigzag(row->released - told->released);
    default:
        return zigzag(row->released_bytes - told->released_bytes);
    }
}

/* Both by the capture's ids, which rise. */
static void
merge(const change_span *part, uint32_t *entries, const uint32_t *touched, uint32_t touched_count)
{
    uint32_t folded = 0, count = part->writer->folded_count, used = 0;
    for (uint32_t i = 0; i < touched_count; i++) {
        for (; folded < count && row_of(part, folded | FOLDED) < row_of(part, touched[i]); folded++)
            entries[used++] = folded | FOLDED;
        entries[used++] = touched[i];
    }
    for (; folded < count; folded++)
        entries[used++] = folded | FOLDED;
}

void
ms_changes_write(ms_writer *writer, ms_ledger *ledger, const ms_stretch *stretch)
{
    uint32_t touched_count;
    const uint32_t *touched = ms_ledger_touched(ledger, &touched_count);
    uint32_t count = touched_count + writer->folded_count;
    uint32_t *entries = ms_memory_get((count + (size_t)1) * sizeof *entries);
    if (entries == NULL) {
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    change_span part = {.writer = writer, .rows = ms_ledger_rows(ledger), .entries = entries};
    merge(&part, entries, touched, touched_count);
    ms_buffer_put_u64(&writer->payload, stretch->start_ns);
    ms_buffer_put_u64(&writer->payload, stretch->end_ns);
    ms_buffer_put_u64(&writer->payload, stretch->first_event);
    ms_buffer_put_u64(&writer->payload, stretch->last_event);
    for (int domain = 0; domain < writer->domains; domain++)
        ms_buffer_put_u64(&writer->payload, ms_ledger_domain_live_bytes(ledger, (ms_domain)domain));
    ms_table_put(&writer->payload, count, 5, change_value, &part);
    ms_writer_payload(writer, MS_FRAME_WINDOW);
    ms_memory_give(entries);
    ms_memory_give(writer->folded);
    writer->folded = NULL;
    writer->folded_count = 0;
}
