/* Copy chains as they come, beside what must not be taken for one. */
#include "ledger/growth.h"

#include <string.h>

#include "check.h"
#include "shared/memory.h"

static ms_growth growth;
static uint64_t clock_now, next_address;

static uint64_t
allocate(uint32_t stack, uint64_t size_bytes)
{
    next_address += 0x100000;
    clock_now += (size_bytes + 15) / 16;
    CHECK(ms_growth_allocated(&growth, stack, next_address, size_bytes, clock_now));
    return next_address;
}

static void
release(uint32_t stack, uint64_t address, uint64_t size_bytes)
{
    ms_growth_freed(&growth, stack, address, size_bytes, clock_now);
}

static const ms_growing *
found(uint32_t stack)
{
    ms_growth_settle(&growth);
    static const ms_growing none;
    uint32_t place = growth.of_stack[stack];
    return place == 0 ? &none : &growth.growing[place];
}

static void
start(void)
{
    memset(&growth, 0, sizeof growth);
    clock_now = 1000;
}

/* s = s + x, n times by step, with an operand of the same line if temporary is not 0. Returns the last block. */
static uint64_t
grow(uint32_t stack, uint64_t size_bytes, uint64_t step, unsigned n, uint64_t temporary)
{
    uint64_t address = allocate(stack, size_bytes);
    for (unsigned i = 0; i < n; i++, size_bytes += step) {
        uint64_t operand = temporary == 0 ? 0 : allocate(stack, temporary);
        uint64_t larger = allocate(stack, size_bytes + step);
        if (operand != 0)
            release(stack, operand, temporary);
        release(stack, address, size_bytes);
        address = larger;
    }
    return address;
}

static void
a_chain_is_counted_link_by_link(void)
{
    start();
    grow(7, 600, 100, 20, 0);
    const ms_growing *growing = found(7);
    uint64_t copied = 0, steep = 0;
    for (uint64_t i = 0, size = 600; i < 20; i++, size += 100) {
        copied += size;
        steep += 100 >= size / 16;
    }
    CHECK_EQUAL(growing->chains, 1);
    CHECK_EQUAL(growing->all_links, 20);
    CHECK_EQUAL(growing->all_copied_bytes, copied);
    CHECK_EQUAL(growing->all_steep_links, steep);
    CHECK_EQUAL(growing->longest_chain, 20);
    CHECK_EQUAL(growing->largest_bytes, 2600);
    ms_growth_close(&growth);
}

static void
seven_links_are_none(void)
{
    start();
    grow(7, 600, 100, MS_GROWTH_LINKS - 1, 0);
    CHECK_EQUAL(found(7)->all_links, 0);
    grow(8, 600, 100, MS_GROWTH_LINKS, 0);
    CHECK_EQUAL(found(8)->all_links, MS_GROWTH_LINKS);
    ms_growth_close(&growth);
}

/* The operand is made before the sum and freed before what it is added to. */
static void
temporary_blocks_of_the_line_do_not_break_a_chain(void)
{
    start();
    grow(3, 10000, 2000, 50, 2000);
    CHECK_EQUAL(found(3)->chains, 1);
    CHECK(found(3)->all_links >= 49);
    ms_growth_close(&growth);
}

static void
a_second_chain_is_found_while_the_first_lives_on(void)
{
    start();
    grow(3, 1000, 100, 30, 0);
    grow(3, 1000, 100, 30, 0);
    CHECK_EQUAL(found(3)->chains, 2);
    CHECK(found(3)->all_links >= 50 && found(3)->all_links <= 60);
    CHECK_EQUAL(found(3)->largest_bytes, 4000);
    ms_growth_close(&growth);
}

static void
stacks_are_kept_apart(void)
{
    start();
    for (uint32_t stack = 1; stack < 5000; stack += 7)
        grow(stack, 600, 600, 9, 0);
    for (uint32_t stack = 1; stack < 5000; stack++)
        CHECK_EQUAL(found(stack)->all_links, stack % 7 == 1 ? 9 : 0);
    ms_growth_close(&growth);
}

/* Blocks that are made and dropped in a loop: of one size, smaller, of any size. */
static void
churn_is_no_growth(void)
{
    start();
    grow(1, 5000, 0, 100, 0);
    uint64_t shrinking = 100000, address = allocate(2, shrinking);
    for (int i = 0; i < 100; i++, shrinking -= 500) {
        uint64_t smaller = allocate(2, shrinking - 500);
        release(2, address, shrinking);
        address = smaller;
    }
    uint64_t random = 11, size = 5000;
    address = allocate(3, size);
    for (int i = 0; i < 1000; i++) {
        uint64_t other_bytes = 600 + next_random(&random) % 10000;
        uint64_t other = allocate(3, other_bytes);
        release(3, address, size);
        address = other;
        size = other_bytes;
    }
    for (uint32_t stack = 1; stack <= 3; stack++)
        CHECK_EQUAL(found(stack)->all_links, 0);
    ms_growth_close(&growth);
}

/* What is kept, or freed only when much else was allocated, was not copied into its successor. */
static void
growing_blocks_that_live_on_are_no_chain(void)
{
    start();
    uint64_t held[40];
    for (uint64_t i = 0; i < 40; i++)
        held[i] = allocate(1, 600 + 100 * i);
    for (uint64_t i = 0; i < 40; i++)
        release(1, held[i], 600 + 100 * i);
    uint64_t address = allocate(2, 600);
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t larger = allocate(2, 700 + 100 * i);
        clock_now += 100; /* 1,600 bytes */
        release(2, address, 600 + 100 * i);
        address = larger;
    }
    CHECK_EQUAL(found(1)->all_links, 0);
    CHECK_EQUAL(found(2)->all_links, 0);
    ms_growth_close(&growth);
}

/* The larger block is gone itself when the smaller one is freed. */
static void
a_dead_block_is_nobodys_successor(void)
{
    start();
    uint64_t address = allocate(1, 600);
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t passing = allocate(1, 700 + 10 * i);
        release(1, passing, 700 + 10 * i);
        release(1, address, 600);
        address = allocate(1, 600);
    }
    CHECK_EQUAL(found(1)->all_links, 0);
    ms_growth_close(&growth);
}

static void
survives_without_memory(void)
{
    for (long n = 1; n < 8; n++) {
        ms_memory_fail_from(n);
        memset(&growth, 0, sizeof growth);
        bool refused = false;
        for (uint32_t stack = 1; stack < 3000; stack++) {
            refused |= !ms_growth_allocated(&growth, stack, 0x1000, 600, 1);
            ms_growth_freed(&growth, stack, 0x2000, 550, 1);
        }
        CHECK(refused);
        ms_growth_close(&growth);
        ms_memory_fail_from(0);
    }
}

int
main(void)
{
    a_chain_is_counted_link_by_link();
    seven_links_are_none();
    temporary_blocks_of_the_line_do_not_break_a_chain();
    a_second_chain_is_found_while_the_first_lives_on();
    stacks_are_kept_apart();
    churn_is_no_growth();
    growing_blocks_that_live_on_are_no_chain();
    a_dead_block_is_nobodys_successor();
    survives_without_memory();
    return 0;
}
