/* The ledger against a naive book-keeper that is told the same events, and what it does when memory runs out. */
#include "ledger/fastpath.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ledger/lifetimes.h"
#include "ledger/view.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/memory.h"
#include "shared/sizeclass.h"

#define STACKS 5u
#define PLACES 600u
#define EVENTS 200000u

typedef struct plain_block {
    bool live;
    uint32_t stack;
    ms_domain domain;
    uint64_t size_bytes;
} plain_block;

typedef struct plain_row {
    uint64_t allocations, allocated_bytes, released, released_bytes, frees, foreign_frees;
    uint64_t reallocations, moved, copied_bytes, live, live_bytes, max_live;
    uint64_t live_at_peak, live_bytes_at_peak;
} plain_row;

static ms_segment segment;
static uint32_t stacks[STACKS]; /* ids of nodes, each the root of a thread */
static uint32_t threads[STACKS];
static plain_block blocks[PLACES];
static plain_row rows[STACKS][MS_DOMAINS][MS_CLASSES];
static uint64_t live_bytes, peak_bytes, peak_blocks, live_blocks, allocations, frees;

/* Places of four kinds: neighbours of 16 bytes, of 512, large ones across the megabytes, and odd addresses. */
static uint64_t
address_of(uint32_t place)
{
    uint64_t base = UINT64_C(0x7f0000000000);
    switch (place % 4) {
    case 0:
        return base + place / 4 * 16;
    case 1:
        return base + 0xff000 + place / 4 * 512;
    case 2:
        return base + 0x40000000 + place / 4 * UINT64_C(0x180000);
    default:
        return base + 0x800000008 + place / 4 * 64;
    }
}

static uint64_t
size_for(uint32_t place, uint64_t *random)
{
    static const uint64_t limits[] = {16, 512, 0x180000, 64};
    return next_random(random) % (limits[place % 4] + 1);
}

static plain_row *
row_of(const plain_block *block)
{
    for (uint32_t i = 0; i < STACKS; i++)
        if (stacks[i] == block->stack)
            return &rows[i][block->domain][ms_sizeclass(block->size_bytes)];
    CHECK(!"a stack of ours");
    return NULL;
}

static void
plain_out(plain_block *block)
{
    plain_row *row = row_of(block);
    row->released++;
    row->released_bytes += block->size_bytes;
    row->live--;
    row->live_bytes -= block->size_bytes;
    live_bytes -= block->size_bytes;
    live_blocks--;
    block->live = false;
}

static void
plain_in(plain_block *block)
{
    plain_row *row = row_of(block);
    block->live = true;
    row->allocations++;
    row->allocated_bytes += block->size_bytes;
    row->live++;
    row->live_bytes += block->size_bytes;
    if (row->live > row->max_live)
        row->max_live = row->live;
    allocations++;
    live_blocks++;
    live_bytes += block->size_bytes;
    if (live_bytes > peak_bytes) {
        peak_bytes = live_bytes;
        peak_blocks = live_blocks;
        for (uint32_t s = 0; s < STACKS; s++)
            for (uint32_t d = 0; d < MS_DOMAINS; d++)
                for (uint32_t c = 0; c < MS_CLASSES; c++) {
                    rows[s][d][c].live_at_peak = rows[s][d][c].live;
                    rows[s][d][c].live_bytes_at_peak = rows[s][d][c].live_bytes;
                }
    }
}

/* Events that the ledger is yet to be given in one run; NULL: each is given at once. */
static ms_event *waiting;
static uint32_t waiting_count;

static void
give_waiting(ms_ledger *ledger)
{
    CHECK_EQUAL(ms_fastpath_take(ledger, waiting, waiting_count), waiting_count);
    waiting_count = 0;
}

static void
take(ms_ledger *ledger, ms_kind kind, ms_domain domain, uint64_t address, uint64_t size_bytes, uint32_t stack)
{
    ms_event event = ms_event_make(kind, domain, address, (uint32_t)size_bytes, stack);
    if (waiting == NULL)
        ms_ledger_take(ledger, &event, size_bytes, 0);
    else
        waiting[waiting_count++] = event;
}

