#include "ledger.h"

#include <string.h>

#include "memory.h"
#include "sampler.h"

#define TOUCHED_FIRST 1024u
#define HINTS_FIRST 1024u
#define SIDE_FIRST 64u
#define CHAIN_SHIFT 48
#define SIZE_MASK ((UINT64_C(1) << CHAIN_SHIFT) - 1)
/* Births are 32-bit: blocks older than half the range are made younger before the range is used up. */
#define SWEEP_AFTER MS_LEDGER_AGE_KNOWN

ms_status
ms_ledger_open(ms_ledger *ledger, const ms_segment *segment, uint64_t sample_bytes,
               bool keep_imports)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->segment = segment;
    ledger->sample_bytes = sample_bytes;
    ledger->keep_imports = keep_imports;
    ledger->peak_epoch = 1;
    ledger->window = 1;
    ledger->touched_capacity = TOUCHED_FIRST;
    ledger->side_capacity = SIDE_FIRST;
    ledger->hints_capacity = HINTS_FIRST;
    ledger->touched = ms_memory_get(TOUCHED_FIRST * sizeof *ledger->touched);
    ledger->side_pending = ms_memory_get(SIDE_FIRST * sizeof *ledger->side_pending);
    ledger->hints = ms_memory_get(HINTS_FIRST * sizeof *ledger->hints);
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

/* ---- rows ---------------------------------------------------------------------------------------- */

MS_INLINE void
save_peak(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    row->peak_epoch = ledger->peak_epoch;
    ledger->table.rest[id].peak_blocks = ms_row_live_blocks(row);
    ledger->table.rest[id].peak_bytes = ms_row_live_bytes(row);
}

/* What is live now is the highest peak so far, and about to change: the rows' sums are what they were at the peak
 * until each is touched. Once for a rise, not for each allocation that adds to it. */
MS_INLINE void
leave_peak(ms_ledger *ledger)
{
    if (MS_UNLIKELY(ledger->at_peak)) {
        ledger->at_peak = false;
        ledger->peak_epoch++;
    }
}

/* To be called before a row's sums change. */
MS_INLINE void
touch(ms_ledger *ledger, uint32_t id, ms_row *row)
{
    if (row->peak_epoch != ledger->peak_epoch)
        save_peak(ledger, id, row);
    if (MS_UNLIKELY(row->window != ledger->window)) {
        row->window = ledger->window;
        if (ledger->touched_count == ledger->touched_capacity) {
            size_t bytes = ledger->touched_capacity * sizeof(uint32_t);
            uint32_t *touched = ms_memory_grow(ledger->touched, bytes, 2 * bytes);
            if (touched == NULL) {
                ledger->out_of_memory = true;
                return;
            }
            ledger->touched = touched;
            ledger->touched_capacity *= 2;
        }
        ledger->touched[ledger->touched_count++] = id;
    }
}

/* ---- lifetimes ----------------------------------------------------------------------------------- */

MS_INLINE void
count_lifetime(ms_ledger *ledger, ms_row *row, uint32_t birth, uint64_t weight)
{
    if (MS_UNLIKELY(row->lifetimes == 0))
        row->lifetimes = ms_ages_add(&ledger->ages);
    if (MS_UNLIKELY(row->lifetimes == 0 ||
                    !ms_ages_count(&ledger->ages, row->lifetimes, birth, weight)))
        ledger->out_of_memory = true;
}

uint64_t
ms_ledger_lifetime(const ms_ledger *ledger, const ms_row *row, uint32_t bucket)
{
    return ms_ages_counted(&ledger->ages, row->lifetimes, bucket);
}

static void make_old_younger(ms_ledger *ledger);

