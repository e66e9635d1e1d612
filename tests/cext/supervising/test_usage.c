/* What a program took itself, and what a capture says of its end. */
#include "supervising/program.h"
#include "supervising/usage.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

#define ALONE "7 (a) b) (c) S 1 7 7 0 -1 4 %d 0 3 0 %d %d 0 0 20 0 1 0 100 0 0"
#define WAITED "7 (x) Z 1 7 7 0 -1 4 50 9 3 0 20 10 5 0 20 0 1 0 100 0 0"

static bool
is(double left, double right)
{
    double apart = left - right;
    return apart < 1e-9 && apart > -1e-9;
}

static const struct rusage TOTAL = {
    .ru_utime = {1, 500000}, .ru_stime = {0, 250000}, .ru_maxrss = 2048, .ru_minflt = 77};

static void
of_a_process_that_has_waited_for_none(void)
{
    char stat[256];
    (void)snprintf(stat, sizeof stat, ALONE, 50, 20, 10);
    ms_ownshare own = ms_ownshare_told(stat, -1);
    CHECK(own.known && !own.waited);
    CHECK(is(own.cpu_s, 30.0 / (double)sysconf(_SC_CLK_TCK)));
    CHECK_EQUAL(own.minor_faults, 50);
    ms_usage usage = ms_usage_of(&own, &TOTAL, 5, 1024);
    CHECK(is(usage.cpu_s, 1.75) && is(usage.system_s, 0.25) && is(usage.waited_cpu_s, 0));
    CHECK(usage.of_kernel && usage.peak_resident_bytes == 2048 * 1024 && usage.minor_faults == 77);
    usage = ms_usage_of(&own, &TOTAL, 5, 2048 * 1024); /* the kernel's may be the starter's */
    CHECK(!usage.of_kernel && usage.peak_resident_bytes == 5);
}

static void
of_one_that_has_waited(void)
{
    ms_ownshare own = ms_ownshare_told(WAITED, 1.5);
    CHECK(own.known && own.waited);
    ms_usage usage = ms_usage_of(&own, &TOTAL, 5, 0);
    CHECK(usage.waited && !usage.of_kernel && usage.peak_resident_bytes == 5 && usage.minor_faults == 50);
    CHECK(is(usage.cpu_s, 1.5) && is(usage.waited_cpu_s, 0.25));
    CHECK(usage.system_s <= 0.25);
    usage = ms_usage_until_replaced(usage, 9, 100000000);
    CHECK(is(usage.cpu_s, 0.1) && usage.system_s <= 0.1 && usage.peak_resident_bytes == 9);
}

static void
what_is_no_such_text_tells_nothing(void)
{
    ms_ownshare none = ms_ownshare_told("", 1);
    CHECK(!none.known);
    CHECK(!ms_ownshare_told("7 (x) S 1 2", 1).known);
    ms_usage usage = ms_usage_of(&none, &TOTAL, 5, 0);
    CHECK(is(usage.cpu_s, 1.75) && !usage.waited);
    CHECK(ms_ownshare_of(getpid()).known);
}

static void
the_exit_object_says_how_it_ended(void)
{
    char text[MS_EXIT_BYTES];
    ms_limit none = {0}, limit = {true, MS_LIMIT_CGROUP, 1000, 1, 0};
    ms_usage usage = {.cpu_s = 1.5, .peak_resident_bytes = 7, .of_kernel = true, .waited = true};
    ms_program_exit_json(3 << 8, &usage, 2.25, &none, text);
    CHECK(strcmp(text, "{\"status\": 3, \"signal\": null, \"wall_s\": 2.250000, \"cpu_s\": 1.500000, "
                       "\"system_s\": 0.000000, \"peak_resident_bytes\": 7, \"peak_resident_from\": \"kernel\", "
                       "\"minor_faults\": 0, \"waited\": true, \"waited_cpu_s\": 0.000000, \"refused\": 0}") == 0);
    ms_program_exit_json(9, &usage, 2.25, &limit, text);
    CHECK(strstr(text, "\"status\": null, \"signal\": 9,") != NULL);
    CHECK(strstr(text, "\"limit_bytes\": 1000, \"limit_source\": \"cgroup\"}") != NULL);
}

int
main(void)
{
    of_a_process_that_has_waited_for_none();
    of_one_that_has_waited();
    what_is_no_such_text_tells_nothing();
    the_exit_object_says_how_it_ended();
    return 0;
}
