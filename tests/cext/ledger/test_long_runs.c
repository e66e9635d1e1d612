/* The ledger when clocks go round within one window, and when the free of a block went unseen. */
#include "ledger/ledger.h"

#include "check.h"
#include "ledger/lifetimes.h"
#include "ledger/view.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/sizeclass.h"

#define MS UINT64_C(1000000)
#define GIB (UINT64_C(1) << 30)
#define PLACE UINT64_C(0x7f0000000000)

static ms_segment segment;
static uint32_t stack;
static ms_ledger *ledger;

static void
take(ms_kind kind, uint64_t address, uint64_t size_bytes)
{
    uint32_t last = kind == MS_FREE ? 1 : stack;
    ms_event event = ms_event_make(kind, MS_MEM, address, (uint32_t)size_bytes, last);
    ms_ledger_take(ledger, &event, size_bytes, 0);
}

static uint64_t
lifetimes_of(uint64_t size_bytes, uint32_t bucket)
{
    for (uint32_t id = 1; id <= ms_ledger_rows(ledger).count; id++) {
        const ms_row *row = &ms_ledger_rows(ledger).row[id];
        if (row->size_class == ms_sizeclass(size_bytes) && row->histogram != 0)
            return ms_ledger_lifetime(ledger, row, bucket);
    }
    return 0;
}

/* 66 GiB pass by in half a second, more than 2^32 granules, and no window ends meanwhile. */
static void
a_long_life_within_one_window(void)
{
    ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    take(MS_ALLOC, PLACE, 64);
    for (uint64_t i = 1; i <= 66; i++) {
        ms_ledger_batch(ledger, i * 8 * MS);
        take(MS_ALLOC, PLACE + 4096, GIB);
        take(MS_FREE, PLACE + 4096, 0);
    }
    ms_ledger_batch(ledger, 540 * MS);
    take(MS_FREE, PLACE, 0);
    CHECK_EQUAL(lifetimes_of(64, MS_BYTE_BUCKETS - 1), 1);
    CHECK_EQUAL(lifetimes_of(64, MS_BYTE_BUCKETS + 3), 1); /* below 10^3 ms */
    ms_ledger_destroy(ledger);
}

static ms_counters
mem_counters(void)
{
    ms_sums sums;
    ms_ledger_sum(ledger, &sums);
    return sums.domains[MS_MEM];
}

/* Old words of a large block, a birth and a size, lie where smaller blocks begin now. */
static void
a_large_block_whose_free_went_unseen(void)
{
    ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    take(MS_ALLOC, PLACE + GIB, 20 * GIB);
    take(MS_FREE, PLACE + GIB, 0);
    take(MS_ALLOC, PLACE, 100 * GIB);
    for (uint64_t granule = 1; granule < 4; granule++)
        take(MS_ALLOC, PLACE + 16 * granule, 16);
    CHECK_EQUAL(mem_counters().allocations, 5);
    for (uint64_t granule = 1; granule < 4; granule++)
        take(MS_FREE, PLACE + 16 * granule, 0);
    CHECK_EQUAL(mem_counters().frees, 4);
    CHECK_EQUAL(ms_ledger_live_bytes(ledger), 100 * GIB);
    /* The sweep meets such words, too: this block ends before the size of the one that it lies upon. */
    take(MS_ALLOC, PLACE + MS_SMALL_MAX, 100 * GIB);
    take(MS_ALLOC, PLACE + MS_SMALL_MAX - 16, 40);
    ms_ledger_batch(ledger, MS);
    ms_ledger_destroy(ledger);
}

int
main(void)
{
    map_new_segment(&segment);
    stack = ms_stack_add_root(&segment, 1);
    CHECK(stack != 0);
    a_long_life_within_one_window();
    a_large_block_whose_free_went_unseen();
    ms_segment_unmap(&segment);
    return 0;
}
