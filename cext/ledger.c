#include "ledger.h"

#include <string.h>

#include "memory.h"
#include "sampler.h"
#include "slot.h"
#include "sweep.h"

#define TOUCHED_FIRST 1024u
#define HINTS_FIRST 1024u
#define SIDE_FIRST 64u

ms_status
ms_ledger_open(ms_ledger *ledger, const ms_segment *segment, uint64_t sample_bytes,
               bool keep_imports)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->segment = segment;
    ledger->sample_bytes = sample_bytes;
    ledger->keep_imports = keep_imports;
    ledger->moment = ledger->peak_left = ledger->window_opened = 1;
    ledger->touched_capacity = TOUCHED_FIRST;
    ledger->side_capacity = SIDE_FIRST;
    ledger->hints_capacity = HINTS_FIRST;
    ledger->touched = ms_memory_get(TOUCHED_FIRST * sizeof *ledger->touched);
    ledger->side_pending = ms_memory_get(SIDE_FIRST * sizeof *ledger->side_pending);
    ledger->hints = ms_memory_get(HINTS_FIRST * MS_HINTS * sizeof *ledger->hints);
    /* A chain of blocks of which some are not recorded is none. */
    ledger->growth_from_bytes = sample_bytes == 0 ? MS_GROWTH_LEAST_BYTES : MS_SAMPLE_EXACT_BYTES;
    bool parts = ms_rowtable_open(&ledger->table) == MS_OK && ms_ages_open(&ledger->ages) == MS_OK &&
                 ms_growth_open(&ledger->growth) == MS_OK &&
                 ms_blockmap_open(&ledger->map) == MS_OK &&
                 ms_linetree_open(&ledger->lines, segment) == MS_OK;
    if (!parts || ledger->touched == NULL || ledger->side_pending == NULL ||
        ledger->hints == NULL) {
        ms_ledger_close(ledger);
        return MS_NO_MEMORY;
    }
    return MS_OK;
}

void
ms_ledger_close(ms_ledger *ledger)
{
    ms_rowtable_close(&ledger->table);
    ms_ages_close(&ledger->ages);
    ms_growth_close(&ledger->growth);
    ms_linetree_close(&ledger->lines);
    ms_blockmap_close(&ledger->map);
    ms_memory_give(ledger->touched);
    ms_memory_give(ledger->side_pending);
    ms_memory_give(ledger->hints);
    memset(ledger, 0, sizeof *ledger);
}

uint64_t
ms_ledger_memory_bytes(const ms_ledger *ledger)
{
    return ms_rowtable_bytes(&ledger->table) + ms_ages_bytes(&ledger->ages) +
           ms_growth_bytes(&ledger->growth) + ledger->map.bytes;
}

uint64_t
ms_ledger_lifetime(const ms_ledger *ledger, const ms_row *row, uint32_t bucket)
{
    return ms_ages_counted(&ledger->ages, row->lifetimes, bucket);
}

void
ms_ledger_batch(ms_ledger *ledger, uint64_t time_ns)
{
    /* Not left to the windows: those of a long run last long enough for births to go round. */
    if (MS_UNLIKELY(ms_sweep_is_due(ledger)))
        ms_sweep_births(ledger);
    ledger->now_ns = time_ns;
    ms_ages_batch(&ledger->ages, time_ns);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

ms_tally
ms_ledger_domain(const ms_ledger *ledger, ms_domain domain)
{
    const ms_domain_sums *sums = &ledger->domains[domain];
    ms_tally tally = {.live_bytes = ms_level_bytes(&sums->live),
                      .peak_bytes = sums->live.most_bytes,
                      .reallocations = sums->reallocations,
                      .taken_away = sums->taken_away};
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        if (row->domain != (uint8_t)domain)
            continue;
        tally.allocations += row->allocations;
        tally.allocated_bytes += row->allocated_bytes;
        tally.frees += row->released;
    }
    tally.frees -= tally.taken_away;
    return tally;
}

ms_tally
ms_ledger_total(const ms_ledger *ledger)
{
    ms_tally total = {.live_bytes = ms_level_bytes(&ledger->live), .peak_bytes = ledger->peak_bytes};
    for (int i = 0; i < MS_DOMAINS; i++) {
        ms_tally domain = ms_ledger_domain(ledger, (ms_domain)i);
        total.allocations += domain.allocations;
        total.allocated_bytes += domain.allocated_bytes;
        total.frees += domain.frees;
        total.reallocations += domain.reallocations;
        total.taken_away += domain.taken_away;
    }
    return total;
}

