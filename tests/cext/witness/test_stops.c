/* When the witness has memscope or the program stop or go on, by what it is told and what it sees. */
#include "witness/stops.h"

#include "check.h"

static void
it_hears_words_in_one_piece_or_in_several(void)
{
    ms_stops stops = {0};
    ms_stops_hear(&stops, "4711\n");
    CHECK_EQUAL(stops.program, 4711);
    CHECK(!stops.follows);
    ms_stops_hear(&stops, "follows\ngoes-on\nfollows\n");
    CHECK(stops.follows);
    ms_stops_hear(&stops, "");
    CHECK(stops.follows);
    ms_stops_hear(&stops, "goes-on\n4712\n");
    CHECK(!stops.follows);
    CHECK_EQUAL(stops.program, 4712);
}

static void
a_memscope_that_was_stopped_alone_has_the_program_stop_at_the_second_look(void)
{
    ms_stops stops = {.program = 4711};
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_LEAVE);
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_STOP_PROGRAM);
    CHECK_EQUAL(ms_stops_look(&stops, true, true), MS_STOPS_LEAVE);
    CHECK_EQUAL(stops.apart, 0);
}

static void
a_memscope_that_follows_its_program_goes_on_with_it(void)
{
    ms_stops stops = {.program = 4711, .follows = true};
    CHECK_EQUAL(ms_stops_look(&stops, true, true), MS_STOPS_LEAVE);
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_LEAVE);
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_CONTINUE_MEMSCOPE);
}

static void
looks_that_differ_count_only_in_a_row(void)
{
    ms_stops stops = {.program = 4711};
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_LEAVE);
    CHECK_EQUAL(ms_stops_look(&stops, false, false), MS_STOPS_LEAVE);
    CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_LEAVE);
    CHECK_EQUAL(stops.apart, 1);
}

static void
without_a_program_nothing_is_done(void)
{
    ms_stops stops = {0};
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(ms_stops_look(&stops, true, false), MS_STOPS_LEAVE);
}

int
main(void)
{
    it_hears_words_in_one_piece_or_in_several();
    a_memscope_that_was_stopped_alone_has_the_program_stop_at_the_second_look();
    a_memscope_that_follows_its_program_goes_on_with_it();
    looks_that_differ_count_only_in_a_row();
    without_a_program_nothing_is_done();
    return 0;
}
