#include "ledger/ledger.h"

#include <string.h>

#include "ledger/ownership.h"
#include "ledger/slot.h"
#include "ledger/sweep.h"
#include "shared/array.h"
#include "shared/sampler.h"

#define NOGIL_FIRST 64u

static uint32_t
measure_block(const void *context, const uint32_t *words)
{
    const ms_ledger *ledger = context;
    if (ms_counters_is_stale(ledger, words))
        return 0;
    ms_block block = ms_slot_read(ledger, words);
    return ms_slot_span(&block);
}

ms_ledger *
ms_ledger_create(const ms_segment *segment, uint64_t sample_bytes, bool keep_imports)
{
    ms_ledger *ledger = ms_memory_get(sizeof *ledger);
    if (ledger == NULL)
        return NULL;
    ledger->segment = segment;
    ledger->sample_bytes = sample_bytes;
    ledger->sampling = sample_bytes != 0;
    ledger->keep_imports = keep_imports;
    ledger->epoch = ledger->peak_left = ledger->window_opened = 1;
    ledger->fold_bits = MS_FOLD_BITS_FIRST;
    /* A chain of blocks of which some are not recorded is none. */
    ledger->growth_from_bytes = sample_bytes == 0 ? MS_GROWTH_LEAST_BYTES : MS_SAMPLE_EXACT_BYTES;
    bool parts =
        ms_rowtable_open(&ledger->table) == MS_OK && ms_blockmap_open(&ledger->map, measure_block, ledger) == MS_OK &&
        ms_linetree_open(&ledger->lines, segment) == MS_OK && ms_hints_open(&ledger->hints, MS_HINTS_MOST) == MS_OK &&
        ms_hints_open(&ledger->made, MS_HINTS_MOST_MADE) == MS_OK;
    if (!parts) {
        ms_ledger_destroy(ledger);
        return NULL;
    }
    return ledger;
}

void
ms_ledger_destroy(ms_ledger *ledger)
{
    if (ledger == NULL)
        return;
    ms_rowtable_close(&ledger->table);
    ms_lifetimes_close(&ledger->lifetimes);
    ms_growth_close(&ledger->growth);
    ms_linetree_close(&ledger->lines);
    ms_blockmap_close(&ledger->map);
    ms_memory_give(ledger->touched);
    ms_memory_give(ledger->told);
    ms_memory_give(ledger->nogil_pending);
    ms_regions_close(&ledger->regions);
    ms_hints_close(&ledger->hints);
    ms_hints_close(&ledger->made);
    ms_memory_give(ledger);
}

uint64_t
ms_ledger_memory_bytes(const ms_ledger *ledger)
{
    return ms_rowtable_bytes(&ledger->table) + ms_lifetimes_bytes(&ledger->lifetimes) +
           ms_growth_bytes(&ledger->growth) + ms_hints_bytes(&ledger->hints) + ms_hints_bytes(&ledger->made) +
           ms_linetree_bytes(&ledger->lines) + ledger->map.bytes + ledger->regions.capacity * sizeof(ms_region);
}

uint64_t
ms_ledger_lifetime(const ms_ledger *ledger, const ms_row *row, uint32_t bucket)
{
    return ms_lifetimes_counted(&ledger->lifetimes, row->histogram, bucket);
}

void
ms_ledger_batch(ms_ledger *ledger, uint64_t time_ns)
{
    /* Not left to the windows: those of a long run last long enough for births to go round. */
    if (MS_UNLIKELY(ms_sweep_is_due(ledger)))
        ms_sweep_births(ledger);
    ledger->typed = atomic_load_explicit(&ledger->segment->header->objects, memory_order_relaxed) != MS_OBJECTS_NONE;
    ledger->now_ns = time_ns;
    ms_lifetimes_batch(&ledger->lifetimes, time_ns);
}

/* ---- counters ------------------------------------------------------------------------------------ */