uint64_t
ms_ledger_peak_blocks(const ms_ledger *ledger)
{
    uint64_t blocks = 0;
    for (uint32_t id = 1; id <= ledger->table.count; id++)
        blocks += ledger->table.rest[id].peak_blocks;
    return blocks;
}

uint64_t
ms_ledger_pooled_bytes(const ms_ledger *ledger)
{
    return ms_level_bytes(&ledger->live) - ms_level_bytes(&ledger->domains[MS_RAW].live) - ledger->large_bytes;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

/* Takes the block at address out of the map; words: its slot, NULL if there is none. False: none was known there. */
MS_INLINE bool
take_block(ms_ledger *ledger, uint64_t address, uint32_t *words, ms_block *block)
{
    if (words == NULL || words[0] == 0 || MS_UNLIKELY(ms_sums_is_stale(ledger, words)))
        return false;
    *block = ms_slot_read(ledger, address, words);
    /* All words of the block: the next one here may start at any of its granules. */
    words[0] = 0;
    if (block->size_bytes > 16)
        words[1] = 0;
    if (block->size_bytes > MS_SMALL_MAX)
        words[2] = words[3] = 0;
    ms_blockmap_dropped(&ledger->map, address);
    return true;
}

/* To be called for each block that comes or goes the long way: the short one has small blocks alone. */
MS_INLINE void
count_large(ms_ledger *ledger, uint32_t id, uint64_t size_bytes, uint64_t change_bytes)
{
    if (MS_UNLIKELY(size_bytes > MS_SMALL_MAX) && ledger->table.rows[id].domain != MS_RAW)
        ledger->large_bytes += change_bytes;
}

MS_INLINE ms_domain_sums *
count_out(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    count_large(ledger, block->row, block->size_bytes, 0 - block->size_bytes * weight);
    return ms_sums_count_out(ledger, block, weight);
}

static MS_COLD void
replace_block(ms_ledger *ledger, uint64_t address, uint32_t *words)
{
    ms_block old;
    if (!take_block(ledger, address, words, &old))
        return;
    uint64_t weight = ms_sums_weight(ledger, old.size_bytes);
    ledger->replaced_blocks++;
    count_out(ledger, &old, weight)->taken_away += weight;
}

/* words: the slot, NULL if it is yet to be made. */
MS_INLINE void
put_block(ms_ledger *ledger, uint64_t address, uint32_t *words, const ms_block *block)
{
    if (MS_UNLIKELY(words == NULL)) {
        words = ms_blockmap_slot(&ledger->map, address, true);
        if (words == NULL) {
            /* Counted, but its free will not be: the capture says so. */
            ledger->out_of_memory = true;
            return;
        }
    }
    if (MS_UNLIKELY(words[0] != 0)) { /* its free went unseen */
        replace_block(ledger, address, words);
        words = ms_blockmap_slot(&ledger->map, address, true);
        if (words == NULL)
            return;
    }
    ms_slot_write(ledger, address, words, block);
}

static MS_COLD uint32_t
add_row(ms_ledger *ledger, uint32_t stack, ms_domain domain, uint8_t size_class)
{
    uint32_t id = ms_rowtable_add(&ledger->table, stack, domain, size_class);
    if (id == 0)
        ledger->out_of_memory = true;
    else
        ledger->table.rows[id].thread =
            (uint16_t)MS_NODE_THREAD(ledger->lines.nodes[stack].state);
    return id;
}

/* The row for a node of the segment, when the hint was wrong. 0: left out, or no memory. */
static uint32_t
row_of(ms_ledger *ledger, uint32_t node, ms_domain domain, uint8_t size_class)
{
    if (MS_UNLIKELY(domain >= MS_DOMAINS)) { /* two bits can say four */
        ledger->lines.damaged = true;
        return 0;
    }
    uint32_t stack = ms_linetree_of(&ledger->lines, node);
    if (MS_UNLIKELY(stack == 0 && node != 0))
        ledger->out_of_memory = true;
    if (!ledger->keep_imports && (ledger->lines.nodes[stack].state & MS_NODE_IMPORT) != 0)
        return 0;
    uint32_t id = ms_rowtable_find(&ledger->table, stack, domain, size_class);
    if (MS_UNLIKELY(id == 0))
        id = add_row(ledger, stack, domain, size_class);
    if (node < ledger->hints_capacity)
        ledger->hints[node * MS_HINTS + ms_hint_of(domain, size_class)] = id;
    return id;
}

static void
count_reallocation(ms_ledger *ledger, uint32_t id, ms_block *block, uint64_t address,
                   const ms_pending *old)
{
    uint64_t weight = ms_sums_weight(ledger, block->size_bytes);
    ms_row_rest *rest = &ledger->table.rest[id];
    rest->reallocations += weight;
    ledger->domains[ledger->table.rows[id].domain].reallocations += weight;
    if (old->row == 0)
        return;
    block->chain = old->chain + 1;
    if (block->chain > rest->longest_chain)
        rest->longest_chain = block->chain;
    if (old->address == address)
        return;
    rest->moved += weight;
    rest->copied_bytes +=
        weight * (old->size_bytes < block->size_bytes ? old->size_bytes : block->size_bytes);
}

/* Adds a block. slot: of its address, or NULL; old: what it was before a reallocation, or NULL. */
MS_INLINE void
add_block(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint32_t *slot,
          const ms_pending *old)
{
    uint64_t address = ms_event_address(event);
    uint8_t size_class = ms_sizeclass(size_bytes);
    uint32_t id = ms_sums_hinted_row(ledger, event->stack, ms_event_domain(event), size_class);
    if (MS_UNLIKELY(id == 0 || ledger->table.rows[id].size_class != size_class ||
                    ledger->table.rows[id].domain != (uint8_t)ms_event_domain(event)))
        id = row_of(ledger, event->stack, ms_event_domain(event), size_class);
    if (MS_UNLIKELY(id == 0))
        return;
    uint64_t weight = ms_sums_weight(ledger, size_bytes);
    ms_block block = {.row = id, .birth = (uint32_t)ledger->ages.clock, .size_bytes = size_bytes};
    if (MS_UNLIKELY(old != NULL))
        count_reallocation(ledger, id, &block, address, old);
    put_block(ledger, address, slot, &block);
    ms_row *row = &ledger->table.rows[id];
    if (size_bytes == 0) /* rises no further */
        ms_sums_leave_peak(ledger);
    ms_sums_touch(ledger, id, row);
    uint64_t real_bytes = ledger->sample_bytes == 0 ? size_bytes : size_bytes * weight / MS_SAMPLE_UNIT;
    ms_sums_count_in(ledger, row, size_bytes, weight, (real_bytes + 15) >> 4);
    count_large(ledger, id, size_bytes, size_bytes * weight);
    if (MS_UNLIKELY(size_bytes >= ledger->growth_from_bytes) && old == NULL &&
        !ms_growth_allocated(&ledger->growth, row->stack, address, size_bytes, ledger->ages.clock))
        ledger->out_of_memory = true;
}

MS_INLINE void
free_block(ms_ledger *ledger, uint64_t address, uint32_t *slot, uint32_t thread)
{
    ms_block block;
    if (MS_UNLIKELY(!take_block(ledger, address, slot, &block))) {
        ledger->unknown_frees++;
        return;
    }
    uint64_t weight = ms_sums_weight(ledger, block.size_bytes);
    count_out(ledger, &block, weight);
    if (MS_UNLIKELY(ledger->table.rows[block.row].thread != thread))
        ledger->table.rest[block.row].foreign_frees += weight;
    if (MS_UNLIKELY(block.size_bytes >= ledger->growth_from_bytes))
        ms_growth_freed(&ledger->growth, ledger->table.rows[block.row].stack, address,
                        block.size_bytes, ledger->ages.clock);
}

/* ---- reallocations ------------------------------------------------------------------------------- */

/* Where the reallocation of this thread is remembered. NULL: no memory, or none under way. */
static ms_pending *
pending_of(ms_ledger *ledger, uint64_t thread, bool create)
{
    if (thread == 0)
        return &ledger->main_pending;
    for (uint32_t i = 0; i < ledger->side_count; i++) {
        if (ledger->side_pending[i].thread == thread)
            return &ledger->side_pending[i];
    }
    if (!create)
        return NULL;
    if (ledger->side_count == ledger->side_capacity) {
        size_t bytes = ledger->side_capacity * sizeof(ms_pending);
        ms_pending *grown = ms_memory_grow(ledger->side_pending, bytes, 2 * bytes);
        if (grown == NULL) {
            ledger->out_of_memory = true;
            return NULL;
        }
        ledger->side_pending = grown;
        ledger->side_capacity *= 2;
    }
    ms_pending *pending = &ledger->side_pending[ledger->side_count++];
    pending->thread = thread;
    return pending;
}

uint64_t
ms_ledger_pending_address(ms_ledger *ledger, uint64_t thread)
{
    const ms_pending *pending = pending_of(ledger, thread, false);
    return pending == NULL ? 0 : pending->address;
}

static void
realloc_from(ms_ledger *ledger, uint64_t address, uint64_t thread)
{
    ms_pending *pending = pending_of(ledger, thread, true);
    if (pending == NULL)
        return;
    ms_block block = {0};
    (void)take_block(ledger, address, ms_blockmap_slot(&ledger->map, address, false), &block);
    pending->address = address;
    pending->row = block.row;
    pending->birth = block.birth;
    pending->chain = block.chain;
    pending->size_bytes = block.size_bytes;
}

static void
realloc_end(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    static const ms_pending unknown;
    ms_pending *slot = pending_of(ledger, thread, false);
    ms_pending old = slot == NULL ? unknown : *slot;
    if (slot != NULL && thread != 0)
        *slot = ledger->side_pending[--ledger->side_count];
    ms_block block = {
        .row = old.row, .birth = old.birth, .chain = old.chain, .size_bytes = old.size_bytes};
    if (ms_event_kind(event) == MS_REALLOC_FAILED) {
        if (old.row != 0)
            put_block(ledger, old.address, NULL, &block);
        return;
    }
    if (old.row != 0) {
        uint64_t weight = ms_sums_weight(ledger, old.size_bytes);
        count_out(ledger, &block, weight)->taken_away += weight;
        ledger->table.rest[old.row].reallocated += weight;
    }
    if (ms_event_kind(event) != MS_REALLOC_TO)
        return;
    ledger->unknown_reallocations += old.row == 0;
    add_block(ledger, event, size_bytes, NULL, &old);
}

/* ---- events -------------------------------------------------------------------------------------- */

/* slot: of the event's address if it is known, else NULL. */
MS_INLINE void
take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint32_t *slot, uint64_t thread)
{
    ms_kind kind = ms_event_kind(event);
    if (MS_UNLIKELY(slot == NULL))
        slot = ms_blockmap_slot(&ledger->map, ms_event_address(event), false);
    if (kind == MS_ALLOC)
        add_block(ledger, event, size_bytes, slot, NULL);
    else if (kind == MS_FREE)
        free_block(ledger, ms_event_address(event), slot, event->stack);
    else if (kind == MS_REALLOC_FROM)
        realloc_from(ledger, ms_event_address(event), thread);
    else
        realloc_end(ledger, event, size_bytes, thread);
}

