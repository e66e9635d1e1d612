#include "supervising/limits.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NONE_V1 (UINT64_C(1) << 60) /* what version 1 says where there is no limit is more */
#define OWN_SHARE 2 /* of a cgroup's limit, one in so many parts: with less the program is not the reason */

/* Where a version of cgroups has its figures. */
typedef struct group_files {
    const char *base, *limit, *used, *reclaimable, *kills;
} group_files;

static const group_files VERSION_1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                      "total_inactive_file", "memory.oom_control"};
static const group_files VERSION_2 = {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file",
                                      "memory.events"};

const char *const ms_limit_names[MS_LIMIT_SOURCES] = {"given", "cgroup", "RLIMIT_AS"};

static bool
read_text(const char *directory, const char *name, char *text, size_t text_bytes)
{
    char path[PATH_MAX + 256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t count = fread(text, 1, text_bytes - 1, file);
    (void)fclose(file);
    text[count] = '\0';
    return true;
}

/* Bytes of address space, and of it resident ones. False: the process is gone. */
static bool
memory_of(pid_t pid, const char *root, uint64_t *virtual_bytes, uint64_t *resident_bytes)
{
    char directory[PATH_MAX], text[256];
    (void)snprintf(directory, sizeof directory, "%s/proc/%d", root, (int)pid);
    if (!read_text(directory, "statm", text, sizeof text) ||
        sscanf(text, "%" SCNu64 " %" SCNu64, virtual_bytes, resident_bytes) != 2)
        return false;
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    *virtual_bytes *= page_bytes;
    *resident_bytes *= page_bytes;
    return true;
}

/* A number of a file of lines with a name and a number; 0 if it is not there. */
static uint64_t
field(const char *directory, const char *file, const char *name)
{
    char text[8192];
    if (!read_text(directory, file, text, sizeof text))
        return 0;
    size_t length = strlen(name);
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            return strtoull(line + length, NULL, 10);
    }
    return 0;
}

static ms_limit
limit_of_group(const char *directory, const group_files *files)
{
    char limit[64], used[64];
    ms_limit none = {0};
    if (!read_text(directory, files->limit, limit, sizeof limit) || limit[0] < '0' || limit[0] > '9')
        return none; /* "max" */
    uint64_t limit_bytes = strtoull(limit, NULL, 10);
    if (limit_bytes >= NONE_V1 || !read_text(directory, files->used, used, sizeof used))
        return none;
    uint64_t used_bytes = strtoull(used, NULL, 10);
    uint64_t reclaimable = field(directory, "memory.stat", files->reclaimable);
    return (ms_limit){
        .is = true,
        .source = MS_LIMIT_CGROUP,
        .limit_bytes = limit_bytes,
        .used_bytes = used_bytes > reclaimable ? used_bytes - reclaimable : 0,
        .kills = field(directory, files->kills, "oom_kill"),
    };
}

static bool
is_tighter(const ms_limit *limit, const ms_limit *than)
{
    return limit->is && (!than->is || (int64_t)(limit->limit_bytes - limit->used_bytes) <
                                          (int64_t)(than->limit_bytes - than->used_bytes));
}

/* From the group to the top of what is seen here: in a container, that is its own. path is used up. */
static void
look_at_groups(const char *root, char *path, const group_files *files, ms_limit *tightest)
{
    char directory[PATH_MAX + 128];
    for (;;) {
        (void)snprintf(directory, sizeof directory, "%s%s%s", root, files->base, path);
        ms_limit limit = strstr(path, "/..") == NULL ? limit_of_group(directory, files) : (ms_limit){0};
        if (is_tighter(&limit, tightest))
            *tightest = limit;
        char *last = strrchr(path, '/');
        if (last == NULL)
            return;
        *last = '\0';
    }
}

static bool
names_memory(const char *controllers)
{
    const char *found = strstr(controllers, "memory");
    return found != NULL && (found == controllers || found[-1] == ',') && (found[6] == '\0' || found[6] == ',');
}

/* The tightest limit of a process's cgroups: of its own and of those above it. */
static ms_limit
limit_of_groups(pid_t pid, const char *root)
{
    char path[PATH_MAX], line[PATH_MAX + 256];
    ms_limit tightest = {0};
    (void)snprintf(path, sizeof path, "%s/proc/%d/cgroup", root, (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return tightest;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL)
            continue;
        *group++ = '\0';
        if (strcmp(group, "/") == 0)
            group++;
        if (controllers[1] == '\0')
            look_at_groups(root, group, &VERSION_2, &tightest);
        else if (names_memory(controllers + 1))
            look_at_groups(root, group, &VERSION_1, &tightest);
    }
    (void)fclose(file);
    return tightest;
}

ms_limits
ms_limits_of(pid_t pid, uint64_t given_bytes, const char *root)
{
    ms_limits limits = {0};
    uint64_t virtual_bytes, resident_bytes;
    if (memory_of(pid, root, &virtual_bytes, &resident_bytes)) {
        struct rlimit space;
        if (virtual_bytes == 0)
            return limits; /* it is over, and waits to be waited for */
        if (given_bytes > 0)
            limits.of[MS_LIMIT_GIVEN] = (ms_limit){true, MS_LIMIT_GIVEN, given_bytes, resident_bytes, 0};
        if (prlimit(pid, RLIMIT_AS, NULL, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
            limits.of[MS_LIMIT_RLIMIT_AS] = (ms_limit){true, MS_LIMIT_RLIMIT_AS, space.rlim_cur, virtual_bytes, 0};
    }
    limits.of[MS_LIMIT_CGROUP] = limit_of_groups(pid, root);
    return limits;
}

ms_limit
ms_limits_tightest(const ms_limits *limits, pid_t pid)
{
    ms_limit tightest = {0};
    for (int source = 0; source < MS_LIMIT_SOURCES; source++) {
        const ms_limit *limit = &limits->of[source];
        uint64_t virtual_bytes, resident_bytes;
        if (!limit->is || (tightest.is && ms_limit_share(limit) <= ms_limit_share(&tightest)))
            continue;
        if (source != MS_LIMIT_CGROUP ||
            (memory_of(pid, "", &virtual_bytes, &resident_bytes) && resident_bytes >= limit->limit_bytes / OWN_SHARE))
            tightest = *limit;
    }
    return tightest;
}
