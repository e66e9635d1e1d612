/* Limits are found where the kernel documents them, and thresholds told as they are passed: as the tests of
 * memorylimits.py and thresholds.py. */
#include "supervising/limits.h"
#include "supervising/thresholds.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define MIB (UINT64_C(1) << 20)

static char root[64] = "/tmp/memscope-limits-XXXXXX";

static void
put(const char *name, const char *text)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void
put_number(const char *group, const char *name, uint64_t number)
{
    char path[256], text[32];
    (void)snprintf(path, sizeof path, "%s/%s", group, name);
    (void)snprintf(text, sizeof text, "%" PRIu64 "\n", number);
    put(path, text);
}

static ms_limit
found(void)
{
    return ms_limits_of(7, 0, root).of[MS_LIMIT_CGROUP];
}

static void
version_2(void)
{
    put("proc/7/cgroup", "0::/a/b\n");
    put_number("sys/fs/cgroup/a/b", "memory.max", 512 * MIB);
    put_number("sys/fs/cgroup/a/b", "memory.current", 400 * MIB);
    put("sys/fs/cgroup/a/b/memory.stat", "anon 1\ninactive_file 104857600\nactive_file 5\n");
    put("sys/fs/cgroup/a/b/memory.events", "low 0\noom 9\noom_kill 3\n");
    ms_limit limit = found();
    CHECK(limit.is && limit.source == MS_LIMIT_CGROUP);
    CHECK_EQUAL(limit.limit_bytes, 512 * MIB);
    CHECK_EQUAL(limit.used_bytes, 300 * MIB);
    CHECK_EQUAL(limit.kills, 3);
    put_number("sys/fs/cgroup/a", "memory.max", 64 * MIB); /* the tightest has least left */
    put_number("sys/fs/cgroup/a", "memory.current", 60 * MIB);
    CHECK_EQUAL(found().limit_bytes, 64 * MIB);
    put_number("sys/fs/cgroup/a", "memory.current", 0);
    put("sys/fs/cgroup/a/b/memory.max", "max\n");
    CHECK_EQUAL(found().limit_bytes, 64 * MIB);
    put("sys/fs/cgroup/a/memory.max", "max\n");
    CHECK(!found().is);
    put("proc/7/cgroup", "0::/../../a\n"); /* of another container: only the top is seen */
    put_number("sys/fs/cgroup", "memory.max", 9 * MIB);
    put_number("sys/fs/cgroup", "memory.current", MIB);
    CHECK_EQUAL(found().limit_bytes, 9 * MIB);
    put("proc/7/cgroup", "0::/\n");
    CHECK_EQUAL(found().limit_bytes, 9 * MIB);
}

