/* Objects in the ledger against a naive book-keeper that knows each block's type from the start. */
#include "ledger/ownership.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ledger/fastpath.h"
#include "ledger/questions.h"
#include "ledger/view.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/memory.h"

#define STACKS 4u
#define PARKED_STACK STACKS /* of the book-keeper's rows: the blocks of free lists */
#define PLACES 300u
#define EVENTS 60000u
#define TYPES 5u /* 0: no object; 1 to 3: objects; 4: of tables that objects own */
#define OWNED_TYPE 4u

typedef struct plain_block {
    bool live, at_peak, taken_in, reused;
    uint32_t stack, type; /* indices */
    ms_domain domain;
    uint64_t size_bytes;
    bool told; /* it was reused, and its type was told then */
} plain_block;

typedef struct plain_row {
    uint64_t allocations, released, ended, live, live_bytes, at_peak, at_peak_bytes;
    uint64_t taken_in, taken_in_bytes, handed_over, reused;
} plain_row;

static ms_segment segment;
static uint32_t stacks[STACKS], threads[STACKS];
static plain_block blocks[PLACES];
static plain_row rows[STACKS + 1][MS_DOMAINS][MS_CLASSES][TYPES];
static uint64_t live_bytes, peak_bytes;

static uint64_t
address_of(uint32_t place)
{
    uint64_t base = UINT64_C(0x7f0000000000);
    return place % 3 == 0 ? base + 0x40000000 + place * UINT64_C(0x8000) : base + 0xff000 + place * UINT64_C(512);
}

static plain_row *
row_of(const plain_block *block)
{
    return &rows[block->stack][block->domain][ms_sizeclass(block->size_bytes)][block->type];
}

static void
count(plain_block *block, int64_t change)
{
    plain_row *row = row_of(block);
    row->live += (uint64_t)change;
    row->live_bytes += (uint64_t)change * block->size_bytes;
}

static void
rise(uint64_t bytes)
{
    live_bytes += bytes;
    if (live_bytes <= peak_bytes)
        return;
    peak_bytes = live_bytes;
    plain_row *each = &rows[0][0][0][0];
    for (size_t i = 0; i < sizeof rows / sizeof *each; i++) {
        each[i].at_peak = each[i].live;
        each[i].at_peak_bytes = each[i].live_bytes;
    }
    for (uint32_t place = 0; place < PLACES; place++)
        blocks[place].at_peak = blocks[place].live;
}

/* Events that the ledger is yet to be given in one run. */
static ms_event waiting[512];
static uint32_t waiting_count;

static void
give_waiting(ms_ledger *ledger)
{
    uint32_t given = 0;
    while (given < waiting_count)
        given += ms_fastpath_take(ledger, &waiting[given], waiting_count - given);
    waiting_count = 0;
}

static void
tell(ms_kind kind, ms_domain domain, uint32_t place, uint64_t size, uint32_t stack)
{
    waiting[waiting_count++] = ms_event_make(kind, domain, address_of(place), (uint32_t)size, stack);
}

static void
leave(plain_block *block, bool ends)
{
    plain_row *row = row_of(block);
    row->released++;
    row->ended += ends;
    count(block, -1);
}

static void
arrive(plain_block *block, bool passed)
{
    plain_row *row = row_of(block);
    row->allocations++;
    row->taken_in += passed;
    row->taken_in_bytes += passed ? block->size_bytes : 0;
    block->at_peak = false;
    block->taken_in = passed;
    block->reused = block->told = false;
    count(block, 1);
}

static void
pass(plain_block *block, uint32_t stack, uint32_t type)
{
    leave(block, block->stack != PARKED_STACK);
    row_of(block)->handed_over++;
    block->stack = stack;
    block->type = type;
    arrive(block, true);
}