/* What is known of a domain without its rows. */
static ms_counters
domain_without_rows(const ms_ledger *ledger, int domain)
{
    const ms_domain_counters *kept = &ledger->domains[domain];
    return (ms_counters){.live_bytes = ms_level_bytes(&kept->live),
                         .peak_bytes = kept->live.most_bytes,
                         .reallocations = kept->reallocations,
                         .taken_away = kept->taken_away,
                         .allocations = ledger->spilled.allocations[domain],
                         .allocated_bytes = ledger->spilled.allocated_bytes[domain],
                         .frees = ledger->spilled.frees[domain] - kept->taken_away};
}

void
ms_ledger_sum(const ms_ledger *ledger, ms_sums *sums)
{
    for (int i = 0; i < MS_DOMAINS; i++)
        sums->domains[i] = domain_without_rows(ledger, i);
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
        ms_counters *domain = &sums->domains[row->domain];
        domain->allocations += row->allocations - passed->taken_in;
        domain->allocated_bytes += row->allocated_bytes - passed->taken_in_bytes;
        domain->frees += row->released - passed->handed_over;
        domain->live_blocks += ms_row_live_blocks(row);
    }
    sums->total = (ms_counters){.live_bytes = ms_level_bytes(&ledger->live), .peak_bytes = ledger->peak_bytes};
    for (int i = 0; i < MS_DOMAINS; i++) {
        sums->total.allocations += sums->domains[i].allocations;
        sums->total.allocated_bytes += sums->domains[i].allocated_bytes;
        sums->total.frees += sums->domains[i].frees;
        sums->total.reallocations += sums->domains[i].reallocations;
        sums->total.taken_away += sums->domains[i].taken_away;
        sums->total.live_blocks += sums->domains[i].live_blocks;
    }
}

ms_counters
ms_ledger_total(const ms_ledger *ledger)
{
    ms_sums sums;
    ms_ledger_sum(ledger, &sums);
    return sums.total;
}

uint64_t
ms_ledger_peak_blocks(const ms_ledger *ledger)
{
    uint64_t blocks = ledger->spilled.peak_blocks;
    for (uint32_t id = 1; id <= ledger->table.count; id++)
        blocks += ledger->table.rest[id].peak_blocks;
    return blocks;
}

