/* Which blocks are kept, against a list of addresses: at borders of words, regions and groups, again and again, without
 * memory, and by threads that all come to the same new region at once. And whose turn it is. Built under TSan as well.
 */
#include "check.h"
#include "shared/memory.h"
#include "shared/sampler.h"

#include <pthread.h>
#include <string.h>

#define ADDRESSES 256u
#define STEPS 200000u
#define THREADS 4u
#define ROUND_BLOCKS 10u
#define BLOCKS_EACH (400u * ROUND_BLOCKS)

static ms_keptblocks kept;

/* ---- the model ------------------------------------------------------------------------------- */

/* Addresses that lie where something ends, and others, each once; and whether each is kept. */
static uint64_t addresses[ADDRESSES];
static bool is_kept[ADDRESSES];

static bool
is_known(uint64_t address, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (addresses[i] == address)
            return true;
    return false;
}

static void
choose_addresses(uint64_t *random)
{
    static const unsigned borders[] = {4, 10, 16, MS_KEPT_REGION_BITS, MS_KEPT_GROUP_BITS, 47, 48};
    const uint32_t kinds = sizeof borders / sizeof borders[0];
    for (uint32_t count = 0; count < ADDRESSES;) {
        uint64_t border = UINT64_C(1) << borders[next_random(random) % kinds];
        uint64_t at = border * (1 + next_random(random) % 3) + (next_random(random) % 64) * 16;
        uint64_t address = (at - 64) & 0xfffffffffff0;
        if (!is_known(address, count))
            addresses[count++] = address;
    }
}

static void
is_as_the_model_says(void)
{
    for (uint32_t i = 0; i < ADDRESSES; i++)
        CHECK_EQUAL(ms_keptblocks_has(&kept, addresses[i]), is_kept[i]);
}

/* ---- one thread ------------------------------------------------------------------------------ */

static void
nothing_is_kept_at_first(void)
{
    uint64_t random = 1;
    choose_addresses(&random);
    CHECK(ms_keptblocks_open(&kept));
    is_as_the_model_says();
    CHECK(!ms_keptblocks_remove(&kept, addresses[0]));
}

static void
what_is_kept_is_what_was_added(void)
{
    uint64_t random = 2;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t i = (uint32_t)(next_random(&random) % ADDRESSES);
        if (next_random(&random) % 2 == 0) {
            CHECK(ms_keptblocks_add(&kept, addresses[i])); /* also where it is kept already */
            is_kept[i] = true;
        } else {
            CHECK_EQUAL(ms_keptblocks_remove(&kept, addresses[i]), is_kept[i]);
            is_kept[i] = false;
        }
        CHECK_EQUAL(ms_keptblocks_has(&kept, addresses[i]), is_kept[i]);
        if (step % (STEPS / 16) == 0)
            is_as_the_model_says();
    }
    is_as_the_model_says();
}

/* No other address has a bit: the kernel gives none to a process, but may be asked for it. */
static void
higher_addresses_are_never_kept(void)
{
    for (unsigned bit = 48; bit < 64; bit++) {
        uint64_t address = addresses[0] | UINT64_C(1) << bit;
        CHECK(!ms_keptblocks_add(&kept, address));
        CHECK(!ms_keptblocks_has(&kept, address));
        CHECK(!ms_keptblocks_remove(&kept, address));
    }
    is_as_the_model_says();
}

static void
the_next_recording_begins_with_none(void)
{
    CHECK(ms_keptblocks_open(&kept));
    memset(is_kept, 0, sizeof is_kept);
    is_as_the_model_says();
}

/* A block that cannot be remembered is not kept, and nothing else changes. */
static void
without_memory_nothing_is_kept(void)
{
    static ms_keptblocks fresh; /* stays: whoever is opened is never closed */
    ms_memory_fail_from(1);
    CHECK(!ms_keptblocks_open(&fresh));
    ms_memory_fail_from(0);
    CHECK(ms_keptblocks_open(&fresh));
    for (long failing = 1; failing <= 2; failing++) { /* the group, and then the region's bits */
        ms_memory_fail_from(failing);
        CHECK(!ms_keptblocks_add(&fresh, 4096));
        ms_memory_fail_from(0);
        CHECK(!ms_keptblocks_has(&fresh, 4096));
        CHECK(!ms_keptblocks_remove(&fresh, 4096));
    }
    CHECK(ms_keptblocks_add(&fresh, 4096));
    CHECK(ms_keptblocks_remove(&fresh, 4096));
}