static void
make(uint32_t place, uint64_t *random)
{
    plain_block *block = &blocks[place];
    uint32_t stack = (uint32_t)(next_random(random) % STACKS);
    uint64_t kind = next_random(random) % 4;
    *block = (plain_block){.live = true,
                           .stack = stack,
                           .domain = kind == 0 ? MS_MEM : MS_OBJ,
                           .type = kind == 0 ? 0 : 1 + (uint32_t)(next_random(random) % 3),
                           .size_bytes = 1 + next_random(random) % (place % 3 == 0 ? 4000 : 100)};
    bool adopted = kind == 3 && next_random(random) % 4 == 0;
    if (adopted)
        block->size_bytes = (block->size_bytes + 7) / 8 * 8; /* as finely as it is told */
    arrive(block, adopted);
    row_of(block)->reused += adopted;
    block->reused = adopted;
    rise(block->size_bytes);
    tell(adopted ? MS_REUSE : MS_ALLOC, block->domain, place,
         adopted ? ms_reuse_make(block->size_bytes, 0) : block->size_bytes, stacks[stack]);
}

/* What happens to a live block. */
static void
go_on(uint32_t place, uint64_t *random)
{
    plain_block *block = &blocks[place];
    uint32_t stack = (uint32_t)(next_random(random) % STACKS);
    bool parked = block->stack == PARKED_STACK;
    uint64_t action = next_random(random) % 8;
    if (action < 4) {
        tell(MS_FREE, block->domain, place, parked || block->domain != MS_OBJ ? 0 : block->type, threads[stack]);
        leave(block, !parked);
        block->live = false;
        live_bytes -= block->size_bytes;
    } else if (action == 4 && block->domain == MS_OBJ) {
        tell(MS_PARKED, block->domain, place, block->type, threads[stack]); /* twice tells nothing new */
        if (!parked)
            pass(block, PARKED_STACK, 0);
    } else if (action == 5 && block->domain == MS_OBJ && parked) {
        pass(block, stack, 1 + (uint32_t)(next_random(random) % 3));
        row_of(block)->reused++;
        block->reused = true;
        block->told = place % 2 == 0;
        tell(MS_REUSE, block->domain, place, ms_reuse_make(block->size_bytes, place % 2 == 0 ? block->type : 0),
             stacks[stack]);
    } else if (action == 5 && block->domain == MS_OBJ && block->told && !parked) {
        uint32_t times = 1 + (uint32_t)(next_random(random) % 3);
        for (uint32_t time = 0; time < times; time++) {
            pass(block, block->stack, block->type);
            row_of(block)->reused++;
        }
        block->reused = block->told = true;
        tell(MS_AGAIN, block->domain, place, times, threads[stack]);
    } else if (action == 6 && block->domain == MS_MEM) {
        pass(block, stack, OWNED_TYPE);
        tell(MS_OWNED, block->domain, place, ms_reuse_make(0, OWNED_TYPE), stacks[stack]);
    } else if (action == 7 && !parked) {
        /* A reallocation, of which half fail. */
        tell(MS_REALLOC_FROM, block->domain, place, 0, 0);
        if (next_random(random) % 2 == 0) {
            tell(MS_REALLOC_FAILED, block->domain, place, 0, 0);
            return;
        }
        /* Nothing dies: which type the old block was of is known to nobody but the row. Only untyped ones, then. */
        if (block->domain == MS_OBJ) {
            tell(MS_REALLOC_FAILED, block->domain, place, 0, 0);
            return;
        }
        leave(block, true);
        live_bytes -= block->size_bytes;
        block->stack = stack;
        block->type = 0;
        block->size_bytes = 1 + next_random(random) % 100;
        arrive(block, false);
        rise(block->size_bytes);
        tell(MS_REALLOC_TO, block->domain, place, block->size_bytes, stacks[stack]);
    }
}

static uint32_t
place_of(uint64_t address)
{
    for (uint32_t place = 0; place < PLACES; place++)
        if (address_of(place) == address)
            return place;
    CHECK(!"a block of ours");
    return 0;
}

/* Answers as the program would: objects of type 3 own the MEM block at the place after theirs, if one is there. */
static bool
answer(void *context)
{
    ms_inquiry *table = context;
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t place = place_of(table->questions[i].address);
        const plain_block *block = &blocks[place];
        CHECK(block->live && block->domain == MS_OBJ && block->stack != PARKED_STACK);
        CHECK_EQUAL(table->questions[i].size_bytes, block->size_bytes);
        table->answers[i] = (ms_answer){.type = block->type};
        const plain_block *next = &blocks[(place + 1) % PLACES];
        if (block->type == 3 && next->live && next->domain == MS_MEM)
            table->answers[i].owned[1] = (ms_owned){.address = address_of((place + 1) % PLACES), .type = OWNED_TYPE};
    }
    return true;
}

