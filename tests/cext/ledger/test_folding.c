/* A ledger whose rows fold and spill again and again against one that is told the same events and whose rows never do.
 */
#include "ledger/folding.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ledger/counters.h"
#include "ledger/fastpath.h"
#include "ledger/spilling.h"
#include "ledger/view.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/memory.h"

#define THREADS 2u
#define CODES 10u
#define STACKS 12000u
#define PLACES 3000u
#define EVENTS 80000u
#define TYPES 3u

typedef struct plain_block {
    bool live, parked;
    ms_domain domain;
    uint32_t stack, type;
    uint64_t size_bytes;
} plain_block;

/* All that must be the same of what a thread's line holds in a domain, a size class and a type. */
typedef struct sums {
    uint64_t allocations, allocated_bytes, released, released_bytes, peak_blocks, peak_bytes, max_live_blocks;
    uint64_t reallocations, moved, copied_bytes, reallocated, foreign_frees, longest_chain;
    uint64_t taken_in, taken_in_bytes, handed_over, handed_over_bytes, reused;
    uint64_t lifetimes[MS_BUCKETS];
} sums;

static ms_segment segment;
static uint32_t roots[THREADS], stacks[STACKS];
static uint32_t reached; /* of the stacks, those that have allocated */
static plain_block blocks[PLACES];
static sums plain[THREADS + 1][CODES + 1][MS_DOMAINS][MS_CLASSES][TYPES + 1];
static sums folded[THREADS + 1][CODES + 1][MS_DOMAINS][MS_CLASSES][TYPES + 1];

static uint64_t
address_of(uint32_t place)
{
    return UINT64_C(0x7f0000000000) + place * UINT64_C(8192) + (place % 7 == 0 ? 8 : 0);
}