static void
version_1(void)
{
    put("proc/7/cgroup", "11:cpu,cpuacct:/x\n9:net,memory:/c\n");
    put_number("sys/fs/cgroup/memory/c", "memory.limit_in_bytes", 100 * MIB);
    put_number("sys/fs/cgroup/memory/c", "memory.usage_in_bytes", 90 * MIB);
    put("sys/fs/cgroup/memory/c/memory.stat", "cache 7\ntotal_inactive_file 1048576\n");
    put("sys/fs/cgroup/memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    put_number("sys/fs/cgroup/memory", "memory.limit_in_bytes", UINT64_C(9223372036854771712));
    put_number("sys/fs/cgroup/memory", "memory.usage_in_bytes", MIB);
    CHECK_EQUAL(found().limit_bytes, 100 * MIB);
    CHECK_EQUAL(found().used_bytes, 89 * MIB);
    CHECK_EQUAL(found().kills, 2);
}

static void
of_the_process_itself(void)
{
    put("proc/7/statm", "1000 300 1 1 0 1 0\n");
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    ms_limit given = ms_limits_of(7, 5 * MIB, root).of[MS_LIMIT_GIVEN];
    CHECK(given.is);
    CHECK_EQUAL(given.used_bytes, 300 * page_bytes);
    put("proc/7/statm", "0 0 0 0 0 0 0\n"); /* it is over, and waits to be waited for */
    ms_limits limits = ms_limits_of(7, 5 * MIB, root);
    for (int source = 0; source < MS_LIMIT_SOURCES; source++)
        CHECK(!limits.of[source].is);
    ms_limit tightest = ms_limits_tightest(&limits, getpid());
    CHECK(!tightest.is);
    limits.of[MS_LIMIT_GIVEN] = (ms_limit){true, MS_LIMIT_GIVEN, 100, 40, 0};
    limits.of[MS_LIMIT_RLIMIT_AS] = (ms_limit){true, MS_LIMIT_RLIMIT_AS, 100, 60, 0};
    limits.of[MS_LIMIT_CGROUP] = (ms_limit){true, MS_LIMIT_CGROUP, UINT64_C(1) << 50, UINT64_C(1) << 50, 0};
    CHECK_EQUAL(ms_limits_tightest(&limits, getpid()).source, MS_LIMIT_RLIMIT_AS); /* others fill the group */
}

/* One look: per cent of the limit, live bytes of 100, what is told. */
typedef struct look {
    int percent, live, told;
} look;

static void
check_looks(const look *looks, int count)
{
    ms_thresholds thresholds = {0};
    for (int i = 0; i < count; i++) {
        ms_limit limit = {looks[i].percent >= 0, MS_LIMIT_GIVEN, 100, (uint64_t)looks[i].percent, 0};
        CHECK_EQUAL(ms_thresholds_passed(&thresholds, &limit, (uint64_t)looks[i].live), looks[i].told);
    }
}

#define LOOKS(...) check_looks((const look[]){__VA_ARGS__}, (int)(sizeof((const look[]){__VA_ARGS__}) / sizeof(look)))

static void
thresholds_are_told(void)
{
    LOOKS({10, 0, 0}, {79, 0, 0}, {80, 0, 80}, {85, 0, 0}, {90, 0, 90}, {99, 0, 0}, {100, 0, 0});
    LOOKS({10, 0, 0}, {95, 0, 90}, {89, 0, 0}, {91, 0, 0});
    LOOKS({82, 0, 80}, {71, 0, 0}, {82, 0, 0}, {69, 0, 0}, {82, 0, 80}, {92, 0, 90}, {79, 0, 0}, {92, 0, 90});
    LOOKS({85, 60, 80}, {85, 20, 0}, {85, 30, 0}, {85, 49, 0}, {85, 50, 80}, {85, 60, 0}, {85, 10, 0}, {85, 59, 80});
    LOOKS({82, 70, 80}, {91, 40, 90}, {91, 5, 0}, {91, 45, 0}, {91, 60, 90});
    LOOKS({82, 0, 80}, {-1, 0, 0}, {-1, 0, 0}, {82, 0, 80}, {92, 0, 90});
}

static void
looks_come_more_often_near_a_limit(void)
{
    ms_limits before = {0}, now = {0};
    ms_limit half = {true, MS_LIMIT_GIVEN, 100, 50, 0};
    CHECK(ms_thresholds_wait_ns(&half) < ms_thresholds_wait_ns(&now.of[0]));
    before.of[MS_LIMIT_GIVEN] = (ms_limit){true, MS_LIMIT_GIVEN, 100, 10, 0};
    now.of[MS_LIMIT_GIVEN] = (ms_limit){true, MS_LIMIT_GIVEN, 100, 12, 0};
    CHECK(!ms_thresholds_grows_fast(&now, &before));
    now.of[MS_LIMIT_GIVEN].used_bytes = 13;
    CHECK(ms_thresholds_grows_fast(&now, &before));
    before.of[MS_LIMIT_GIVEN].is = false;
    CHECK(!ms_thresholds_grows_fast(&now, &before));
}

int
main(void)
{
    CHECK(mkdtemp(root) != NULL);
    version_2();
    version_1();
    of_the_process_itself();
    thresholds_are_told();
    looks_come_more_often_near_a_limit();
    char command[96];
    (void)snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}