static void
one_event(ms_ledger *ledger, uint64_t *random)
{
    static uint32_t last;
    /* Often the last block again, which is then freed as soon as it was made. */
    uint32_t place = next_random(random) % 3 == 0 ? last : (uint32_t)(next_random(random) % PLACES);
    last = place;
    uint32_t which = (uint32_t)(next_random(random) % STACKS);
    plain_block *block = &blocks[place];
    if (!block->live) {
        *block = (plain_block){.stack = stacks[which],
                               .domain = (ms_domain)(next_random(random) % MS_DOMAINS),
                               .size_bytes = size_for(place, random)};
        plain_in(block);
        take(ledger, MS_ALLOC, block->domain, address_of(place), block->size_bytes, block->stack);
        return;
    }
    uint64_t action = next_random(random) % 10;
    if (action < 6) {
        plain_row *row = row_of(block);
        row->frees++;
        uint32_t thread = threads[which];
        uint32_t owner = 0;
        for (uint32_t i = 0; i < STACKS; i++)
            if (stacks[i] == block->stack)
                owner = threads[i];
        row->foreign_frees += thread != owner;
        frees++;
        plain_out(block);
        take(ledger, MS_FREE, block->domain, address_of(place), 0, thread);
        return;
    }
    /* A reallocation: in place, to another place that is free, or one that fails. */
    take(ledger, MS_REALLOC_FROM, block->domain, address_of(place), 0, 0);
    if (action == 9) {
        take(ledger, MS_REALLOC_FAILED, block->domain, address_of(place), 0, 0);
        return;
    }
    uint32_t target = place;
    if (action == 8) {
        uint32_t other = (uint32_t)(next_random(random) % PLACES);
        if (!blocks[other].live)
            target = other;
    }
    uint64_t old_bytes = block->size_bytes;
    ms_domain domain = block->domain;
    plain_out(block);
    plain_block *moved = &blocks[target];
    *moved = (plain_block){.stack = stacks[which], .domain = domain, .size_bytes = size_for(target, random)};
    plain_row *row = row_of(moved);
    row->reallocations++;
    if (target != place) {
        row->moved++;
        row->copied_bytes += old_bytes < moved->size_bytes ? old_bytes : moved->size_bytes;
    }
    plain_in(moved);
    take(ledger, MS_REALLOC_TO, domain, address_of(target), moved->size_bytes, moved->stack);
}

static void
compare(ms_ledger *ledger)
{
    ms_counters total = ms_ledger_total(ledger);
    CHECK_EQUAL(total.live_bytes, live_bytes);
    CHECK_EQUAL(total.live_blocks, live_blocks);
    CHECK_EQUAL(total.allocations, allocations);
    CHECK_EQUAL(total.frees, frees);
    CHECK_EQUAL(total.peak_bytes, peak_bytes);
    uint64_t pooled_bytes = 0;
    for (uint32_t s = 0; s < STACKS; s++)
        for (uint32_t c = 0; c <= ms_sizeclass(512); c++)
            pooled_bytes += rows[s][MS_MEM][c].live_bytes + rows[s][MS_OBJ][c].live_bytes;
    CHECK_EQUAL(ms_ledger_pooled_bytes(ledger), pooled_bytes);
    CHECK_EQUAL(ms_ledger_unmatched(ledger).frees, 0);
    CHECK_EQUAL(ms_ledger_unmatched(ledger).replaced_blocks, 0);
    ms_ledger_settle_peak(ledger);
    CHECK_EQUAL(ms_ledger_peak_blocks(ledger), peak_blocks);
    uint64_t known = 0;
    for (uint32_t id = 1; id <= ms_ledger_rows(ledger).count; id++) {
        const ms_row *row = &ms_ledger_rows(ledger).row[id];
        const ms_row_rest *rest = &ms_ledger_rows(ledger).rest[id];
        ms_rows all = ms_ledger_rows(ledger);
        const ms_row_seldom *seldom = ms_row_seldom_at(&all.extras, rest->extra);
        plain_row *plain = NULL;
        for (uint32_t i = 0; i < STACKS; i++)
            if (ms_ledger_line_node(ledger, stacks[i]) == row->stack)
                plain = &rows[i][row->domain][row->size_class];
        CHECK(plain != NULL);
        CHECK_EQUAL(row->allocations, plain->allocations);
        CHECK_EQUAL(row->allocated_bytes, plain->allocated_bytes);
        CHECK_EQUAL(row->released, plain->released);
        CHECK_EQUAL(row->released_bytes, plain->released_bytes);
        CHECK_EQUAL(row->released - seldom->reallocated, plain->frees);
        CHECK_EQUAL(seldom->foreign_frees, plain->foreign_frees);
        CHECK_EQUAL(seldom->reallocations, plain->reallocations);
        CHECK_EQUAL(seldom->moved, plain->moved);
        CHECK_EQUAL(seldom->copied_bytes, plain->copied_bytes);
        CHECK_EQUAL(row->max_live_blocks, plain->max_live);
        CHECK_EQUAL(rest->peak_blocks, plain->live_at_peak);
        CHECK_EQUAL(rest->peak_bytes, plain->live_bytes_at_peak);
        known += plain->allocations;
        uint64_t ended = 0, aged = 0;
        for (uint32_t bucket = 0; row->histogram != 0 && bucket < MS_BUCKETS; bucket++)
            *(bucket < MS_BYTE_BUCKETS ? &ended : &aged) += ms_ledger_lifetime(ledger, row, bucket);
        CHECK_EQUAL(ended, row->released);
        CHECK(aged <= row->released); /* the rest did not outlive a batch */
    }
    CHECK_EQUAL(known, allocations); /* no row is missing */
}