static void
reassign_plain(void)
{
    for (uint32_t place = 0; place < PLACES; place++) {
        const plain_block *owner = &blocks[place];
        plain_block *block = &blocks[(place + 1) % PLACES];
        if (!owner->live || owner->domain != MS_OBJ || owner->type != 3 || owner->stack == PARKED_STACK ||
            !block->live || block->domain != MS_MEM)
            continue;
        plain_row *from = row_of(block);
        bool same_stack = block->stack == owner->stack;
        uint64_t bytes = block->size_bytes;
        count(block, -1);
        block->stack = owner->stack;
        block->type = OWNED_TYPE;
        count(block, 1);
        plain_row *to = row_of(block);
        if (to == from)
            continue;
        if (block->at_peak) {
            from->at_peak--;
            from->at_peak_bytes -= bytes;
            to->at_peak++;
            to->at_peak_bytes += bytes;
        }
        if (same_stack) {
            from->allocations--;
            from->taken_in -= block->taken_in;
            from->taken_in_bytes -= block->taken_in ? bytes : 0;
            to->taken_in += block->taken_in;
            to->taken_in_bytes += block->taken_in ? bytes : 0;
        } else {
            from->released++;
            from->handed_over++;
            to->taken_in++;
            to->taken_in_bytes += bytes;
        }
        to->allocations++;
    }
}

static const plain_row *
plain_of(const ms_ledger *ledger, const ms_row *row)
{
    if (row->type == MS_TYPE_PARKED)
        return &rows[PARKED_STACK][row->domain][row->size_class][0];
    for (uint32_t i = 0; i < STACKS; i++)
        if (ms_linetree_of(&((ms_ledger *)(uintptr_t)ledger)->lines, stacks[i]) == row->stack)
            return &rows[i][row->domain][row->size_class][row->type == MS_TYPE_UNSET ? 0 : row->type];
    CHECK(!"a row of ours");
    return NULL;
}

/* The rows sum up to the totals, whatever types are known by now. */
static void
check_totals(ms_ledger *ledger)
{
    ms_counters total = ms_ledger_total(ledger);
    CHECK_EQUAL(total.live_bytes, live_bytes);
    CHECK_EQUAL(total.peak_bytes, peak_bytes);
    ms_ledger_settle_peak(ledger);
    uint64_t live = 0, peak = 0;
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        const ms_row_rest *rest = &ledger->table.rest[id];
        const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
        live += ms_row_live_bytes(row);
        peak += rest->peak_bytes;
        CHECK(row->released <= row->allocations);
        CHECK(passed->taken_in <= row->allocations);
        CHECK(passed->handed_over <= row->released);
        CHECK(passed->reused <= passed->taken_in);
        CHECK(ms_rowtable_seldom(&ledger->table, id)->reallocations <= row->allocations - passed->taken_in);
    }
    CHECK_EQUAL(live, live_bytes);
    CHECK_EQUAL(peak, peak_bytes);
}

/* Each row, once all types are known. */
static void
check_rows(ms_ledger *ledger)
{
    uint64_t seen = 0, known = 0;
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        const ms_row *row = &ledger->table.rows[id];
        const ms_row_rest *rest = &ledger->table.rest[id];
        const ms_row_passed *passed = ms_rowtable_passed(&ledger->table, id);
        const plain_row *plain = plain_of(ledger, row);
        CHECK_EQUAL(row->allocations, plain->allocations);
        CHECK_EQUAL(row->released, plain->released);
        CHECK_EQUAL(ms_row_live_bytes(row), plain->live_bytes);
        CHECK_EQUAL(rest->peak_blocks, plain->at_peak);
        CHECK_EQUAL(rest->peak_bytes, plain->at_peak_bytes);
        CHECK_EQUAL(passed->taken_in, plain->taken_in);
        CHECK_EQUAL(passed->taken_in_bytes, plain->taken_in_bytes);
        CHECK_EQUAL(passed->handed_over, plain->handed_over);
        CHECK_EQUAL(passed->reused, plain->reused);
        uint64_t ended = 0;
        for (uint32_t bucket = 0; row->histogram != 0 && bucket < MS_BYTE_BUCKETS; bucket++)
            ended += ms_ledger_lifetime(ledger, row, bucket);
        CHECK_EQUAL(ended, plain->ended);
        seen += row->allocations;
    }
    const plain_row *each = &rows[0][0][0][0];
    for (size_t i = 0; i < sizeof rows / sizeof *each; i++)
        known += each[i].allocations;
    CHECK_EQUAL(seen, known); /* no row is missing */
}