void
ms_ledger_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    take(ledger, event, size_bytes, NULL, thread);
}

void
ms_ledger_settle_peak(ms_ledger *ledger)
{
    ms_sums_leave_peak(ledger);
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        if (ledger->table.rows[id].seen < ledger->peak_left)
            ms_sums_save_peak(ledger, id);
    }
}

void
ms_ledger_settle_touched(ms_ledger *ledger)
{
    ms_sums_leave_peak(ledger);
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        if (ledger->table.rows[id].seen < ledger->peak_left)
            ms_sums_save_peak(ledger, id);
    }
}

void
ms_ledger_next_window(ms_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        const ms_row *row = &ledger->table.rows[ledger->touched[i]];
        ms_row_rest *rest = &ledger->table.rest[ledger->touched[i]];
        rest->old_allocations = row->allocations;
        rest->old_allocated_bytes = row->allocated_bytes;
        rest->old_released = row->released;
        rest->old_released_bytes = row->released_bytes;
    }
    ledger->touched_count = 0;
    ledger->window_opened = ++ledger->moment;
}

void
ms_ledger_restart(ms_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        ms_row *row = &ledger->table.rows[id];
        *row = (ms_row){.stack = row->stack,
                        .domain = row->domain,
                        .size_class = row->size_class,
                        .thread = row->thread};
        ledger->table.rest[id] = (ms_row_rest){0};
    }
    ledger->touched_count = 0;
    ms_ages_restart(&ledger->ages);
    ms_growth_restart(&ledger->growth);
    ledger->main_pending = (ms_pending){0};
    ledger->side_count = 0;
    memset(ledger->domains, 0, sizeof ledger->domains);
    ledger->live = (ms_level){0};
    ledger->large_bytes = ledger->peak_bytes = 0;
    ledger->at_peak = false;
    ledger->peak_left = ledger->window_opened = ++ledger->moment;
    ledger->peak_time_ns = ledger->now_ns = ledger->swept_at = 0;
    ledger->unknown_frees = ledger->unknown_reallocations = ledger->replaced_blocks = 0;
}
