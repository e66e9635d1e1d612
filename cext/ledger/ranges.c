#include "ledger/ranges.h"

#include "ledger/slot.h"

/* ---- pieces of blocks ------------------------------------------------------------------------ */

/* The row of a piece of a block of row `like`. 0: no memory. */
static uint32_t
row_of_piece(ms_ledger *ledger, uint32_t like, uint64_t size_bytes)
{
    const ms_row *row = &ledger->table.rows[like];
    uint8_t size_class = ms_sizeclass(size_bytes), thread = row->thread;
    ms_domain domain = (ms_domain)row->domain;
    uint32_t stack = row->stack;
    uint32_t id = ms_rowtable_find(&ledger->table, stack, domain, size_class, false);
    if (id == 0 && (id = ms_rowtable_add(&ledger->table, stack, domain, size_class, false)) != 0)
        ledger->table.rows[id].thread = thread;
    return id;
}

/* Returns its row; 0: no memory. */
static uint32_t
put_piece(ms_ledger *ledger, const ms_block *whole, uint64_t address, uint64_t size_bytes)
{
    ms_block piece = *whole;
    piece.row = row_of_piece(ledger, whole->row, size_bytes);
    uint32_t *words = piece.row == 0 ? NULL : ms_slot_make(ledger, address, piece.row);
    if (words == NULL) {
        ledger->out_of_memory = true;
        return 0;
    }
    piece.size_bytes = size_bytes;
    piece.taken_in = true;
    ms_row *row = &ledger->table.rows[piece.row];
    ms_counters_touch(ledger, piece.row, row);
    ms_counters_count_in(ledger, row, size_bytes, 1, 0);
    ms_row_passed *passed = ms_rowtable_change_passed(&ledger->table, piece.row);
    passed->taken_in++;
    passed->taken_in_bytes += size_bytes;
    ms_slot_write(ledger, address, words, &piece);
    return piece.row;
}

/* Makes two blocks of one. Returns the row of the second; 0: it was not known, or no memory. */
static uint32_t
split_block(ms_ledger *ledger, uint64_t address, uint64_t first_bytes)
{
    ms_block block;
    if (!ms_slot_take(ledger, address, ms_blockmap_slot(&ledger->map, address), &block) ||
        block.size_bytes <= first_bytes)
        return 0;
    uint8_t domain = ledger->table.rows[block.row].domain;
    ms_counters_let_go(ledger, &block, 1);
    (void)ms_counters_fall(ledger, domain, block.size_bytes);
    ms_row_passed *passed = ms_rowtable_change_passed(&ledger->table, block.row);
    passed->handed_over++;
    passed->handed_over_bytes += block.size_bytes;
    (void)put_piece(ledger, &block, address, first_bytes);
    return put_piece(ledger, &block, address + first_bytes, block.size_bytes - first_bytes);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* No region goes on across an address any more. */
static void
split_at(ms_ledger *ledger, uint64_t address, const ms_ranges_taker *taker)
{
    ms_regions *regions = &ledger->regions;
    uint32_t place = ms_regions_behind(regions, address);
    if (place == regions->count || regions->items[place].start >= address)
        return;
    ms_region whole = regions->items[place];
    if (!ms_regions_enter(regions, place + 1, address, whole.end)) {
        ledger->out_of_memory = true;
        return;
    }
    regions->items[place].end = address;
    uint32_t row = split_block(ledger, whole.start, address - whole.start);
    if (row != 0)
        taker->split(taker->context, &regions->items[place], &regions->items[place + 1], row);
}

static void
hand_on(const ms_ranges_taker *taker, ms_kind kind, uint64_t address, uint64_t size_bytes, uint32_t stack,
        uint64_t thread)
{
    ms_event event = ms_event_make(kind, MS_MAPPED, address, 0, stack);
    taker->take(taker->context, &event, size_bytes, thread);
}

/* All that lies in a range is freed. */
static void
unmap(ms_ledger *ledger, const ms_region *range, uint32_t by, const ms_ranges_taker *taker)
{
    ms_regions *regions = &ledger->regions;
    split_at(ledger, range->start, taker);
    split_at(ledger, range->end, taker);
    uint32_t place = ms_regions_behind(regions, range->start), count = 0;
    for (; place + count < regions->count && regions->items[place + count].end <= range->end; count++)
        hand_on(taker, MS_FREE, regions->items[place + count].start, 0, by, 0);
    ms_regions_leave_out(regions, place, count);
}

/* A range that begins where a region does. */
static void
map(ms_ledger *ledger, const ms_region *range, uint32_t by, const ms_ranges_taker *taker)
{
    unmap(ledger, range, by, taker); /* something that went unseen */
    if (!ms_regions_enter(&ledger->regions, ms_regions_behind(&ledger->regions, range->start), range->start,
                          range->end))
        ledger->out_of_memory = true;
}

static void
remap_from(ms_ledger *ledger, const ms_region *range, uint32_t by, uint64_t thread, const ms_ranges_taker *taker)
{
    ms_regions *regions = &ledger->regions;
    split_at(ledger, range->start, taker);
    split_at(ledger, range->end, taker);
    uint32_t place = ms_regions_behind(regions, range->start);
    bool known = place < regions->count && regions->items[place].start == range->start;
    if (!known || !ms_regions_begin_remap(regions, place, thread))
        return; /* a file's, or from before the recording: it stays untold */
    hand_on(taker, MS_REALLOC_FROM, range->start, 0, by, thread);
    unmap(ledger, range, by, taker); /* what the kernel has joined to it */
}

static void
remap_end(ms_ledger *ledger, const ms_event *event, const ms_region *range, uint64_t thread,
          const ms_ranges_taker *taker)
{
    ms_region old;
    if (!ms_regions_end_remap(&ledger->regions, thread, &old))
        return;
    bool moved = ms_event_kind(event) == MS_REMAP_TO;
    map(ledger, moved ? range : &old, 0, taker);
    hand_on(taker, moved ? MS_REALLOC_TO : MS_REALLOC_FAILED, moved ? range->start : 0, range->end - range->start,
            event->stack, thread);
}

void
ms_ranges_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread,
               const ms_ranges_taker *taker)
{
    uint64_t start = ms_event_address(event);
    ms_region range = {.start = start, .end = start + size_bytes};
    ms_kind kind = ms_event_kind(event);
    if (kind == MS_MAP) {
        map(ledger, &range, 0, taker);
        hand_on(taker, MS_ALLOC, start, size_bytes, event->stack, thread);
    } else if (kind == MS_UNMAP) {
        unmap(ledger, &range, event->stack, taker);
    } else if (kind == MS_REMAP_FROM) {
        remap_from(ledger, &range, event->stack, thread, taker);
    } else {
        remap_end(ledger, event, &range, thread, taker);
    }
}
