/* Whose pages are, where the program goes on between the list of mappings and the page map. */
#include "drain/residency.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "ledger/ranges.h"
#include "made_segment.h"
#include "program/stacktable.h"

#define MIB ((size_t)1 << 20)
#define RANGE_BYTES (8 * MIB)

static const ms_heap no_heap;
static ms_segment segment;
static uint32_t stack;
static ms_ledger *ledger;
static char *range; /* 8 MiB of pages, none of them touched */

static void
hand_to_ledger(void *context, const ms_event *event, uint64_t size_bytes, uint64_t thread)
{
    ms_ledger_take(context, event, size_bytes, thread);
}

static void
tell(ms_kind kind, ms_domain domain, const char *address, size_t bytes)
{
    ms_event event = ms_event_make(kind, domain, (uintptr_t)address, (uint32_t)bytes, stack);
    const ms_ranges_taker taker = {.take = hand_to_ledger, .context = ledger};
    if (ms_ranges_takes(kind))
        ms_ranges_take(ledger, &event, bytes, 0, &taker);
    else
        ms_ledger_take(ledger, &event, bytes, 0);
}

static void
touch(char *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        from[at] = 1;
}

static void
begin(void)
{
    map_new_segment(&segment);
    stack = ms_stack_add_root(&segment, 1);
    ledger = ms_ledger_create(&segment, 0, false);
    range = mmap(NULL, RANGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(ledger != NULL && range != MAP_FAILED);
    (void)madvise(range, RANGE_BYTES, MADV_NOHUGEPAGE);
}

static void
end(void)
{
    munmap(range, RANGE_BYTES);
    ms_ledger_destroy(ledger);
    ms_segment_unmap(&segment);
}

/* The range, measured; listed_bytes: resident by the list of mappings. untouched_bytes: of all rows. */
static ms_range
measured(size_t listed_bytes, uint64_t *untouched_bytes)
{
    ms_range listed = {.start = (uintptr_t)range,
                       .end = (uintptr_t)range + RANGE_BYTES,
                       .resident_bytes = listed_bytes,
                       .kind = MS_MAP_ANONYMOUS};
    ms_residency residency = {.ranges = &listed, .range_count = 1};
    ms_residency_measure(&residency, (int)getpid(), ledger, &no_heap);
    *untouched_bytes = 0;
    for (uint32_t i = 0; i < residency.untouched_count; i++)
        *untouched_bytes += residency.untouched[i].bytes;
    residency.ranges = NULL;
    ms_residency_close(&residency);
    return listed;
}

static void
a_block_that_goes_meanwhile_was_there(void)
{
    begin();
    uint64_t untouched;
    tell(MS_ALLOC, MS_NATIVE, range, 6 * MIB);
    tell(MS_ALLOC, MS_NATIVE, range + 6 * MIB, 2 * MIB);
    touch(range, 2 * MIB);
    /* 7 of 8 MiB were listed; by the page map it is 2 now. */
    ms_range found = measured(7 * MIB, &untouched);
    CHECK_EQUAL(found.block_bytes, 7 * MIB);
    CHECK_EQUAL(found.untouched_bytes, MIB);
    CHECK_EQUAL(untouched, MIB);
    CHECK_EQUAL(ms_range_rest(&found), 0);
    end();
}

static void
what_may_lie_between_blocks_is_not_theirs(void)
{
    begin();
    uint64_t untouched;
    tell(MS_ALLOC, MS_NATIVE, range, 5 * MIB); /* never touched */
    touch(range + 5 * MIB, 3 * MIB);
    ms_range found = measured(3 * MIB, &untouched);
    CHECK_EQUAL(found.block_bytes, 0);
    CHECK_EQUAL(untouched, 5 * MIB);
    CHECK_EQUAL(ms_range_rest(&found), 3 * MIB);
    found = measured(4 * MIB, &untouched); /* one of them was the block's, at least */
    CHECK_EQUAL(found.block_bytes, MIB);
    CHECK_EQUAL(untouched, 4 * MIB);
    CHECK_EQUAL(ms_range_rest(&found), 3 * MIB);
    end();
}

static void
a_region_that_goes_meanwhile_was_there(void)
{
    begin();
    uint64_t untouched;
    tell(MS_MAP, MS_MAPPED, range, 4 * MIB);
    tell(MS_MAP, MS_MAPPED, range + 4 * MIB, 4 * MIB);
    touch(range + 4 * MIB, MIB);
    ms_range found = measured(5 * MIB, &untouched);
    CHECK_EQUAL(found.block_bytes, 5 * MIB);
    CHECK_EQUAL(untouched, 3 * MIB);
    CHECK_EQUAL(ms_range_rest(&found), 0);
    end();
}

int
main(void)
{
    a_block_that_goes_meanwhile_was_there();
    what_may_lie_between_blocks_is_not_theirs();
    a_region_that_goes_meanwhile_was_there();
    return 0;
}