uint64_t
ms_ledger_pooled_bytes(const ms_ledger *ledger)
{
    uint64_t bytes = 0;
    for (int i = 0; i < MS_DOMAINS; i++)
        bytes += ms_domain_is_pooled((ms_domain)i) ? ms_level_bytes(&ledger->domains[i].live) : 0;
    return bytes - ledger->large_bytes;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* To be called for each block that comes or goes the long way: the short one has small blocks alone. */
MS_INLINE void
count_large(ms_ledger *ledger, uint32_t id, uint64_t size_bytes, uint64_t change_bytes)
{
    if (MS_UNLIKELY(size_bytes > MS_SMALL_MAX) && ms_domain_is_pooled((ms_domain)ledger->table.rows[id].domain))
        ledger->large_bytes += change_bytes;
}

MS_INLINE ms_domain_counters *
count_out(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    count_large(ledger, block->row, block->size_bytes, 0 - block->size_bytes * weight);
    const ms_row *row = &ledger->table.rows[block->row];
    if (MS_LIKELY(row->type != MS_TYPE_PARKED))
        return ms_counters_count_out(ledger, block, weight);
    ms_counters_let_go(ledger, block, weight); /* no lifetime: the object ended before */
    return ms_counters_fall(ledger, row->domain, block->size_bytes * weight);
}

static MS_COLD void
replace_block(ms_ledger *ledger, uint64_t address, uint32_t *words)
{
    ms_block old;
    if (!ms_slot_take(ledger, address, words, &old))
        return;
    uint64_t weight = ms_counters_weight(ledger, old.row, old.size_bytes);
    ledger->replaced_blocks++;
    count_out(ledger, &old, weight)->taken_away += weight;
}

/* words: the slot, NULL if it is yet to be made. */
MS_INLINE void
put_block(ms_ledger *ledger, uint64_t address, uint32_t *words, const ms_block *block)
{
    if (MS_UNLIKELY(words == NULL)) {
        words = ms_slot_make(ledger, address, block->row);
        if (words == NULL) {
            /* Counted, but its free will not be: the capture says so. */
            ledger->out_of_memory = true;
            return;
        }
    }
    if (MS_UNLIKELY(words[0] != 0)) { /* its free went unseen */
        replace_block(ledger, address, words);
        words = ms_slot_make(ledger, address, block->row);
        if (words == NULL)
            return;
    }
    ms_slot_write(ledger, address, words, block);
}

static MS_COLD uint32_t
add_row(ms_ledger *ledger, uint32_t stack, ms_domain domain, uint8_t size_class)
{
    uint32_t id = ms_rowtable_add(&ledger->table, stack, domain, size_class, ledger->sampling);
    if (id == 0)
        ledger->out_of_memory = true;
    else
        ledger->table.rows[id].thread = (uint8_t)MS_NODE_THREAD(ledger->lines.nodes[stack].state);
    return id;
}

/* The row for a node of the segment, when the hint was wrong. 0: left out, or no memory. */
static uint32_t
row_of(ms_ledger *ledger, uint32_t node, ms_domain domain, uint8_t size_class)
{
    if (MS_UNLIKELY(domain >= MS_DOMAINS)) { /* three bits can say eight */
        ledger->lines.damaged = true;
        return 0;
    }
    uint32_t stack = ms_linetree_of(&ledger->lines, node);
    if (MS_UNLIKELY(stack == 0 && node != 0))
        ledger->out_of_memory = true;
    if (!ledger->keep_imports && (ledger->lines.nodes[stack].state & MS_NODE_IMPORT) != 0)
        return 0;
    uint32_t id = ms_rowtable_find(&ledger->table, stack, domain, size_class, ledger->sampling);
    if (MS_UNLIKELY(id == 0))
        id = add_row(ledger, stack, domain, size_class);
    else if (ledger->table.rest[id].latest != 0)
        id = ledger->table.rest[id].latest;
    ledger->table.rest[id].node = node;
    ms_hints_set(&ledger->hints, node, domain, size_class, id);
    return id;
}

static void
count_reallocation(ms_ledger *ledger, uint32_t id, ms_block *block, uint64_t address, const ms_pending *old)
{
    uint64_t weight = ms_counters_weight(ledger, id, block->size_bytes);
    ms_row_seldom *seldom = ms_rowtable_change_seldom(&ledger->table, id);
    seldom->reallocations += weight;
    ledger->domains[ledger->table.rows[id].domain].reallocations += weight;
    if (old->row == 0)
        return;
    block->chain = old->chain + 1;
    if (block->chain > seldom->longest_chain)
        seldom->longest_chain = block->chain;
    if (old->address == address)
        return;
    seldom->moved += weight;
    seldom->copied_bytes += weight * (old->size_bytes < block->size_bytes ? old->size_bytes : block->size_bytes);
}

/* Adds a block. slot: of its address, or NULL; old: what it was before a reallocation, or NULL. */
MS_INLINE void
add_block(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint32_t *slot, const ms_pending *old)
{
    uint64_t address = ms_event_address(event);
    uint8_t size_class = ms_sizeclass(size_bytes);
    uint32_t id = ms_hints_row(&ledger->hints, event->stack, ms_event_domain(event), size_class);
    if (MS_UNLIKELY(id == 0 || ledger->table.rows[id].size_class != size_class ||
                    ledger->table.rows[id].domain != (uint8_t)ms_event_domain(event) ||
                    ledger->table.rows[id].is_sampled != ledger->sampling))
        id = row_of(ledger, event->stack, ms_event_domain(event), size_class);
    if (MS_UNLIKELY(id == 0))
        return;
    uint64_t weight = ms_counters_weight(ledger, id, size_bytes);
    ms_block block = {.row = id, .birth = (uint32_t)ledger->lifetimes.clock, .size_bytes = size_bytes};
    if (MS_UNLIKELY(old != NULL))
        count_reallocation(ledger, id, &block, address, old);
    put_block(ledger, address, slot, &block);
    ms_row *row = &ledger->table.rows[id];
    if (size_bytes == 0) /* rises no further */
        ms_counters_leave_peak(ledger);
    ms_counters_touch(ledger, id, row);
    uint64_t real_bytes = ledger->sample_bytes == 0 ? size_bytes : size_bytes * weight / MS_SAMPLE_UNIT;
    ledger->requests += weight;
    ms_counters_count_in(ledger, row, size_bytes, weight, (real_bytes + 15) >> 4);
    count_large(ledger, id, size_bytes, size_bytes * weight);
    if (MS_UNLIKELY(size_bytes >= ledger->growth_from_bytes) && old == NULL &&
        !ms_growth_allocated(&ledger->growth, row->stack, address, size_bytes, ledger->lifetimes.clock))
        ledger->out_of_memory = true;
}

MS_INLINE void
free_block(ms_ledger *ledger, uint64_t address, uint32_t *slot, uint32_t thread, uint32_t type)
{
    ms_block block;
    if (MS_UNLIKELY(!ms_slot_take(ledger, address, slot, &block))) {
        ledger->unknown_frees++;
        return;
    }
    uint64_t weight = ms_counters_weight(ledger, block.row, block.size_bytes);
    if (ledger->typed)
        ms_ownership_settle(ledger, &block, type);
    count_out(ledger, &block, weight);
    const ms_row *row = &ledger->table.rows[block.row];
    if (MS_UNLIKELY(row->thread != thread) && row->type != MS_TYPE_PARKED)
        ms_rowtable_change_seldom(&ledger->table, block.row)->foreign_frees += weight;
    if (MS_UNLIKELY(block.size_bytes >= ledger->growth_from_bytes))
        ms_growth_freed(&ledger->growth, ledger->table.rows[block.row].stack, address, block.size_bytes,
                        ledger->lifetimes.clock);
}

/* ---- reallocations --------------------------------------------------------------------------- */

/* Where the reallocation of this thread is remembered. NULL: no memory, or none under way. */
static ms_pending *
pending_of(ms_ledger *ledger, uint64_t thread, bool create)
{
    if (thread == 0)
        return &ledger->gil_pending;
    for (uint32_t i = 0; i < ledger->nogil_count; i++) {
        if (ledger->nogil_pending[i].thread == thread)
            return &ledger->nogil_pending[i];
    }
    if (!create)
        return NULL;
    if (!MS_ARRAY_HOLDS(ledger->nogil_pending, ledger->nogil_capacity, ledger->nogil_count + 1, NOGIL_FIRST)) {
        ledger->out_of_memory = true;
        return NULL;
    }
    ms_pending *pending = &ledger->nogil_pending[ledger->nogil_count++];
    pending->thread = thread;
    return pending;
}

uint64_t
ms_ledger_pending_address(ms_ledger *ledger, uint64_t thread)
{
    const ms_pending *pending = pending_of(ledger, thread, false);
    return pending == NULL ? 0 : pending->address;
}

uint64_t
ms_ledger_moving_bytes(const ms_ledger *ledger)
{
    uint64_t bytes = ledger->gil_pending.size_bytes;
    for (uint32_t i = 0; i < ledger->nogil_count; i++)
        bytes += ledger->nogil_pending[i].size_bytes;
    return bytes;
}

static void
realloc_from(ms_ledger *ledger, uint64_t address, uint64_t thread)
{
    ms_pending *pending = pending_of(ledger, thread, true);
    if (pending == NULL)
        return;
    ms_block block = {0};
    (void)ms_slot_take(ledger, address, ms_blockmap_slot(&ledger->map, address), &block);
    pending->address = address;
    pending->row = block.row;
    pending->birth = block.birth;
    pending->chain = block.chain;
    pending->taken_in = block.taken_in;
    pending->size_bytes = block.size_bytes;
}

static void
realloc_end(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    static const ms_pending unknown;
    ms_pending *slot = pending_of(ledger, thread, false);
    ms_pending old = slot == NULL ? unknown : *slot;
    if (slot != NULL && thread != 0)
        *slot = ledger->nogil_pending[--ledger->nogil_count];
    else if (slot != NULL)
        slot->size_bytes = 0;
    ms_block block = {
        .row = old.row, .birth = old.birth, .chain = old.chain, .taken_in = old.taken_in, .size_bytes = old.size_bytes};
    if (ms_event_kind(event) == MS_REALLOC_FAILED) {
        if (old.row != 0)
            put_block(ledger, old.address, NULL, &block);
        return;
    }
    if (old.row != 0) {
        uint64_t weight = ms_counters_weight(ledger, old.row, old.size_bytes);
        count_out(ledger, &block, weight)->taken_away += weight;
        ms_rowtable_change_seldom(&ledger->table, old.row)->reallocated += weight;
    }
    if (ms_event_kind(event) != MS_REALLOC_TO)
        return;
    ledger->unknown_reallocations += old.row == 0;
    add_block(ledger, event, size_bytes, NULL, &old);
}

/* ---- objects ---------------------------------------------------------------------------------- */

/* An object was made in a block from before the recording, or owns it: from now on it is one of the recording's. */
static void
adopt_block(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    if (ledger->sample_bytes != 0)
        return; /* it is one that was not kept */
    uint64_t address = ms_event_address(event);
    uint32_t bytes = ms_reuse_bytes(event);
    uint32_t id = row_of(ledger, event->stack, ms_event_domain(event), ms_sizeclass(bytes));
    bool owned = ms_event_kind(event) == MS_OWNED;
    if (id != 0 && owned)
        id = ms_ownership_row(ledger, id, ledger->table.rows[id].stack, ms_reuse_type(event));
    if (id == 0)
        return;
    ms_block block = {.row = id, .birth = (uint32_t)ledger->lifetimes.clock, .taken_in = true, .size_bytes = bytes};
    put_block(ledger, address, slot, &block);
    ms_row *row = &ledger->table.rows[id];
    if (bytes == 0)
        ms_counters_leave_peak(ledger);
    ms_counters_touch(ledger, id, row);
    ms_counters_count_in(ledger, row, bytes, 1, ((uint64_t)bytes + 15) >> 4);
    count_large(ledger, id, bytes, bytes);
    ms_row_passed *passed = ms_rowtable_change_passed(&ledger->table, id);
    passed->taken_in++;
    passed->taken_in_bytes += bytes;
    passed->reused += !owned;
    ledger->adopted_blocks++;
}

/* The block now belongs to a line that is left out: it passes to no row. */
static void
leave_out(ms_ledger *ledger, uint64_t address, uint32_t *slot)
{
    ms_block block;
    if (!ms_slot_take(ledger, address, slot, &block))
        return;
    uint64_t weight = ms_counters_weight(ledger, block.row, block.size_bytes);
    (void)count_out(ledger, &block, weight);
    ms_row_passed *passed = ms_rowtable_change_passed(&ledger->table, block.row);
    passed->handed_over += weight;
    passed->handed_over_bytes += weight * block.size_bytes;
}

/* The row for an object that was made in a block of row `like`. 0: its line is left out, or no memory. */
static uint32_t
row_of_made(ms_ledger *ledger, uint32_t like, uint32_t node, uint32_t type)
{
    const ms_row *from = &ledger->table.rows[like];
    ms_domain domain = (ms_domain)from->domain;
    uint8_t size_class = from->size_class;
    uint32_t id = ms_hints_row(&ledger->hints, node, domain, size_class);
    if (MS_UNLIKELY(id == 0 || ledger->table.rows[id].size_class != size_class ||
                    ledger->table.rows[id].domain != (uint8_t)domain))
        id = row_of(ledger, node, domain, size_class);
    if (id == 0 || type == 0)
        return id;
    if (MS_UNLIKELY(ledger->table.rows[id].type != type))
        id = ms_ownership_predict(ledger, id, node, type);
    ms_hints_set(&ledger->made, node, MS_RAW, type, id);
    return id;
}

/* MS_REUSE. slot: of the block, or NULL. */
static void
reuse_block(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    if (slot == NULL || slot[0] == 0 || ms_counters_is_stale(ledger, slot)) {
        adopt_block(ledger, event, slot);
        return;
    }
    uint64_t address = ms_event_address(event);
    ms_block block = ms_slot_read(ledger, slot);
    uint32_t type = ms_reuse_type(event);
    if (type != 0)
        ms_ownership_settle(ledger, &block, type);
    const ms_row *from = &ledger->table.rows[block.row];
    uint32_t id = ms_ownership_made(ledger, event->stack, type, from->domain, from->size_class);
    if (id == 0)
        id = row_of_made(ledger, block.row, event->stack, type);
    if (MS_UNLIKELY(id == 0)) {
        leave_out(ledger, address, slot);
        return;
    }
    ms_ownership_hand_over(ledger, &block, id);
    ms_rowtable_change_passed(&ledger->table, id)->reused += ms_counters_weight(ledger, block.row, block.size_bytes);
    ms_slot_write(ledger, address, slot, &block);
}

/* MS_AGAIN: as so many MS_REUSE by the stack and with the type of the object that is in the block already. */
static void
reuse_again(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    if (slot == NULL || slot[0] == 0 || ms_counters_is_stale(ledger, slot) || event->size == 0)
        return;
    ms_block block = ms_slot_read(ledger, slot);
    uint64_t weight = ms_counters_weight(ledger, block.row, block.size_bytes);
    ms_ownership_hand_over_weighed(ledger, &block, block.row, weight);
    ms_ownership_hand_over_weighed(ledger, &block, block.row, weight * (event->size - 1));
    ms_rowtable_change_passed(&ledger->table, block.row)->reused += weight * event->size;
    ms_slot_write(ledger, ms_event_address(event), slot, &block);
}

/* The row of the blocks of free lists, of the same domain and size class as row `like`. 0: no memory. */
static uint32_t
parked_row(ms_ledger *ledger, uint32_t like)
{
    const ms_row *row = &ledger->table.rows[like];
    uint32_t *known = &ledger->parked[row->domain][row->size_class];
    if (MS_UNLIKELY(*known == 0))
        *known = ms_ownership_row(ledger, like, 0, MS_TYPE_PARKED);
    return *known;
}

/* The row of a block like those of row `like` that an object of this line holds. 0: no memory. */
static uint32_t
row_of_owned(ms_ledger *ledger, const ms_event *event, uint32_t like, uint32_t stack)
{
    const ms_row *from = &ledger->table.rows[like];
    uint32_t type = ms_reuse_type(event);
    uint32_t id = ms_ownership_made(ledger, event->stack, type, from->domain, from->size_class);
    if (id != 0)
        return id;
    id = ms_ownership_row(ledger, like, stack, type);
    if (id != 0)
        ms_hints_set(&ledger->made, event->stack, MS_RAW, type, id);
    return id;
}

/* MS_PARKED and MS_OWNED. */
static void
pass_block(ms_ledger *ledger, const ms_event *event, uint32_t *slot)
{
    bool parked = ms_event_kind(event) == MS_PARKED;
    if (slot == NULL || slot[0] == 0 || ms_counters_is_stale(ledger, slot)) {
        if (!parked && ms_reuse_bytes(event) != 0)
            adopt_block(ledger, event, slot);
        return;
    }
    ms_block block = ms_slot_read(ledger, slot);
    const ms_row *from = &ledger->table.rows[block.row];
    if (parked && from->type == MS_TYPE_PARKED)
        return;
    if (parked && event->size != 0)
        ms_ownership_settle(ledger, &block, event->size);
    uint32_t stack = parked ? 0 : ms_linetree_of(&ledger->lines, event->stack);
    if (!parked && !ledger->keep_imports && (ledger->lines.nodes[stack].state & MS_NODE_IMPORT) != 0) {
        leave_out(ledger, ms_event_address(event), slot);
        return;
    }
    uint32_t to = parked ? parked_row(ledger, block.row) : row_of_owned(ledger, event, block.row, stack);
    if (to == 0)
        return;
    ms_ownership_hand_over(ledger, &block, to);
    ms_slot_write(ledger, ms_event_address(event), slot, &block);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* slot: of the event's address if it is known, else NULL. */
MS_INLINE void
take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint32_t *slot, uint64_t thread)
{
    ms_kind kind = ms_event_kind(event);
    if (MS_UNLIKELY(slot == NULL))
        slot = ms_blockmap_slot(&ledger->map, ms_event_address(event));
    if (kind == MS_ALLOC)
        add_block(ledger, event, size_bytes, slot, NULL);
    else if (kind == MS_FREE)
        free_block(ledger, ms_event_address(event), slot, event->stack, event->size);
    else if (kind == MS_REALLOC_FROM)
        realloc_from(ledger, ms_event_address(event), thread);
    else if (kind <= MS_REALLOC_GONE)
        realloc_end(ledger, event, size_bytes, thread);
    else if (kind == MS_REUSE)
        reuse_block(ledger, event, slot);
    else if (kind == MS_AGAIN)
        reuse_again(ledger, event, slot);
    else
        pass_block(ledger, event, slot);
}

void
ms_ledger_take(ms_ledger *ledger, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    bool sampling = ledger->sampling;
    if (MS_UNLIKELY(thread != 0) && ledger->budgeted) /* threads without the GIL draw nothing: all of theirs is kept */
        ledger->sampling = false;
    take(ledger, event, size_bytes, NULL, thread);
    ledger->sampling = sampling;
}

void
ms_ledger_set_budgeted(ms_ledger *ledger)
{
    ledger->budgeted = true;
    ledger->sampling = false;
}

void
ms_ledger_sample(ms_ledger *ledger, bool sampling)
{
    if (ledger->budgeted)
        ledger->sampling = sampling;
}

uint64_t
ms_ledger_requests(const ms_ledger *ledger)
{
    return ledger->requests / MS_SAMPLE_UNIT;
}

ms_counters
ms_ledger_sampled(const ms_ledger *ledger)
{
    ms_counters counters = {.allocations = ledger->spilled.sampled_allocations,
                            .allocated_bytes = ledger->spilled.sampled_bytes};
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        if (!row->is_sampled)
            continue;
        const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
        counters.allocations += row->allocations - passed->taken_in;
        counters.allocated_bytes += row->allocated_bytes - passed->taken_in_bytes;
        counters.live_bytes += ms_row_live_bytes(row);
        counters.live_blocks += ms_row_live_blocks(row);
    }
    return counters;
}