static void
agrees_with_the_naive_one(uint32_t longest_run)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    memset(blocks, 0, sizeof blocks);
    memset(rows, 0, sizeof rows);
    live_bytes = peak_bytes = peak_blocks = live_blocks = allocations = frees = 0;
    waiting = longest_run == 0 ? NULL : calloc(longest_run + 2, sizeof *waiting);
    uint64_t random = 2026;
    for (uint32_t i = 0; i < EVENTS; i++) {
        one_event(ledger, &random);
        bool look = i % 20000 == 0 || i % 5000 == 0 || i == EVENTS - 1;
        if (waiting != NULL && (look || waiting_count >= longest_run || next_random(&random) % 100 == 0))
            give_waiting(ledger);
        if (i % 20000 == 0)
            compare(ledger);
        if (i % 5000 == 0)
            ms_ledger_next_window(ledger);
    }
    compare(ledger);
    ms_ledger_destroy(ledger);
    free(waiting);
    waiting = NULL;
}

/* A run ends before what is the drain's business. */
static void
a_run_ends_at_what_is_not_plain(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_event events[] = {
        ms_event_make(MS_ALLOC, MS_OBJ, 0x5000, 100, stacks[0]),
        ms_event_make(MS_SYNC, MS_RAW, 7, 0, 0),
        ms_event_make(MS_FREE, MS_OBJ, 0x5000, 0, threads[0]),
        ms_event_make(MS_SIZE_HIGH, MS_RAW, 1, 0, 0),
    };
    CHECK_EQUAL(ms_fastpath_take(ledger, events, 4), 1);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 100);
    CHECK_EQUAL(ms_fastpath_take(ledger, &events[1], 3), 0);
    CHECK_EQUAL(ms_fastpath_take(ledger, &events[2], 2), 1);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 0);
    CHECK_EQUAL(ms_fastpath_take(ledger, events, 0), 0);
    ms_ledger_destroy(ledger);
}

static void
blocks_from_before_are_counted_apart(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    take(ledger, MS_FREE, MS_RAW, 0x5000, 0, threads[0]);
    CHECK_EQUAL(ms_ledger_unmatched(ledger).frees, 1);
    take(ledger, MS_REALLOC_FROM, MS_MEM, 0x6000, 0, 0);
    take(ledger, MS_REALLOC_TO, MS_MEM, 0x7000, 100, stacks[0]);
    CHECK_EQUAL(ms_ledger_unmatched(ledger).reallocations, 1);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 100);
    /* An address that comes again without a free: the old block is gone, and that is said. */
    take(ledger, MS_ALLOC, MS_MEM, 0x7000, 40, stacks[1]);
    CHECK_EQUAL(ms_ledger_unmatched(ledger).replaced_blocks, 1);
    ms_counters total = ms_ledger_total(ledger);
    CHECK_EQUAL(total.live_bytes, 40);
    CHECK_EQUAL(total.live_blocks, 1);
    ms_ledger_destroy(ledger);
}

