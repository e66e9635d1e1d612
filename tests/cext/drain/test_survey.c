/* Surveys of a heap against a plain list of its blocks. */
#include "drain/survey.h"

#include <string.h>

#include "check.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/memory.h"
#include "shared/sizeclass.h"

#define ARENAS 5u
#define POOLS 64u
#define STACKS 4u
#define BLOCKS 40000u

typedef struct plain_block {
    uint64_t address;
    uint32_t size_bytes, stack;
    bool live;
} plain_block;

static ms_segment segment;
static uint32_t stacks[STACKS];
static plain_block blocks[BLOCKS];
static uint32_t block_count;

static ms_event
heap_event(ms_kind kind, uint64_t address, uint32_t size, uint32_t stack)
{
    return ms_event_make(kind, MS_OBJ, address, size, stack);
}

static void
tell(ms_heap *heap, ms_kind kind, uint64_t address, uint32_t size, uint32_t stack)
{
    ms_event event = heap_event(kind, address, size, stack);
    ms_heap_take(heap, &event);
}

/* An arena that does not begin at a pool, as those of the kernel. */
static uint64_t
arena_address(uint32_t number)
{
    return UINT64_C(0x7f1200003000) + number * UINT64_C(0x2100000);
}

static void
arenas_come_and_go(void)
{
    ms_heap heap = {0};
    uint64_t random = 5;
    bool there[300] = {false};
    uint64_t made = 0, returned = 0, now = 0, most = 0;
    for (int i = 0; i < 20000; i++) {
        uint32_t number = (uint32_t)(next_random(&random) % 300);
        there[number] = !there[number];
        tell(&heap, there[number] ? MS_ARENA : MS_ARENA_GONE, arena_address(number), 1 << 20, 0);
        *(there[number] ? &made : &returned) += 1;
        now += there[number] ? 1 : UINT64_MAX;
        most = now > most ? now : most;
    }
    CHECK_EQUAL(heap.count, now);
    CHECK_EQUAL(heap.made, made);
    CHECK_EQUAL(heap.returned, returned);
    CHECK_EQUAL(heap.most, most);
    uint32_t place = 0;
    for (uint32_t number = 0; number < 300; number++)
        if (there[number])
            CHECK_EQUAL(heap.arenas[place++].address, arena_address(number));
    /* One from before the recording: that it goes is counted, that it came is not. */
    tell(&heap, MS_ARENA_GONE, 0x1000, 1 << 20, 0);
    CHECK_EQUAL(heap.returned, returned + 1);
    tell(&heap, MS_ARENA, 0x100000, 1 << 20, 1);
    CHECK(heap.arenas[0].older);
    CHECK_EQUAL(heap.made, made);
    ms_heap_close(&heap);
}

/* Fills pools with blocks of one class each, by several stacks, and frees three of four. */
static void
fill(ms_ledger *ledger, const ms_heap *heap)
{
    uint64_t random = 17;
    block_count = 0;
    for (uint32_t a = 0; a < heap->count; a++) {
        uint64_t pool = ms_arena_first_pool(&heap->arenas[a]);
        for (uint32_t p = 0; p < ms_arena_pools(&heap->arenas[a]); p++, pool += MS_POOL_BYTES) {
            uint32_t size_class = 1 + (uint32_t)(next_random(&random) % 32);
            uint32_t room = (uint32_t)((MS_POOL_BYTES - MS_POOL_HEADER_BYTES) / (16 * size_class));
            for (uint32_t i = 0; i < room && block_count < BLOCKS; i++) {
                plain_block *block = &blocks[block_count++];
                *block = (plain_block){
                    .address = pool + MS_POOL_HEADER_BYTES + i * 16 * size_class,
                    .size_bytes = 16 * size_class - (uint32_t)(next_random(&random) % 16),
                    .stack = stacks[next_random(&random) % STACKS],
                    .live = true,
                };
                ms_event event = ms_event_make(MS_ALLOC, MS_OBJ, block->address, block->size_bytes, block->stack);
                ms_ledger_take(ledger, &event, block->size_bytes, 0);
            }
        }
    }
    for (uint32_t i = 0; i < block_count; i++) {
        if (next_random(&random) % 4 == 0)
            continue;
        blocks[i].live = false;
        ms_event event = ms_event_make(MS_FREE, MS_OBJ, blocks[i].address, 0, 1);
        ms_ledger_take(ledger, &event, 0, 0);
    }
}

/* How many live blocks the plain list has in one pool, of one stack (0: of all). */
static uint32_t
plain_count(uint64_t pool, uint32_t stack, uint32_t size_class)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < block_count; i++) {
        const plain_block *block = &blocks[i];
        count += block->live && block->address / MS_POOL_BYTES == pool / MS_POOL_BYTES &&
                 (stack == 0 || block->stack == stack) &&
                 (size_class == 0 || ms_sizeclass(block->size_bytes) == size_class);
    }
    return count;
}