void
ms_ledger_settle_peak(ms_ledger *ledger)
{
    ms_counters_leave_peak(ledger);
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        if (ledger->table.rows[id].seen < ledger->peak_left)
            ms_counters_save_peak(ledger, id);
    }
}

void
ms_ledger_settle_touched(ms_ledger *ledger)
{
    ms_counters_leave_peak(ledger);
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        if (ledger->table.rows[id].seen < ledger->peak_left)
            ms_counters_save_peak(ledger, id);
    }
}

void
ms_ledger_next_window(ms_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->touched_count; i++)
        ledger->table.rest[ledger->touched[i]].told = 0;
    ledger->touched_count = ledger->told_count = 0;
    ledger->window_opened = ++ledger->epoch;
}

void
ms_ledger_restart(ms_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->touched_count; i++) {
        uint32_t id = ledger->touched[i];
        ms_row *row = &ledger->table.rows[id];
        const ms_row_rest *rest = &ledger->table.rest[id];
        ms_rowtable_drop_extra(&ledger->table, id);
        *row = (ms_row){.stack = row->stack,
                        .domain = row->domain,
                        .size_class = row->size_class,
                        .thread = row->thread,
                        .is_member = row->is_member,
                        .is_sampled = row->is_sampled,
                        .type = row->type};
        ledger->table.rest[id] = (ms_row_rest){.node = rest->node, .latest = rest->latest};
    }
    ledger->touched_count = ledger->told_count = 0;
    ms_lifetimes_restart(&ledger->lifetimes);
    ms_growth_restart(&ledger->growth);
    ledger->gil_pending = (ms_pending){0};
    ledger->nogil_count = 0;
    ms_regions_forget(&ledger->regions);
    memset(ledger->domains, 0, sizeof ledger->domains);
    ledger->live = (ms_level){0};
    ledger->large_bytes = ledger->peak_bytes = 0;
    ledger->at_peak = false;
    ledger->peak_left = ledger->window_opened = ++ledger->epoch;
    ledger->peak_time_ns = ledger->peak_clock = ledger->now_ns = ledger->swept_at = 0;
    ledger->unknown_frees = ledger->unknown_reallocations = ledger->replaced_blocks = 0;
    ledger->adopted_blocks = 0;
}