static void
agrees_with_the_naive_one(ms_ledger *ledger, uint32_t longest_run, uint64_t random, uint32_t events)
{
    memset(blocks, 0, sizeof blocks);
    memset(rows, 0, sizeof rows);
    live_bytes = peak_bytes = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < events; i++) {
        uint32_t place = next_random(&random) % 3 == 0 ? last : (uint32_t)(next_random(&random) % PLACES);
        last = place;
        if (blocks[place].live)
            go_on(place, &random);
        else
            make(place, &random);
        bool look = i % 5000 == 0 || i == events - 1;
        if (look || waiting_count >= longest_run) {
            ms_ledger_batch(ledger, i * UINT64_C(1000));
            give_waiting(ledger);
        }
        if (look) {
            check_totals(ledger);
            if (longest_run != 7)
                ms_ledger_next_window(ledger);
        }
    }
    static ms_inquiry table;
    CHECK(ms_questions_put(ledger, &table, answer, &table));
    check_totals(ledger);
    reassign_plain();
    check_rows(ledger);
}

static void
take(ms_ledger *ledger, ms_kind kind, ms_domain domain, uint64_t address, uint32_t size, uint32_t stack)
{
    ms_event event = ms_event_make(kind, domain, address, size, stack);
    CHECK_EQUAL(ms_fastpath_take(ledger, &event, 1), 1);
}

/* One row that was there from the start, and one for the second type. */
static void
a_line_of_one_type_has_one_row(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    for (uint32_t i = 0; i < 100; i++) {
        take(ledger, MS_ALLOC, MS_OBJ, 0x10000 + 64 * (i % 50), 64, stacks[0]);
        if (i >= 40)
            take(ledger, MS_FREE, MS_OBJ, 0x10000 + 64 * ((i - 40) % 50), 2, threads[0]);
    }
    CHECK_EQUAL(ledger->table.count, 1);
    CHECK_EQUAL(ledger->table.rows[1].type, 2);
    take(ledger, MS_ALLOC, MS_OBJ, 0x20000, 64, stacks[0]);
    take(ledger, MS_FREE, MS_OBJ, 0x20000, 1, threads[0]);
    CHECK_EQUAL(ledger->table.count, 2);
    CHECK_EQUAL(ledger->table.rows[1].allocations, 100);
    CHECK_EQUAL(ledger->table.rows[2].allocations, 1);
    CHECK_EQUAL(ledger->table.rows[2].type, 1);
    ms_ledger_destroy(ledger);
}

/* Where deaths are not told: what is made in a block tells what died in it, since a free list is one of one type. */
static void
a_reuse_tells_what_the_block_held(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    take(ledger, MS_ALLOC, MS_OBJ, 0x10000, 64, stacks[0]);
    take(ledger, MS_REUSE, MS_OBJ, 0x10000, ms_reuse_make(64, 2), stacks[1]);
    CHECK_EQUAL(ledger->table.rows[1].type, 2);
    CHECK_EQUAL(ledger->table.rows[1].allocations, 1);
    CHECK_EQUAL(ms_row_live_blocks(&ledger->table.rows[1]), 0);
    CHECK_EQUAL(ms_row_live_blocks(&ledger->table.rows[2]), 1);
    CHECK_EQUAL(ms_rowtable_passed(&ledger->table, 2)->reused, 1);
    take(ledger, MS_FREE, MS_OBJ, 0x10000, 2, threads[0]);
    CHECK_EQUAL(ledger->table.rows[2].type, 2);
    ms_ledger_destroy(ledger);
}