static void
agrees_with_the_list(bool counted)
{
    ms_heap heap = {0};
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    for (uint32_t a = ARENAS; a-- > 0;)
        tell(&heap, MS_ARENA, arena_address(a), 1 << 20, 0);
    fill(ledger, &heap);
    /* A large block elsewhere, and one of the raw domain, are no holdings. */
    ms_event other = ms_event_make(MS_ALLOC, MS_RAW, 0x5000000, 100, stacks[0]);
    ms_ledger_take(ledger, &other, 100, 0);
    /* pymalloc counts each pool; one has two blocks more than were recorded, one has only such. */
    uint64_t more = ms_arena_first_pool(&heap.arenas[1]) + 3 * MS_POOL_BYTES, unseen = 0;
    for (uint32_t a = 0; counted && a < ARENAS; a++) {
        uint64_t pool = ms_arena_first_pool(&heap.arenas[a]);
        for (uint32_t p = 0; p < POOLS - 1; p++, pool += MS_POOL_BYTES) {
            uint32_t count = plain_count(pool, 0, 0) + (pool == more ? 2 : 0);
            if (count == 0 && unseen == 0) {
                unseen = pool;
                count = 9;
            }
            if (count != 0)
                tell(&heap, MS_POOL, pool, count, 5);
        }
    }
    ms_heap_sort_pools(&heap);
    ms_survey survey = {0};
    for (int again = 0; again < 2; again++) {
        ms_survey_take(&survey, ledger, &heap);
        CHECK(!survey.out_of_memory);
        CHECK_EQUAL(survey.counted, counted);
        CHECK_EQUAL(survey.arena_count, ARENAS);
        uint32_t live = 0, seen = 0, unrecorded = 0;
        for (uint32_t i = 0; i < block_count; i++)
            live += blocks[i].live;
        for (uint32_t i = 0; i < survey.holding_count; i++) {
            const ms_holding *holding = &survey.holdings[i];
            uint64_t pool = ms_arena_first_pool(&survey.arenas[holding->arena]) + holding->pool * MS_POOL_BYTES;
            if (holding->row == 0) {
                CHECK_EQUAL(holding->blocks, pool == more ? 2 : 9);
                unrecorded += holding->blocks;
                continue;
            }
            const ms_row *row = &ms_ledger_rows(ledger).row[holding->row];
            uint32_t stack = 0;
            for (uint32_t s = 0; s < STACKS; s++)
                if (ms_ledger_line_node(ledger, stacks[s]) == row->stack)
                    stack = stacks[s];
            CHECK_EQUAL(holding->blocks, plain_count(pool, stack, row->size_class));
            CHECK_EQUAL(holding->size_class, counted ? 5 : row->size_class);
            seen += holding->blocks;
        }
        CHECK_EQUAL(seen, live);
        CHECK_EQUAL(unrecorded, counted ? (unseen == 0 ? 2 : 11) : 0);
    }
    ms_survey_close(&survey);
    ms_heap_close(&heap);
    ms_ledger_destroy(ledger);
}

static void
survives_without_memory(void)
{
    uint32_t arenas_missing = 0, holdings_missing = 0;
    for (long n = 1; n < 12; n++) {
        ms_heap heap = {0};
        ms_survey survey = {0};
        ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
        CHECK(ledger != NULL);
        ms_memory_fail_from(n);
        for (uint32_t a = 0; a < 100; a++)
            tell(&heap, MS_ARENA, arena_address(a), 1 << 20, 0);
        for (uint32_t p = 0; p < 3000; p++)
            tell(&heap, MS_POOL, arena_address(0) + p * MS_POOL_BYTES, 1, 1);
        arenas_missing += heap.out_of_memory;
        CHECK(heap.out_of_memory == (heap.count < 100 || heap.pool_count < 3000));
        ms_heap_sort_pools(&heap);
        ms_survey_take(&survey, ledger, &heap);
        holdings_missing += survey.out_of_memory;
        CHECK(survey.out_of_memory || survey.arena_count == 100);
        CHECK(survey.arena_count <= heap.count);
        ms_memory_fail_from(0);
        ms_survey_close(&survey);
        ms_heap_close(&heap);
        ms_ledger_destroy(ledger);
    }
    CHECK_EQUAL(arenas_missing, 5); /* two requests for arenas, three for pools */
    CHECK(holdings_missing > arenas_missing);
}

int
main(void)
{
    map_new_segment(&segment);
    for (uint32_t i = 0; i < STACKS; i++) {
        stacks[i] = ms_stack_add_root(&segment, 1 + i);
        CHECK(stacks[i] != 0);
    }
    arenas_come_and_go();
    agrees_with_the_list(false);
    agrees_with_the_list(true);
    survives_without_memory();
    ms_segment_unmap(&segment);
    return 0;
}