/* ---- several threads ------------------------------------------------------------------------- */

static pthread_barrier_t together;

static uint64_t
block_of(uint32_t thread, uint32_t number)
{
    /* Neighbours, so that threads change the same words; all come at once to a new group, and then to a new region. */
    uint64_t round = 1 + number / ROUND_BLOCKS;
    return (round << (MS_KEPT_GROUP_BITS - 1)) + ((uint64_t)(number % ROUND_BLOCKS) * THREADS + thread + 4096) * 16;
}

static void *
keep_some(void *argument)
{
    uint32_t thread = *(const uint32_t *)argument;
    for (uint32_t i = 0; i < BLOCKS_EACH; i++) {
        if (i % ROUND_BLOCKS == 0)
            (void)pthread_barrier_wait(&together);
        CHECK(ms_keptblocks_add(&kept, block_of(thread, i)));
        if (i % 3 == 0)
            CHECK(ms_keptblocks_remove(&kept, block_of(thread, i)));
    }
    return NULL;
}

static void
threads_do_not_disturb_each_other(void)
{
    pthread_t threads[THREADS];
    uint32_t numbers[THREADS];
    CHECK(pthread_barrier_init(&together, NULL, THREADS) == 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, keep_some, &numbers[i]) == 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    pthread_barrier_destroy(&together);
    for (uint32_t thread = 0; thread < THREADS; thread++)
        for (uint32_t i = 0; i < BLOCKS_EACH; i++)
            CHECK_EQUAL(ms_keptblocks_has(&kept, block_of(thread, i)), i % 3 != 0);
    is_as_the_model_says();
}

/* ---- turns ----------------------------------------------------------------------------------- */

#define EACH 31u
#define CALLS (10000u * EACH)

static _Atomic uint32_t left = EACH;

static void *
take_turns(void *argument)
{
    uint32_t *turns = argument;
    for (uint32_t i = 0; i < CALLS; i++) {
        *turns += ms_sampler_turn(&left, EACH);
        CHECK(atomic_load_explicit(&left, memory_order_relaxed) <= EACH);
    }
    return NULL;
}

static void
one_of_so_many_has_a_turn(void)
{
    uint32_t alone = 0;
    (void)take_turns(&alone);
    CHECK_EQUAL(alone, CALLS / EACH);
    atomic_store(&left, 0); /* as where two have counted the same */
    CHECK(ms_sampler_turn(&left, EACH));
    pthread_t threads[THREADS];
    uint32_t turns[THREADS] = {0}, all = 0;
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, take_turns, &turns[i]) == 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        all += turns[i];
    }
    CHECK(all > 0);
}

/* ---- which requests -------------------------------------------------------------------------- */

static void
everything_is_kept_while_it_is_said_so(void)
{
    ms_sampler sampler;
    uint64_t random = 3;
    ms_sampler_open(&sampler, 1 << 20, 42);
    ms_sampler_keep_everything(&sampler, true);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(ms_sampler_keeps(&sampler, next_random(&random) % 9000));
    ms_sampler_keep_everything(&sampler, false);
    uint32_t times = 0;
    for (uint32_t i = 0; i < 100000; i++)
        times += ms_sampler_keeps(&sampler, 64);
    CHECK(times < 100); /* 6 are to be expected */
    CHECK(ms_sampler_keeps(&sampler, MS_SAMPLE_EXACT_BYTES));
}

int
main(void)
{
    nothing_is_kept_at_first();
    what_is_kept_is_what_was_added();
    higher_addresses_are_never_kept();
    the_next_recording_begins_with_none();
    without_memory_nothing_is_kept();
    threads_do_not_disturb_each_other();
    the_next_recording_begins_with_none();
    one_of_so_many_has_a_turn();
    everything_is_kept_while_it_is_said_so();
    return 0;
}