static void
what_is_being_reallocated_is_told(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    take(ledger, MS_ALLOC, MS_NATIVE, 0x5000, 700, stacks[0]);
    take(ledger, MS_ALLOC, MS_NATIVE, 0x6000, 50, stacks[0]);
    ms_event of_thread = ms_event_make(MS_REALLOC_FROM, MS_NATIVE, 0x6000, 0, threads[1]);
    take(ledger, MS_REALLOC_FROM, MS_NATIVE, 0x5000, 0, 0);
    ms_ledger_take(ledger, &of_thread, 0, 77);
    CHECK_EQUAL(ms_ledger_moving_bytes(ledger), 750);
    take(ledger, MS_REALLOC_TO, MS_NATIVE, 0x7000, 900, stacks[0]);
    CHECK_EQUAL(ms_ledger_moving_bytes(ledger), 50);
    ms_event failed = ms_event_make(MS_REALLOC_FAILED, MS_NATIVE, 0, 0, 0);
    ms_ledger_take(ledger, &failed, 0, 77);
    CHECK_EQUAL(ms_ledger_moving_bytes(ledger), 0);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 950);
    ms_ledger_destroy(ledger);
}

static void
huge_sizes_keep_their_bytes(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    uint64_t huge = UINT64_C(5) << 30;
    take(ledger, MS_ALLOC, MS_RAW, UINT64_C(0x7e0000000000), huge, stacks[0]);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), huge);
    take(ledger, MS_FREE, MS_RAW, UINT64_C(0x7e0000000000), 0, threads[0]);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 0);
    CHECK_EQUAL(ms_ledger_total(ledger).peak_bytes, huge);
    ms_ledger_destroy(ledger);
}

/* A block that is older than the batch, but not by much, when much is allocated before it is released. */
static void
times_are_those_that_have_passed(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 1000000);
    take(ledger, MS_ALLOC, MS_RAW, 0x5000, 64, stacks[0]);
    ms_ledger_batch(ledger, 2000000);
    for (uint32_t i = 0; i < 100; i++) {
        take(ledger, MS_ALLOC, MS_RAW, 0x7000, 1000, stacks[1]);
        take(ledger, MS_FREE, MS_RAW, 0x7000, 0, threads[1]);
    }
    take(ledger, MS_FREE, MS_RAW, 0x5000, 0, threads[0]);
    const ms_row *row = NULL;
    for (uint32_t id = 1; id <= ms_ledger_rows(ledger).count; id++)
        if (ms_ledger_rows(ledger).row[id].size_class == ms_sizeclass(64))
            row = &ms_ledger_rows(ledger).row[id];
    CHECK(row != NULL && row->released == 1);
    for (uint32_t bucket = MS_BYTE_BUCKETS + 1; bucket < MS_BUCKETS; bucket++)
        CHECK_EQUAL(ms_ledger_lifetime(ledger, row, bucket), bucket == MS_BYTE_BUCKETS + 1);
    ms_ledger_destroy(ledger);
}

/* Whatever request for memory is the first to fail: no crash, no negative sum, and it is said. */
static void
survives_without_memory(void)
{
    uint32_t refused = 0, cut_short = 0;
    for (long n = 1; n < 40; n++) {
        ms_memory_fail_from(n);
        ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
        if (ledger == NULL) {
            refused++;
            ms_memory_fail_from(0);
            continue;
        }
        for (uint32_t i = 0; i < 40000; i++) {
            uint64_t address = UINT64_C(0x100000) * (i % 320) + 0x8000 + 0x1000 * (i % 7);
            take(ledger, MS_ALLOC, MS_OBJ, address, i % 3000, stacks[i % STACKS]);
            if (i % 3 == 0)
                take(ledger, MS_FREE, MS_OBJ, address, 0, threads[0]);
        }
        ms_memory_fail_from(0);
        ms_counters total = ms_ledger_total(ledger);
        CHECK(total.live_bytes <= total.allocated_bytes);
        CHECK(total.live_blocks <= total.allocations);
        cut_short += ms_ledger_out_of_memory(ledger);
        CHECK(ms_ledger_rows(ledger).count > 0 || ms_ledger_out_of_memory(ledger));
        for (uint32_t id = 1; id <= ms_ledger_rows(ledger).count; id++)
            CHECK(ms_ledger_rows(ledger).row[id].released <= ms_ledger_rows(ledger).row[id].allocations);
        ms_ledger_destroy(ledger);
    }
    CHECK(refused >= 5 && cut_short >= 10);
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
    agrees_with_the_naive_one(0);
    agrees_with_the_naive_one(1);
    agrees_with_the_naive_one(500);
    a_run_ends_at_what_is_not_plain();
    blocks_from_before_are_counted_apart();
    what_is_being_reallocated_is_told();
    huge_sizes_keep_their_bytes();
    times_are_those_that_have_passed();
    survives_without_memory();
    ms_segment_unmap(&segment);
    return 0;
}
