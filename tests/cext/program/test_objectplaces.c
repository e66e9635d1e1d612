/* Places of program/objectplaces.h against a list of addresses in which each is once. */
#include "check.h"
#include "program/objectplaces.h"
#include "shared/memory.h"

#define COUNT 200000u
#define AT_MOST (MS_PLACES_A_PAGE * sizeof(uint32_t))

static uint64_t addresses[COUNT];

/* Runs of neighbours, as an allocator gives them, and ones that are alone on their page. */
static void
choose(uint64_t *random)
{
    uint64_t at = 0x550000000000;
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t draw = next_random(random);
        at += draw % 64 != 0 ? 16 * (1 + draw / 64 % 12) : (draw >> 20) % (UINT64_C(1) << 30) & ~UINT64_C(15);
        at += draw % 64 == 0 ? 16 : 0;
        addresses[i] = at;
    }
}

static void
shuffle(uint64_t *random)
{
    for (uint32_t i = COUNT - 1; i > 0; i--) {
        uint32_t other = (uint32_t)(next_random(random) % (i + 1));
        uint64_t kept = addresses[i];
        addresses[i] = addresses[other];
        addresses[other] = kept;
    }
}

static void
each_has_a_place_of_its_own(bool in_order)
{
    uint64_t random = 7;
    ms_places places;
    choose(&random);
    if (!in_order)
        shuffle(&random);
    CHECK(ms_places_open(&places));
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t *place = ms_places_at(&places, addresses[i]);
        CHECK(place != NULL);
        CHECK_EQUAL(*place, 0);
        *place = i + 1;
    }
    for (uint32_t i = COUNT; i-- > 0;)
        CHECK_EQUAL(*ms_places_at(&places, addresses[i]), i + 1);
    ms_places_close(&places);
}

/* As large blocks have. A second object on each gives it numbers of its own, and keeps the first. */
static void
one_alone_on_its_page_takes_little(void)
{
    ms_places places;
    CHECK(ms_places_open(&places));
    for (uint32_t i = 0; i < COUNT; i++) {
        addresses[i] = UINT64_C(0x550000000000) + i * UINT64_C(8192) + 16 * (i % MS_PLACES_A_PAGE);
        *ms_places_at(&places, addresses[i]) = i + 1;
    }
    CHECK(places.bytes < (uint64_t)COUNT * AT_MOST / 8);
    for (uint32_t i = 0; i < COUNT; i++)
        *ms_places_at(&places, addresses[i] ^ 16) = COUNT + i + 1;
    CHECK(places.bytes > (uint64_t)COUNT * AT_MOST);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQUAL(*ms_places_at(&places, addresses[i]), i + 1);
        CHECK_EQUAL(*ms_places_at(&places, addresses[i] ^ 16), COUNT + i + 1);
    }
    ms_places_close(&places);
}

static void
without_memory_nothing_is_lost(void)
{
    uint64_t random = 11;
    choose(&random);
    for (long first = 1; first < 12; first++) {
        ms_places places;
        uint32_t known = 0;
        ms_memory_fail_from(first);
        if (ms_places_open(&places)) {
            uint32_t *place;
            while (known < COUNT && (place = ms_places_at(&places, addresses[known])) != NULL)
                *place = ++known;
        }
        ms_memory_fail_from(0);
        for (uint32_t i = 0; i < known; i++)
            CHECK_EQUAL(*ms_places_at(&places, addresses[i]), i + 1);
        ms_places_close(&places);
    }
}

int
main(void)
{
    each_has_a_place_of_its_own(true);
    each_has_a_place_of_its_own(false);
    one_alone_on_its_page_takes_little();
    without_memory_nothing_is_lost();
    return 0;
}
