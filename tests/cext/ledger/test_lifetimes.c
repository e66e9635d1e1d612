/* Histograms whose counters overflow all the time, against plain counters of 64 bits. */
#include "ledger/lifetimes.h"

#include <string.h>

#include "check.h"
#include "shared/memory.h"

#define HISTOGRAMS 400u
#define STEPS 200000u

static ms_lifetimes lifetimes;
static uint64_t plain[HISTOGRAMS + 1][MS_BUCKETS];
static bool used[HISTOGRAMS + 1];
static uint64_t state = 7;

static uint32_t
random_below(uint32_t bound)
{
    return (uint32_t)(next_random(&state) % bound);
}

/* The first of time is none. */
static uint32_t
random_bucket(void)
{
    uint32_t bucket = random_below(MS_BUCKETS - 1);
    return bucket < MS_BYTE_BUCKETS ? bucket : bucket + 1;
}

static uint64_t
random_weight(void)
{
    static const uint64_t weights[] = {1, 7, 256, 65535, 65536, 65537, UINT64_C(1) << 31, UINT64_C(3) << 40};
    return weights[random_below(sizeof weights / sizeof *weights)];
}

static bool
count(uint32_t histogram, uint32_t bucket, uint64_t weight)
{
    ms_lifetime_histogram *counts = &lifetimes.histograms[histogram];
    uint16_t *counter = bucket < MS_BYTE_BUCKETS ? &counts->bytes[bucket] : &counts->time[bucket - MS_BYTE_BUCKETS];
    return ms_lifetimes_count_in(&lifetimes, histogram, counter, bucket, weight);
}

static void
check(uint32_t histogram)
{
    for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++)
        CHECK_EQUAL(ms_lifetimes_counted(&lifetimes, histogram, bucket), plain[histogram][bucket]);
}

static void
add_one(void)
{
    uint32_t added = ms_lifetimes_add(&lifetimes);
    CHECK(added != 0 && added <= HISTOGRAMS && !used[added]);
    used[added] = true;
    memset(plain[added], 0, sizeof plain[added]);
    check(added);
}

static void
step(void)
{
    uint32_t id = 1 + random_below(HISTOGRAMS), other = 1 + random_below(HISTOGRAMS), kind = random_below(100);
    if (kind == 0) {
        if (ms_lifetimes_used(&lifetimes) < HISTOGRAMS)
            add_one();
    } else if (kind == 1 && used[id]) {
        ms_lifetimes_drop(&lifetimes, id);
        used[id] = false;
    } else if (kind == 2 && used[id] && used[other] && id != other) {
        CHECK(ms_lifetimes_merge(&lifetimes, id, other));
        for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++)
            plain[id][bucket] += plain[other][bucket];
        used[other] = false;
        check(id);
    } else if (used[id]) {
        uint32_t bucket = random_bucket();
        uint64_t weight = random_weight();
        CHECK(count(id, bucket, weight));
        plain[id][bucket] += weight;
    }
}

static void
against_plain_counters(void)
{
    for (uint32_t i = 0; i < HISTOGRAMS / 2; i++)
        add_one();
    for (uint32_t i = 0; i < STEPS; i++)
        step();
    uint32_t in_use = 0;
    for (uint32_t id = 1; id <= HISTOGRAMS; id++) {
        in_use += used[id];
        if (used[id])
            check(id);
    }
    CHECK(in_use > 0);
    CHECK_EQUAL(in_use, ms_lifetimes_used(&lifetimes));
    CHECK(lifetimes.carry_count > 0);
    for (uint32_t id = 1; id <= HISTOGRAMS; id++)
        if (used[id])
            ms_lifetimes_drop(&lifetimes, id);
    CHECK_EQUAL(lifetimes.carry_count, 0);
    memset(used, 0, sizeof used);
}

/* Each block once, as the ledger does: 300,000 of one age. */
static void
many_releases(void)
{
    ms_lifetimes_restart(&lifetimes);
    uint32_t id = ms_lifetimes_add(&lifetimes);
    ms_lifetimes_batch(&lifetimes, 0);
    lifetimes.clock += 5;
    for (uint32_t i = 0; i < 300000; i++)
        CHECK(ms_lifetimes_count(&lifetimes, id, 0, 1));
    CHECK_EQUAL(ms_lifetimes_counted(&lifetimes, id, ms_lifetimes_bucket(5)), 300000);
    ms_lifetimes_restart(&lifetimes);
    CHECK_EQUAL(ms_lifetimes_add(&lifetimes), 1);
    for (uint32_t bucket = 0; bucket < MS_BUCKETS; bucket++)
        CHECK_EQUAL(ms_lifetimes_counted(&lifetimes, 1, bucket), 0);
}

/* What cannot be carried is said, and what was carried stays. */
static void
without_memory(void)
{
    ms_lifetimes_close(&lifetimes);
    uint32_t id = ms_lifetimes_add(&lifetimes), other = ms_lifetimes_add(&lifetimes);
    CHECK(id != 0 && other != 0);
    ms_memory_fail_from(1);
    CHECK(!count(id, 3, UINT64_C(1) << 20));
    ms_memory_fail_from(0);
    CHECK_EQUAL(ms_lifetimes_counted(&lifetimes, id, 3), 0);
    CHECK(count(id, 3, UINT64_C(1) << 20));
    ms_memory_fail_from(1);
    uint32_t told = 0;
    for (uint32_t bucket = 0; bucket < MS_BYTE_BUCKETS; bucket++)
        told += count(other, bucket, 65536);
    ms_memory_fail_from(0);
    CHECK(told < MS_BYTE_BUCKETS);
    uint64_t counted = 0;
    for (uint32_t bucket = 0; bucket < MS_BYTE_BUCKETS; bucket++)
        counted += ms_lifetimes_counted(&lifetimes, other, bucket);
    CHECK_EQUAL(counted, told * UINT64_C(65536));
    CHECK_EQUAL(ms_lifetimes_counted(&lifetimes, id, 3), UINT64_C(1) << 20);
}

int
main(void)
{
    against_plain_counters();
    many_releases();
    without_memory();
    ms_lifetimes_close(&lifetimes);
    return 0;
}