/* Types that the program has not described, as one gone wild may name them. */
static void
unknown_types_are_none(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    static const uint32_t types[] = {TYPES, UINT32_MAX, UINT32_MAX - 2, 1u << 20};
    for (uint32_t i = 0; i < 4; i++) {
        take(ledger, MS_ALLOC, MS_OBJ, 0x10000, 64, stacks[0]);
        take(ledger, MS_ALLOC, MS_OBJ, 0x20000, 64, stacks[0]);
        take(ledger, MS_FREE, MS_OBJ, 0x10000, types[i], threads[0]);
        take(ledger, MS_OWNED, MS_OBJ, 0x20000, ms_reuse_make(0, types[i]), stacks[1]);
        take(ledger, MS_PARKED, MS_OBJ, 0x20000, types[i], threads[0]);
        take(ledger, MS_FREE, MS_OBJ, 0x20000, types[i], threads[0]);
    }
    for (uint32_t id = 1; id <= ledger->table.count; id++)
        CHECK(ledger->table.rows[id].type == 0 || ledger->table.rows[id].type >= MS_TYPE_PARKED);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 0);
    ms_ledger_destroy(ledger);
}

/* What a module does while it is imported is left out: blocks that pass to it are no longer anybody's. */
static void
what_passes_to_an_import_is_left_out(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, false);
    CHECK(ledger != NULL);
    uint32_t importing = ms_stack_add_root(&segment, 77); /* else it were the line of another stack */
    atomic_fetch_or(&segment.nodes[importing].state, MS_NODE_IMPORT);
    ms_ledger_batch(ledger, 0);
    take(ledger, MS_ALLOC, MS_OBJ, 0x10000, 64, stacks[0]);
    take(ledger, MS_REUSE, MS_OBJ, 0x10000, ms_reuse_make(64, 0), importing);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 0);
    take(ledger, MS_FREE, MS_OBJ, 0x10000, 1, threads[0]);
    CHECK_EQUAL(ledger->unknown_frees, 1);
    ms_counters total = ms_ledger_total(ledger);
    CHECK_EQUAL(total.frees, 0);
    CHECK_EQUAL(total.allocations, 1);
    CHECK_EQUAL(total.live_blocks, 0);
    ms_ledger_destroy(ledger);
}

/* Whatever request for memory is the first to fail: no crash, and sums still agree. */
static void
survives_without_memory(void)
{
    for (long n = 1; n < 60; n++) {
        ms_memory_fail_from(n);
        ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
        if (ledger == NULL) {
            ms_memory_fail_from(0);
            continue;
        }
        ms_ledger_batch(ledger, 0);
        for (uint32_t i = 0; i < 4000; i++) {
            uint64_t address = UINT64_C(0x100000) * (i % 64) + 0x8000 + 0x1000 * (i % 7);
            take(ledger, MS_ALLOC, MS_OBJ, address, 1 + i % 3000, stacks[i % STACKS]);
            take(ledger, i % 2 == 0 ? MS_PARKED : MS_REUSE, MS_OBJ, address, 1 + i % 3, stacks[i % 3]);
            if (i % 3 == 0)
                take(ledger, MS_FREE, MS_OBJ, address, 1 + i % 3, threads[0]);
        }
        ms_memory_fail_from(0);
        uint64_t live = 0;
        for (uint32_t id = 1; id <= ledger->table.count; id++)
            live += ms_row_live_bytes(&ledger->table.rows[id]);
        CHECK_EQUAL(live, ms_ledger_live_bytes(ledger));
        ms_ledger_destroy(ledger);
    }
}

