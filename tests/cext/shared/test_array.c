/* Arrays that grow, and that are searched: against what is plainly so, with and without memory. */
#include "shared/array.h"

#include <string.h>

#include "check.h"

static void
grows_from_nothing_and_keeps_what_it_had(void)
{
    uint64_t *items = NULL;
    uint32_t capacity = 0;
    uint64_t none = 0;
    CHECK(MS_ARRAY_HOLDS(items, capacity, none, 4));
    CHECK(items == NULL);
    for (uint32_t i = 0; i < 10000; i++) {
        CHECK(MS_ARRAY_HOLDS(items, capacity, i + 1, 4));
        CHECK_EQUAL(items[i], 0);
        items[i] = i + 1;
    }
    CHECK_EQUAL(capacity, 16384);
    for (uint32_t i = 0; i < 10000; i++)
        CHECK_EQUAL(items[i], i + 1);
    CHECK(MS_ARRAY_HOLDS(items, capacity, 100000, 4)); /* several doublings at once */
    CHECK_EQUAL(capacity, 131072);
    CHECK_EQUAL(items[9999], 10000);
    ms_memory_give(items);
}

static void
stays_as_it_is_without_memory(void)
{
    uint32_t *items = NULL, capacity = 0;
    ms_memory_fail_from(1);
    CHECK(!MS_ARRAY_HOLDS(items, capacity, 1, 4));
    CHECK(items == NULL && capacity == 0);
    ms_memory_fail_from(0);
    CHECK(MS_ARRAY_HOLDS(items, capacity, 1, 4));
    items[3] = 7;
    uint64_t too_many = UINT64_C(1) << 32;
    CHECK(!MS_ARRAY_HOLDS(items, capacity, too_many, 4));
    ms_memory_fail_from(1);
    CHECK(!MS_ARRAY_HOLDS(items, capacity, 5, 4));
    ms_memory_fail_from(0);
    CHECK_EQUAL(capacity, 4);
    CHECK_EQUAL(items[3], 7);
    ms_memory_give(items);
}

static void
finds_the_first_that_is_not_before(void)
{
    uint32_t items[33];
    for (uint32_t count = 0; count <= 33; count++) {
        for (uint32_t i = 0; i < count; i++)
            items[i] = 2 * i + 1;
        for (uint32_t wanted = 0; wanted <= 2 * count + 1; wanted++) {
            uint32_t plain = 0, place;
            while (plain < count && items[plain] < wanted)
                plain++;
            MS_ARRAY_SEARCH(place, count, items[place] < wanted);
            CHECK_EQUAL(place, plain);
        }
    }
}

int
main(void)
{
    grows_from_nothing_and_keeps_what_it_had();
    stays_as_it_is_without_memory();
    finds_the_first_that_is_not_before();
    return 0;
}