void
ms_ledger_batch(ms_ledger *ledger, uint64_t time_ns)
{
    /* Not left to the windows: those of a long run last long enough for births to go round. */
    if (MS_UNLIKELY(ledger->ages.clock - ledger->swept_at >= SWEEP_AFTER - (SWEEP_AFTER >> 3)))
        make_old_younger(ledger);
    ledger->now_ns = time_ns;
    ms_ages_batch(&ledger->ages, time_ns);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

typedef struct ms_block {
    uint32_t row, birth, chain;
    uint64_t size_bytes;
} ms_block;

MS_INLINE uint64_t
weight_of(const ms_ledger *ledger, uint64_t size_bytes)
{
    if (MS_LIKELY(ledger->sample_bytes == 0))
        return 1;
    return ms_sample_weight(size_bytes, ledger->sample_bytes);
}

MS_INLINE void
count_in(ms_ledger *ledger, ms_row *row, uint64_t size_bytes, uint64_t weight)
{
    uint64_t bytes = size_bytes * weight;
    row->allocations += weight;
    row->allocated_bytes += bytes;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    ms_tally *domain = &ledger->domains[row->domain];
    domain->allocations += weight;
    domain->allocated_bytes += bytes;
    domain->live_bytes += bytes;
    if (domain->live_bytes > domain->peak_bytes)
        domain->peak_bytes = domain->live_bytes;
    ledger->live_bytes += bytes;
    if (ledger->live_bytes > ledger->window_max_bytes) {
        ledger->window_max_bytes = ledger->live_bytes;
        if (ledger->live_bytes > ledger->peak_bytes) {
            ledger->peak_bytes = ledger->live_bytes;
            ledger->at_peak = true;
            ledger->peak_time_ns = ledger->now_ns;
        }
    }
    uint64_t real_bytes = MS_LIKELY(ledger->sample_bytes == 0) ? bytes : bytes / MS_SAMPLE_UNIT;
    ledger->ages.clock += (real_bytes + 15) >> 4;
}

MS_INLINE ms_tally *
count_out(ms_ledger *ledger, const ms_block *block, uint64_t weight)
{
    ms_row *row = &ledger->table.rows[block->row];
    uint64_t bytes = block->size_bytes * weight;
    leave_peak(ledger);
    touch(ledger, block->row, row);
    row->released += weight;
    row->released_bytes += bytes;
    count_lifetime(ledger, row, block->birth, weight);
    ms_tally *domain = &ledger->domains[row->domain];
    domain->live_bytes -= bytes;
    ledger->live_bytes -= bytes;
    return domain;
}

ms_tally
ms_ledger_total(const ms_ledger *ledger)
{
    ms_tally total = {.live_bytes = ledger->live_bytes, .peak_bytes = ledger->peak_bytes};
    for (int i = 0; i < MS_DOMAINS; i++) {
        const ms_tally *domain = &ledger->domains[i];
        total.allocations += domain->allocations;
        total.allocated_bytes += domain->allocated_bytes;
        total.frees += domain->frees;
        total.reallocations += domain->reallocations;
        total.taken_away += domain->taken_away;
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

/* ---- blocks -------------------------------------------------------------------------------------- */

/* Reads the block in a slot whose word 0 is not 0. */
MS_INLINE ms_block
read_slot(ms_ledger *ledger, uint64_t address, const uint32_t *words)
{
    ms_block block = {.row = words[0] >> 4};
    uint8_t size_class = ledger->table.rows[block.row].size_class;
    if (MS_LIKELY(size_class >= 2 && size_class <= MS_SMALL_CLASSES)) {
        block.size_bytes = size_class * 16u - (words[0] & 15);
        block.birth = words[1];
    } else if (size_class <= 1) {
        block.size_bytes = size_class * 16u - (words[0] & 15);
        const uint32_t *late = ms_blockmap_late(&ledger->map, address);
        block.birth = late == NULL ? (uint32_t)ledger->ages.clock : *late;
    } else {
        uint64_t packed;
        memcpy(&packed, &words[2], sizeof packed);
        block.size_bytes = packed & SIZE_MASK;
        block.chain = (uint32_t)(packed >> CHAIN_SHIFT);
        block.birth = words[1];
    }
    return block;
}

MS_INLINE void
write_slot(ms_ledger *ledger, uint64_t address, uint32_t *words, const ms_block *block)
{
    uint8_t size_class = ledger->table.rows[block->row].size_class;
    if (MS_LIKELY(size_class <= MS_SMALL_CLASSES)) {
        words[0] = block->row << 4 | (uint32_t)(size_class * 16u - block->size_bytes);
        if (MS_LIKELY(size_class >= 2)) {
            words[1] = block->birth;
            return;
        }
        uint32_t *late = ms_blockmap_late(&ledger->map, address);
        if (late != NULL)
            *late = block->birth;
        return;
    }
    uint32_t chain = block->chain > UINT16_MAX ? UINT16_MAX : block->chain;
    uint64_t packed = (block->size_bytes & SIZE_MASK) | (uint64_t)chain << CHAIN_SHIFT;
    words[0] = block->row << 4;
    words[1] = block->birth;
    memcpy(&words[2], &packed, sizeof packed);
}

/* Takes the block at address out of the map; words: its slot, NULL if there is none. False: none was known there. */
MS_INLINE bool
take_block(ms_ledger *ledger, uint64_t address, uint32_t *words, ms_block *block)
{
    if (words == NULL || words[0] == 0)
        return false;
    *block = read_slot(ledger, address, words);
    /* All words of the block: the next one here may start at any of its granules. */
    words[0] = 0;
    if (block->size_bytes > 16)
        words[1] = 0;
    if (block->size_bytes > MS_SMALL_MAX)
        words[2] = words[3] = 0;
    ms_blockmap_dropped(&ledger->map, address);
    return true;
}

/* Whether a slot holds what no block begins with: what is left of a longer one whose free went unseen. */
static bool
is_stale(const ms_ledger *ledger, const uint32_t *words)
{
    return words[0] >> 4 > ledger->table.count;
}

static MS_COLD void
replace_block(ms_ledger *ledger, uint64_t address, uint32_t *words)
{
    ms_block old;
    if (is_stale(ledger, words))
        return;
    if (!take_block(ledger, address, words, &old))
        return;
    uint64_t weight = weight_of(ledger, old.size_bytes);
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
    write_slot(ledger, address, words, block);
}

MS_INLINE uint32_t
hint_of(const ms_ledger *ledger, uint32_t node, uint8_t size_class)
{
    return MS_LIKELY(node < ledger->hints_capacity)
               ? ledger->hints[node].rows[size_class % MS_HINTS]
               : 0;
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
    uint32_t stack = ms_linetree_of(&ledger->lines, node);
    if (MS_UNLIKELY(stack == 0 && node != 0))
        ledger->out_of_memory = true;
    if (!ledger->keep_imports && (ledger->lines.nodes[stack].state & MS_NODE_IMPORT) != 0)
        return 0;
    uint32_t id = ms_rowtable_find(&ledger->table, stack, domain, size_class);
    if (MS_UNLIKELY(id == 0))
        id = add_row(ledger, stack, domain, size_class);
    while (node >= ledger->hints_capacity) {
        size_t bytes = ledger->hints_capacity * sizeof *ledger->hints;
        ms_hints *hints = ms_memory_grow(ledger->hints, bytes, 2 * bytes);
        if (hints == NULL)
            return id; /* works without */
        ledger->hints = hints;
        ledger->hints_capacity *= 2;
    }
    ledger->hints[node].rows[size_class % MS_HINTS] = id;
    return id;
}

static void
count_reallocation(ms_ledger *ledger, uint32_t id, ms_block *block, uint64_t address,
                   const ms_pending *old)
{
    uint64_t weight = weight_of(ledger, block->size_bytes);
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
    uint32_t id = hint_of(ledger, event->stack, size_class);
    if (MS_UNLIKELY(id == 0 || ledger->table.rows[id].size_class != size_class ||
                    ledger->table.rows[id].domain != (uint8_t)ms_event_domain(event)))
        id = row_of(ledger, event->stack, ms_event_domain(event), size_class);
    if (MS_UNLIKELY(id == 0))
        return;
    uint64_t weight = weight_of(ledger, size_bytes);
    ms_block block = {.row = id, .birth = (uint32_t)ledger->ages.clock, .size_bytes = size_bytes};
    if (MS_UNLIKELY(old != NULL))
        count_reallocation(ledger, id, &block, address, old);
    put_block(ledger, address, slot, &block);
    ms_row *row = &ledger->table.rows[id];
    if (size_bytes == 0) /* rises no further */
        leave_peak(ledger);
    touch(ledger, id, row);
    count_in(ledger, row, size_bytes, weight);
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
    uint64_t weight = weight_of(ledger, block.size_bytes);
    count_out(ledger, &block, weight)->frees += weight;
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
        uint64_t weight = weight_of(ledger, old.size_bytes);
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

/* An allocation whose block the very next event frees, as a quarter of all are: it need not be entered at all.
 * False: to be taken one by one. */
MS_INLINE bool
take_pair(ms_ledger *ledger, const ms_event *event, const ms_event *next, const uint32_t *slot)
{
    if ((event->word ^ next->word) != (uint64_t)(MS_ALLOC ^ MS_FREE) << 58 || slot == NULL || slot[0] != 0)
        return false;
    uint8_t size_class = ms_sizeclass(event->size);
    uint32_t id = hint_of(ledger, event->stack, size_class);
    ms_row *row = &ledger->table.rows[id];
    if (id == 0 || row->size_class != size_class ||
        row->domain != (uint8_t)ms_event_domain(event))
        return false;
    uint64_t weight = weight_of(ledger, event->size);
    uint64_t bytes = event->size * weight;
    ms_tally *domain = &ledger->domains[row->domain];
    if (bytes == 0 || ledger->live_bytes + bytes > ledger->window_max_bytes ||
        domain->live_bytes + bytes > domain->peak_bytes)
        return false; /* a peak in between */
    touch(ledger, id, row);
    row->allocations += weight;
    row->allocated_bytes += bytes;
    if (ms_row_live_blocks(row) > row->max_live_blocks)
        row->max_live_blocks = ms_row_live_blocks(row);
    row->released += weight;
    row->released_bytes += bytes;
    domain->allocations += weight;
    domain->allocated_bytes += bytes;
    domain->frees += weight;
    uint32_t birth = (uint32_t)ledger->ages.clock;
    ledger->ages.clock += ((uint64_t)event->size + 15) >> 4;
    count_lifetime(ledger, row, birth, weight);
    if (MS_UNLIKELY(row->thread != next->stack))
        ledger->table.rest[id].foreign_frees += weight;
    return true;
}

/* The drain knows what comes: while one event is taken, what later ones need is on its way. A block's word
 * leads to its row, as a stack's hint does, so it takes two steps. Neither asks what kind of event it is: a guess
 * that is wrong half of the time costs more than what is fetched in vain. */
#define FAR_AHEAD 12u
#define AHEAD 6u
#define SLOTS 16u

MS_INLINE uint32_t *
fetch_slot(ms_ledger *ledger, const ms_event *event)
{
    uint32_t *slot = ms_blockmap_lasting(&ledger->map, ms_event_address(event));
    MS_PREFETCH(slot);
    MS_PREFETCH(&ledger->hints[event->stack < ledger->hints_capacity ? event->stack : 0]);
    return slot;
}

MS_INLINE void
fetch_row(const ms_ledger *ledger, const ms_event *event, const uint32_t *slot)
{
    uint32_t hint = hint_of(ledger, event->stack, ms_sizeclass(event->size));
    uint32_t held = slot == NULL ? 0 : *slot >> 4;
    MS_PREFETCH(&ledger->table.rows[ms_event_kind(event) == MS_FREE ? held : hint]);
}

MS_INLINE bool
is_plain(const ms_event *event)
{
    return ms_event_kind(event) < MS_SIZE_HIGH;
}

MS_HOT uint32_t
ms_ledger_take_run(ms_ledger *ledger, const ms_event *events, uint32_t count)
{
    uint32_t *slots[SLOTS]; /* of the events from `at` on, by their index */
    uint32_t fetched = 0;
    for (uint32_t at = 0; at < count; at++) {
        for (; fetched < count && fetched <= at + FAR_AHEAD; fetched++)
            slots[fetched % SLOTS] = fetch_slot(ledger, &events[fetched]);
        if (MS_LIKELY(at + AHEAD < count))
            fetch_row(ledger, &events[at + AHEAD], slots[(at + AHEAD) % SLOTS]);
        const ms_event *event = &events[at];
        if (MS_UNLIKELY(!is_plain(event)))
            return at;
        if (at + 1 < count && take_pair(ledger, event, event + 1, slots[at % SLOTS]))
            at++;
        else
            take(ledger, event, event->size, slots[at % SLOTS], 0);
    }
    return count;
}

void
ms_ledger_settle_peak(ms_ledger *ledger)
{
    leave_peak(ledger);
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        ms_row *row = &ledger->table.rows[id];
        if (row->peak_epoch != ledger->peak_epoch)
            save_peak(ledger, id, row);
    }
}

/* How many granules of a leaf a block spans, for whoever goes through all blocks. */
static uint32_t
span_of(const ms_block *block)
{
    uint64_t granules = (block->size_bytes + 15) >> 4;
    if (granules > MS_LEAF_GRANULES) /* more than is left of the leaf, and than 32 bits may hold */
        return MS_LEAF_GRANULES;
    return granules == 0 ? 1 : (uint32_t)granules;
}

static uint32_t
make_younger(void *context, uint64_t address, uint32_t *words, uint32_t *late)
{
    ms_ledger *ledger = context;
    if (is_stale(ledger, words))
        return 1;
    ms_block block = read_slot(ledger, address, words);
    uint8_t size_class = ledger->table.rows[block.row].size_class;
    uint32_t *birth = size_class <= 1 ? late : &words[1];
    if (birth != NULL && (uint32_t)ledger->ages.clock - *birth > SWEEP_AFTER)
        *birth = (uint32_t)(ledger->ages.clock - SWEEP_AFTER);
    return span_of(&block);
}

static void
make_old_younger(ms_ledger *ledger)
{
    ledger->swept_at = ledger->ages.clock;
    ms_blockmap_each(&ledger->map, make_younger, ledger);
}

typedef struct {
    ms_ledger *ledger;
    ms_ledger_see see;
    void *context;
} seeing;

static uint32_t
see_block(void *context, uint64_t address, uint32_t *words, uint32_t *late)
{
    const seeing *at = context;
    ms_ledger *ledger = at->ledger;
    if (is_stale(ledger, words))
        return 1;
    ms_block block = read_slot(ledger, address, words);
    if (ledger->table.rows[block.row].size_class <= 1)
        block.birth = late == NULL ? (uint32_t)ledger->ages.clock : *late;
    uint64_t weight = weight_of(ledger, block.size_bytes);
    at->see(at->context, block.row, weight, weight * block.size_bytes,
            (uint32_t)ledger->ages.clock - block.birth);
    return span_of(&block);
}

void
ms_ledger_each_block(ms_ledger *ledger, ms_ledger_see see, void *context)
{
    seeing at = {.ledger = ledger, .see = see, .context = context};
    ms_blockmap_each(&ledger->map, see_block, &at);
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
    ledger->window++;
}