/* What the fast loop does of objects is what the long way does, counter for counter, births and slots too. */
static void
the_fast_loop_does_as_the_long_way(uint64_t random)
{
    ms_ledger *fast = ms_ledger_create(&segment, 0, true), *slow = ms_ledger_create(&segment, 0, true);
    CHECK(fast != NULL && slow != NULL);
    memset(blocks, 0, sizeof blocks);
    uint32_t last = 0;
    for (uint32_t i = 0; i < EVENTS; i++) {
        uint32_t place = next_random(&random) % 3 == 0 ? last : (uint32_t)(next_random(&random) % PLACES);
        plain_block *block = &blocks[place];
        uint32_t stack = (uint32_t)(next_random(&random) % STACKS), type = 1 + place % 3;
        if (next_random(&random) % 16 == 0)
            type = (uint32_t)(next_random(&random) % (TYPES + 1));
        if (!block->live) {
            block->size_bytes = 1 + next_random(&random) % 100;
            tell(MS_ALLOC, MS_OBJ, place, block->size_bytes, stacks[stack]);
        } else if (next_random(&random) % 8 == 0 && place != last) { /* else a pair, whose row is chosen otherwise */
            tell(MS_FREE, MS_OBJ, place, type, threads[stack]);
        } else if (next_random(&random) % 2 == 0) {
            tell(MS_PARKED, MS_OBJ, place, type, threads[stack]);
        } else {
            tell(MS_REUSE, MS_OBJ, place, ms_reuse_make(block->size_bytes, type), stacks[stack]);
        }
        block->live = ms_event_kind(&waiting[waiting_count - 1]) != MS_FREE;
        last = place;
        if (waiting_count < 100 && i != EVENTS - 1)
            continue;
        ms_ledger_batch(fast, i);
        ms_ledger_batch(slow, i);
        for (uint32_t each = 0; each < waiting_count; each++)
            ms_ledger_take(slow, &waiting[each], waiting[each].size, 0);
        give_waiting(fast);
    }
    ms_ledger_settle_peak(fast);
    ms_ledger_settle_peak(slow);
    uint32_t count = fast->table.count;
    CHECK_EQUAL(count, slow->table.count);
    CHECK(memcmp(&fast->table.rows[1], &slow->table.rows[1], count * sizeof fast->table.rows[1]) == 0);
    CHECK(memcmp(&fast->table.rest[1], &slow->table.rest[1], count * sizeof fast->table.rest[1]) == 0);
    for (uint32_t id = 1; id <= count; id++)
        for (uint32_t bucket = 0; fast->table.rows[id].histogram != 0 && bucket < MS_BYTE_BUCKETS; bucket++)
            CHECK_EQUAL(ms_ledger_lifetime(fast, &fast->table.rows[id], bucket),
                        ms_ledger_lifetime(slow, &slow->table.rows[id], bucket));
    for (uint32_t place = 0; place < PLACES; place++) {
        const uint32_t *left = ms_blockmap_slot(&fast->map, address_of(place));
        const uint32_t *right = ms_blockmap_slot(&slow->map, address_of(place));
        CHECK_EQUAL(left != NULL, right != NULL);
        CHECK(left == NULL || (left[0] == right[0] && left[1] == right[1]));
    }
    CHECK_EQUAL(fast->peak_bytes, slow->peak_bytes);
    CHECK_EQUAL(fast->unknown_frees, slow->unknown_frees);
    ms_ledger_destroy(fast);
    ms_ledger_destroy(slow);
}

int
main(void)
{
    map_new_segment(&segment);
    for (uint32_t i = 0; i < STACKS; i++) {
        threads[i] = 1 + i;
        stacks[i] = ms_stack_add_root(&segment, threads[i]);
        CHECK(stacks[i] != 0);
    }
    describe_types(&segment, TYPES - 1);
    for (uint32_t longest_run = 1; longest_run < 500; longest_run *= 7) {
        ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
        CHECK(ledger != NULL);
        agrees_with_the_naive_one(ledger, longest_run, 2026 + longest_run, EVENTS);
        ms_ledger_destroy(ledger);
    }
    /* Sections of one recording: the rows stay, and begin anew. */
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    for (uint32_t section = 0; section < 4; section++) {
        agrees_with_the_naive_one(ledger, 7, 4711 + section, 4000);
        ms_ledger_wipe_blocks(ledger);
        ms_ledger_restart(ledger);
    }
    ms_ledger_destroy(ledger);
    the_fast_loop_does_as_the_long_way(1219);
    a_line_of_one_type_has_one_row();
    a_reuse_tells_what_the_block_held();
    unknown_types_are_none();
    what_passes_to_an_import_is_left_out();
    survives_without_memory();
    ms_segment_unmap(&segment);
    return 0;
}
