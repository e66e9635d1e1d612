#include "ledger/view.h"

#include "ledger/counters.h"
#include "ledger/slot.h"
#include "shared/sizeclass.h"

/* ---- rows ------------------------------------------------------------------------------------ */

ms_rows
ms_ledger_rows(const ms_ledger *ledger)
{
    return (ms_rows){.row = ledger->table.rows,
                     .rest = ledger->table.rest,
                     .extras = ledger->table.extras,
                     .told = ledger->told,
                     .count = ledger->table.count};
}

/* Moves the number at a place down to where it belongs in a heap with the largest on top. */
static void
sift_down(uint32_t *numbers, uint32_t place, uint32_t count)
{
    uint32_t number = numbers[place], below;
    while ((below = 2 * place + 1) < count) {
        if (below + 1 < count && numbers[below + 1] > numbers[below])
            below++;
        if (numbers[below] <= number)
            break;
        numbers[place] = numbers[below];
        place = below;
    }
    numbers[place] = number;
}

/* In rising order. qsort asks libc for memory, which sets 64 MiB aside for a thread that does so (memory.c). */
static void
sort_numbers(uint32_t *numbers, uint32_t count)
{
    for (uint32_t place = count / 2; place-- > 0;)
        sift_down(numbers, place, count);
    while (count > 1) {
        uint32_t largest = numbers[0];
        numbers[0] = numbers[--count];
        numbers[count] = largest;
        sift_down(numbers, 0, count);
    }
}

const uint32_t *
ms_ledger_touched(ms_ledger *ledger, uint32_t *count)
{
    sort_numbers(ledger->touched, ledger->touched_count);
    *count = ledger->touched_count;
    return ledger->touched;
}

/* ---- levels ---------------------------------------------------------------------------------- */

uint64_t
ms_ledger_live_bytes(const ms_ledger *ledger)
{
    return ms_level_bytes(&ledger->live);
}

uint64_t
ms_ledger_domain_live_bytes(const ms_ledger *ledger, ms_domain domain)
{
    return ms_level_bytes(&ledger->domains[domain].live);
}

uint64_t
ms_ledger_take_most_bytes(ms_ledger *ledger)
{
    uint64_t most = ledger->live.most_bytes;
    ledger->live = (ms_level){.most_bytes = ms_level_bytes(&ledger->live)};
    return most;
}

uint64_t
ms_ledger_peak_time_ns(const ms_ledger *ledger)
{
    return ledger->peak_time_ns;
}

/* ---- stacks, growth, time -------------------------------------------------------------------- */

const ms_linetree *
ms_ledger_lines(const ms_ledger *ledger)
{
    return &ledger->lines;
}

uint32_t
ms_ledger_line_node(ms_ledger *ledger, uint32_t node)
{
    return ms_linetree_of(&ledger->lines, node);
}

const ms_growing *
ms_ledger_grown(ms_ledger *ledger, uint32_t *count)
{
    ms_growth_settle(&ledger->growth);
    *count = ms_growth_gather(&ledger->growth);
    return *count == 0 ? NULL : &ledger->growth.growing[1];
}

uint64_t
ms_ledger_clock(const ms_ledger *ledger)
{
    return ledger->lifetimes.clock;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

typedef struct {
    const ms_ledger *ledger;
    ms_ledger_see_small see;
    void *context;
} showing;

static uint32_t
show_small(void *context, uint64_t address, uint32_t *words)
{
    (void)address;
    const showing *at = context;
    uint32_t row = words[0] >> MS_ROW_SHIFT;
    if (ms_counters_is_stale(at->ledger, words))
        return 1;
    uint8_t size_class = at->ledger->table.rows[row].size_class;
    if (size_class == 0 || size_class > MS_SMALL_CLASSES)
        return 1;
    at->see(at->context, row, size_class);
    return size_class;
}

void
ms_ledger_each_small(ms_ledger *ledger, uint64_t from, uint64_t to, ms_ledger_see_small see, void *context)
{
    showing at = {.ledger = ledger, .see = see, .context = context};
    ms_blockmap_each_in(&ledger->map, from, to, show_small, &at);
}

typedef struct {
    const ms_ledger *ledger;
    ms_ledger_see_block see;
    void *context;
} showing_all;

static uint32_t
show_block(void *context, uint64_t address, uint32_t *words)
{
    const showing_all *at = context;
    if (ms_counters_is_stale(at->ledger, words))
        return 1;
    ms_block block = ms_slot_read(at->ledger, words);
    at->see(at->context, block.row, address, block.size_bytes);
    return ms_slot_span(&block);
}

void
ms_ledger_each_block(ms_ledger *ledger, uint64_t from, uint64_t to, ms_ledger_see_block see, void *context)
{
    showing_all at = {.ledger = ledger, .see = see, .context = context};
    ms_blockmap_each_in(&ledger->map, from, to, show_block, &at);
}

uint64_t
ms_ledger_next_blocks(const ms_ledger *ledger, uint64_t from)
{
    return ms_blockmap_next_leaf(&ledger->map, from);
}

const ms_regions *
ms_ledger_regions(const ms_ledger *ledger)
{
    return &ledger->regions;
}

uint32_t
ms_ledger_block_at(ms_ledger *ledger, uint64_t address, uint64_t *size_bytes)
{
    uint32_t *words = ms_blockmap_slot(&ledger->map, address);
    if (words == NULL || ms_counters_is_stale(ledger, words))
        return 0;
    ms_block block = ms_slot_read(ledger, words);
    *size_bytes = block.size_bytes;
    return block.row;
}

uint32_t
ms_ledger_row_at(ms_ledger *ledger, uint64_t address)
{
    uint64_t size_bytes;
    return ms_ledger_block_at(ledger, address, &size_bytes);
}

void
ms_ledger_expect_blocks(ms_ledger *ledger, uint64_t from, uint64_t to)
{
    if (ledger->sample_bytes == 0) /* else few of them are known */
        ms_blockmap_expect(&ledger->map, from, to);
}

void
ms_ledger_wipe_block(ms_ledger *ledger, uint64_t address)
{
    ms_blockmap_wipe(&ledger->map, address);
}

void
ms_ledger_wipe_blocks(ms_ledger *ledger)
{
    ms_blockmap_restart(&ledger->map);
}

/* ---- health ---------------------------------------------------------------------------------- */

ms_unmatched
ms_ledger_unmatched(const ms_ledger *ledger)
{
    return (ms_unmatched){
        .frees = ledger->unknown_frees,
        .reallocations = ledger->unknown_reallocations,
        .replaced_blocks = ledger->replaced_blocks,
        .adopted_blocks = ledger->adopted_blocks,
    };
}

bool
ms_ledger_out_of_memory(const ms_ledger *ledger)
{
    return ledger->out_of_memory;
}

bool
ms_ledger_is_damaged(const ms_ledger *ledger)
{
    return ledger->lines.damaged;
}

void
ms_ledger_set_program_gone(ms_ledger *ledger, bool gone)
{
    ledger->lines.impatient = gone;
}