/* A tree of calls: most are deep below others, and the first of all is where most is allocated. */
static void
make_stacks(void)
{
    uint64_t random = 1;
    ms_stackindex index;
    ms_code_text text = {.filename = "f", .function = "g", .lines = "", .filename_bytes = 1, .function_bytes = 1};
    uint32_t codes[CODES];
    map_new_segment(&segment);
    describe_types(&segment, TYPES - 1);
    CHECK(ms_stackindex_open(&index, &segment, 1u << 14, false) == MS_OK);
    for (uint32_t i = 0; i < CODES; i++) {
        text.first_line = (int32_t)i + 1;
        codes[i] = ms_code_append(&segment, &text);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        roots[i] = ms_stack_add_root(&segment, i + 1);
    for (uint32_t i = 0; i < STACKS; i++) {
        uint32_t caller = i < 2 * THREADS ? roots[i % THREADS] : stacks[next_random(&random) % i];
        stacks[i] = ms_stack_find(&index, caller, codes[next_random(&random) % CODES], 0);
    }
    ms_stackindex_close(&index);
}

/* ---- events ---------------------------------------------------------------------------------- */

static ms_ledger *both[2]; /* the one that folds, and the one that does not */
static ms_event waiting[256];
static uint32_t waiting_count;

static void
give_waiting(void)
{
    for (int i = 0; i < 2; i++)
        for (uint32_t given = 0; given < waiting_count;)
            given += ms_fastpath_take(both[i], &waiting[given], waiting_count - given);
    waiting_count = 0;
}

static void
tell(ms_kind kind, ms_domain domain, uint32_t place, uint64_t size, uint32_t stack)
{
    waiting[waiting_count++] = ms_event_make(kind, domain, address_of(place), (uint32_t)size, stack);
    if (waiting_count > 250)
        give_waiting();
}

/* A third of all is the first one's; new ones keep coming. */
static uint32_t
some_stack(uint64_t *random)
{
    reached += reached < STACKS && next_random(random) % 4 == 0;
    return stacks[next_random(random) % 3 == 0 ? 0 : next_random(random) % reached];
}

static void
allocate(uint32_t place, uint64_t *random)
{
    static const ms_domain domains[] = {MS_OBJ, MS_OBJ, MS_MEM, MS_RAW};
    plain_block *block = &blocks[place];
    *block = (plain_block){.live = true,
                           .domain = domains[next_random(random) % 4],
                           .stack = some_stack(random),
                           .size_bytes = 1 + next_random(random) % (place % 50 == 0 ? 700 : 30)};
    block->type = block->domain == MS_OBJ ? 1 + (uint32_t)(next_random(random) % (TYPES - 1)) : 0;
    tell(MS_ALLOC, block->domain, place, block->size_bytes, block->stack);
}

static void
release(uint32_t place, uint64_t *random)
{
    plain_block *block = &blocks[place];
    tell(MS_FREE, block->domain, place, block->parked ? 0 : block->type, 1 + (uint32_t)(next_random(random) % 2));
    block->live = false;
}

/* A reallocation that fails or moves nothing, or an object that dies into a free list, or is made out of one. */
static void
change(uint32_t place, uint64_t *random)
{
    plain_block *block = &blocks[place];
    if (block->domain != MS_OBJ) {
        tell(MS_REALLOC_FROM, block->domain, place, 0, 0);
        if (next_random(random) % 4 == 0) {
            tell(MS_REALLOC_FAILED, block->domain, place, 0, 0);
            return;
        }
        block->stack = some_stack(random);
        block->size_bytes = 1 + next_random(random) % 30;
        tell(MS_REALLOC_TO, block->domain, place, block->size_bytes, block->stack);
    } else if (block->parked) {
        block->parked = false;
        block->stack = some_stack(random);
        block->type = 1 + (uint32_t)(next_random(random) % (TYPES - 1));
        tell(MS_REUSE, block->domain, place, ms_reuse_make(block->size_bytes, block->type), block->stack);
    } else {
        block->parked = true;
        tell(MS_PARKED, block->domain, place, block->type, 1);
    }
}

static void
play(uint64_t *random, uint32_t events)
{
    for (uint32_t i = 0; i < events; i++) {
        uint32_t place = (uint32_t)(next_random(random) % PLACES);
        if (!blocks[place].live)
            allocate(place, random);
        else if (next_random(random) % 3 == 0)
            change(place, random);
        else
            release(place, random);
    }
    give_waiting();
}

/* ---- sums ------------------------------------------------------------------------------------ */

static uint32_t
type_of(const ms_row *row)
{
    return row->type == MS_TYPE_UNSET ? 0 : row->type == MS_TYPE_PARKED ? TYPES : row->type;
}

typedef sums table[CODES + 1][MS_DOMAINS][MS_CLASSES][TYPES + 1];

static void
add_row(ms_ledger *ledger, uint32_t id, table *into, bool typed)
{
    ms_rows all = ms_ledger_rows(ledger);
    const ms_linetree *lines = ms_ledger_lines(ledger);
    const ms_row *row = &all.row[id];
    const ms_row_passed *passed = ms_row_passed_at(&all.extras, all.rest[id].extra);
    const ms_row_seldom *seldom = ms_row_seldom_at(&all.extras, all.rest[id].extra);
    CHECK(row->stack == 0 || lines->nodes[row->stack].code != MS_CODE_LEFT_OUT);
    uint32_t code = row->stack == 0 ? 0 : lines->nodes[row->stack].code;
    sums *sum = &into[row->thread][code][row->domain][row->size_class][typed ? type_of(row) : 0];
    uint64_t peak_blocks, peak_bytes;
    ms_spilling_peak(ledger, id, &peak_blocks, &peak_bytes);
    sum->peak_blocks += peak_blocks;
    sum->peak_bytes += peak_bytes;
    sum->allocations += row->allocations;
    sum->allocated_bytes += row->allocated_bytes;
    sum->released += row->released;
    sum->released_bytes += row->released_bytes;
    sum->max_live_blocks += row->max_live_blocks;
    sum->reallocations += seldom->reallocations;
    sum->moved += seldom->moved;
    sum->copied_bytes += seldom->copied_bytes;
    sum->reallocated += seldom->reallocated;
    sum->foreign_frees += seldom->foreign_frees;
    if (seldom->longest_chain > sum->longest_chain)
        sum->longest_chain = seldom->longest_chain;
    sum->taken_in += passed->taken_in;
    sum->taken_in_bytes += passed->taken_in_bytes;
    sum->handed_over += passed->handed_over;
    sum->handed_over_bytes += passed->handed_over_bytes;
    sum->reused += passed->reused;
    for (uint32_t bucket = 0; row->histogram != 0 && bucket < MS_BUCKETS; bucket++)
        sum->lifetimes[bucket] += ms_ledger_lifetime(ledger, row, bucket);
}

static void
add_up(ms_ledger *ledger, table *into, bool typed)
{
    ms_ledger_settle_peak(ledger);
    for (uint32_t id = 1; id <= ms_ledger_rows(ledger).count; id++)
        add_row(ledger, id, into, typed);
}

/* What has spilled: by type, and without. Its share of a peak ends with the next one. */
static table gone[2][THREADS + 1];
static uint64_t gone_peak, gone_rows;

static void
forget_older_peaks(void)
{
    uint64_t now = ms_spilling_peak_number(both[0]);
    sums *all = &gone[0][0][0][0][0][0];
    for (size_t i = 0; now != gone_peak && i < sizeof gone / sizeof *all; i++)
        all[i].peak_blocks = all[i].peak_bytes = 0;
    gone_peak = now;
}

static void
spill(void)
{
    ms_folding spilling;
    ms_ledger_next_window(both[0]);
    forget_older_peaks();
    CHECK(ms_spilling_open(&spilling, both[0]));
    uint32_t before = spilling.row_count, count = 0;
    for (uint32_t id = 1; id <= before; id++) {
        for (int typed = 0; typed < 2 && spilling.row_to[id] == 0; typed++)
            add_row(both[0], id, gone[typed], typed != 0);
        count += spilling.row_to[id] == 0;
    }
    ms_spilling_apply(&spilling, both[0]);
    ms_folding_close(&spilling);
    CHECK_EQUAL(ms_ledger_rows(both[0]).count, before - count);
    gone_rows += count;
}

static void
sums_agree(bool typed)
{
    ms_ledger_settle_peak(both[0]);
    forget_older_peaks();
    memcpy(folded, gone[typed], sizeof folded);
    memset(plain, 0, sizeof plain);
    add_up(both[0], folded, typed);
    add_up(both[1], plain, typed);
    sums *left = &folded[0][0][0][0][0], *right = &plain[0][0][0][0][0];
    for (size_t i = 0; i < sizeof plain / sizeof *left; i++) {
        CHECK(left[i].max_live_blocks >= left[i].peak_blocks);
        left[i].max_live_blocks = right[i].max_live_blocks = 0; /* each row's had its own time */
        if (typed)
            CHECK(memcmp(&left[i], &right[i], sizeof *left) == 0);
        CHECK_EQUAL(left[i].allocated_bytes, right[i].allocated_bytes);
        CHECK_EQUAL(left[i].released_bytes, right[i].released_bytes);
        CHECK_EQUAL(left[i].peak_bytes, right[i].peak_bytes);
        CHECK(memcmp(&left[i], &right[i], sizeof *left) == 0);
    }
    ms_counters one = ms_ledger_total(both[0]), other = ms_ledger_total(both[1]);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
}

/* What a stack holds with all that it calls; line: of the first frame below the thread's. */
static ms_counters
below(ms_ledger *ledger, uint32_t root, uint32_t code)
{
    ms_counters sum = {0};
    ms_rows all = ms_ledger_rows(ledger);
    const ms_linenode *nodes = ms_ledger_lines(ledger)->nodes;
    for (uint32_t id = 1; id <= all.count; id++) {
        uint32_t stack = all.row[id].stack, first = 0;
        for (; stack != 0 && nodes[stack].parent != 0; stack = nodes[stack].parent)
            first = stack;
        if (first == 0 || nodes[first].code != code || nodes[stack].line != root)
            continue;
        sum.allocations += all.row[id].allocations;
        sum.allocated_bytes += all.row[id].allocated_bytes;
        sum.live_bytes += ms_row_live_bytes(&all.row[id]);
        sum.peak_bytes += all.rest[id].peak_bytes;
        sum.live_blocks += ms_row_live_blocks(&all.row[id]);
    }
    return sum;
}

/* The first stack holds a third of all, so it never folds, nor does anything that it calls leave it. */
static void
large_ancestors_agree(void)
{
    uint32_t code = segment.nodes[stacks[0]].code;
    ms_counters one = below(both[0], 1, code), other = below(both[1], 1, code);
    CHECK(one.allocations > 0);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
}

/* ---- folding --------------------------------------------------------------------------------- */

static uint32_t
fold(uint32_t *told)
{
    ms_folding folding;
    uint32_t before = ms_ledger_rows(both[0]).count;
    CHECK(ms_folding_open(&folding, both[0]));
    *told += folding.folded_count;
    CHECK_EQUAL(folding.row_count, before);
    uint32_t staying = 0;
    for (uint32_t id = 1; id <= before; id++)
        staying += ms_renumber_stays(folding.row_to, id) || ms_renumber_moved(folding.row_to, id);
    CHECK_EQUAL(staying, ms_ledger_rows(both[0]).count);
    ms_folding_close(&folding);
    return before - staying;
}

static void
open_both(uint64_t room_bytes)
{
    memset(blocks, 0, sizeof blocks);
    memset(gone, 0, sizeof gone);
    gone_peak = gone_rows = 0;
    reached = 100;
    for (int i = 0; i < 2; i++)
        CHECK((both[i] = ms_ledger_create(&segment, 0, true)) != NULL);
    ms_folding_set_room(both[0], room_bytes);
}

static void
close_both(void)
{
    for (int i = 0; i < 2; i++)
        ms_ledger_destroy(both[i]);
}

static void
batch(uint64_t time_ns)
{
    for (int i = 0; i < 2; i++)
        ms_ledger_batch(both[i], time_ns);
}

static void
sums_stay_exact(uint64_t seed, uint64_t room_bytes)
{
    uint64_t random = seed;
    uint32_t folds = 0, rows = 0, told = 0, most = 0;
    open_both(room_bytes);
    for (uint32_t round = 0; round < 40; round++) {
        batch(round * UINT64_C(7000000));
        play(&random, EVENTS / 40);
        if (ms_ledger_rows(both[0]).count > most)
            most = ms_ledger_rows(both[0]).count;
        if (ms_folding_is_due(both[0])) {
            folds++;
            rows += fold(&told);
        }
        if (round % 5 == 4)
            sums_agree(false);
        if (round % 3 == 2)
            ms_ledger_next_window(both[0]); /* as after each fold, if not more often */
    }
    CHECK(folds >= 3 && rows > 1000 && told > 100);
    CHECK(most < ms_ledger_rows(both[1]).count / 3);
    ms_folded_sums sums = ms_folding_sums(both[0]);
    CHECK(sums.rows == rows && sums.allocated_bytes > 0 && sums.live_bytes <= sums.allocated_bytes);
    CHECK_EQUAL(ms_folding_sums(both[1]).allocated_bytes, 0);
    large_ancestors_agree();
    for (uint32_t place = 0; place < PLACES; place++)
        if (blocks[place].live)
            release(place, &random);
    give_waiting();
    fold(&told);
    sums_agree(true);
    close_both();
}

/* Rows that spill take all that they counted with them, and nothing else; so each stack holds what it held. */
static void
spilled_rows_add_up(uint64_t seed, bool fold_too)
{
    uint64_t random = seed;
    uint32_t told = 0, most = 0;
    open_both(fold_too ? 400000 : UINT64_C(1) << 40);
    for (uint32_t round = 0; round < 40; round++) {
        batch(round * UINT64_C(7000000));
        play(&random, EVENTS / 40);
        both[0]->spilled.rows = both[0]->spilled.doublings = 0; /* however many return */
        both[0]->lines.returned = 0;
        ms_spilling_set_room(both[0], 150000);
        if (ms_spilling_is_due(both[0]))
            spill();
        if (ms_ledger_rows(both[0]).count > most)
            most = ms_ledger_rows(both[0]).count;
        if (fold_too && ms_folding_is_due(both[0]))
            fold(&told);
        if (round % 5 == 4)
            sums_agree(false);
    }
    CHECK(gone_rows > 1000);
    CHECK(most < ms_ledger_rows(both[1]).count / 2);
    for (uint32_t place = 0; place < PLACES; place++)
        if (blocks[place].live)
            release(place, &random);
    give_waiting();
    spill();
    CHECK(ms_ledger_rows(both[0]).count < 50); /* of free lists */
    sums_agree(true);
    close_both();
}

/* Where what has gone returns again and again, the room is doubled, and in the end nothing spills. */
static void
room_is_widened(void)
{
    uint64_t random = 23, before = 10000, widened = 0;
    open_both(UINT64_C(1) << 40);
    ms_spilling_set_room(both[0], before);
    for (uint32_t round = 0; round < 300 && both[0]->spilled.room_bytes != 0; round++) {
        batch(round * UINT64_C(7000000));
        play(&random, 500);
        if (ms_spilling_is_due(both[0]))
            spill();
        widened += both[0]->spilled.room_bytes == before * 2;
        before = both[0]->spilled.room_bytes;
    }
    CHECK_EQUAL(widened, 5);
    CHECK_EQUAL(both[0]->spilled.room_bytes, 0);
    CHECK(!ms_spilling_is_due(both[0]));
    sums_agree(false);
    close_both();
}

/* As when a program begins: one line of many sizes is no stack that returns. */
static void
room_stays_until_something_has_gone(void)
{
    open_both(UINT64_C(1) << 40);
    ms_spilling_set_room(both[0], 10000);
    for (uint32_t place = 0; place < 8; place++)
        tell(MS_ALLOC, MS_OBJ, place, 16 * (place + 1), stacks[0]);
    give_waiting();
    for (int look = 0; look < 10; look++)
        CHECK(!ms_spilling_is_due(both[0]));
    CHECK_EQUAL(both[0]->spilled.room_bytes, 10000);
    close_both();
}

/* Windows tell the changes of rows by what they were when the last one was closed. */
static void
windows_tell_all(void)
{
    uint64_t random = 77, told_blocks = 0, told_bytes = 0;
    open_both(200000);
    for (uint32_t round = 0; round < 12; round++) {
        batch(round * UINT64_C(1000000));
        play(&random, 2000);
        ms_folding folding;
        CHECK(ms_folding_open(&folding, both[0]));
        for (uint32_t i = 0; i < folding.folded_count; i++) {
            CHECK(i == 0 || folding.folded[i].row > folding.folded[i - 1].row);
            told_blocks -= folding.folded[i].told.allocations;
            told_bytes -= folding.folded[i].told.allocated_bytes;
        }
        ms_folding_close(&folding);
        uint32_t count;
        const uint32_t *touched = ms_ledger_touched(both[0], &count);
        ms_rows all = ms_ledger_rows(both[0]);
        for (uint32_t i = 0; i < count; i++) {
            CHECK(i == 0 || touched[i] > touched[i - 1]);
            const ms_row_told *told = &all.told[all.rest[touched[i]].told];
            told_blocks += all.row[touched[i]].allocations - told->allocations;
            told_bytes += all.row[touched[i]].allocated_bytes - told->allocated_bytes;
        }
        ms_ledger_next_window(both[0]);
        uint64_t blocks_now = 0, bytes_now = 0;
        for (uint32_t id = 1; id <= all.count; id++) {
            blocks_now += all.row[id].allocations;
            bytes_now += all.row[id].allocated_bytes;
        }
        CHECK_EQUAL(told_blocks, blocks_now);
        CHECK_EQUAL(told_bytes, bytes_now);
    }
    close_both();
}

/* Whatever request for memory is the first to fail: nothing has folded, and all is as it was. */
static void
survives_without_memory(void)
{
    uint64_t random = 5;
    uint32_t refused = 0;
    open_both(50000);
    play(&random, 6000);
    for (long n = 1; n < 20; n++) {
        ms_folding folding;
        (void)ms_memory_fail(n, true);
        bool folds = ms_folding_open(&folding, both[0]);
        bool failed = ms_memory_fail(0, false);
        CHECK(folds == !failed);
        refused += failed;
        if (folds)
            ms_folding_close(&folding);
        sums_agree(false);
        play(&random, 1000);
    }
    CHECK(refused >= 4);
    close_both();
}

/* Copy chains of stacks that are one now count as one stack's. */
static void
chains_add_up(void)
{
    open_both(1);
    for (uint32_t stack = STACKS - 200; stack < STACKS; stack++) {
        for (uint32_t i = 0; i < 20; i++) {
            tell(MS_ALLOC, MS_RAW, 2 * (i % 2), 1000 + 100 * i, stacks[stack]);
            if (i > 0)
                tell(MS_FREE, MS_RAW, 2 * (1 - i % 2), 0, 1);
        }
        tell(MS_FREE, MS_RAW, 2, 0, 1);
        if (stack % 50 == 49) {
            uint32_t told = 0;
            give_waiting();
            fold(&told);
        }
    }
    give_waiting();
    uint64_t links[2] = {0}, chains[2] = {0};
    uint32_t counts[2];
    for (int i = 0; i < 2; i++) {
        const ms_growing *grown = ms_ledger_grown(both[i], &counts[i]);
        for (uint32_t place = 0; place < counts[i]; place++) {
            links[i] += grown[place].all_links;
            chains[i] += grown[place].chains;
        }
    }
    CHECK(counts[0] < counts[1]);
    CHECK_EQUAL(chains[0], 200);
    CHECK_EQUAL(chains[0], chains[1]);
    CHECK_EQUAL(links[0], links[1]);
    close_both();
}

int
main(void)
{
    make_stacks();
    sums_stay_exact(1, 1200000);
    sums_stay_exact(2, 1000000);
    spilled_rows_add_up(21, false);
    spilled_rows_add_up(22, true);
    room_is_widened();
    room_stays_until_something_has_gone();
    windows_tell_all();
    survives_without_memory();
    chains_add_up();
    ms_segment_unmap(&segment);
    return 0;
}
