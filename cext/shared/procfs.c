#include "shared/procfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/descriptor.h"

bool
ms_procfs_read(uint32_t pid, const char *name, char *text, size_t text_bytes)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/%s", pid, name);
    ms_descriptor file = ms_descriptor_of(open(path, O_RDONLY | O_CLOEXEC));
    if (!ms_descriptor_is_ours(&file))
        return false;
    ssize_t count = read(file.number, text, text_bytes - 1);
    ms_descriptor_close(&file);
    if (count <= 0)
        return false;
    text[count] = '\0';
    return true;
}

static bool
read_state(uint32_t pid, const char *name, ms_process_state *state)
{
    char text[1024];
    if (!ms_procfs_read(pid, name, text, sizeof text))
        return false;
    const char *rest = strrchr(text, ')'); /* the name in brackets may hold anything */
    uint64_t user, system;
    if (rest == NULL ||
        sscanf(rest + 1,
               " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64 " %*s %*s %*s %*s %*s %*s %" SCNu64,
               &state->state, &user, &system, &state->start_ticks) != 4)
        return false;
    long ticks = sysconf(_SC_CLK_TCK);
    state->cpu_ns = ticks > 0 ? (user + system) * (UINT64_C(1000000000) / (uint64_t)ticks) : 0;
    return true;
}

bool
ms_procfs_state(uint32_t pid, ms_process_state *state)
{
    return read_state(pid, "stat", state);
}

bool
ms_procfs_thread_state(uint32_t pid, uint32_t thread, ms_process_state *state)
{
    char name[32];
    snprintf(name, sizeof name, "task/%" PRIu32 "/stat", thread);
    return read_state(pid, name, state);
}

bool
ms_procfs_is_stopped(uint32_t pid)
{
    ms_process_state state;
    return ms_procfs_state(pid, &state) && state.state == 'T';
}

/* The value of a line like "VmRSS:     1234 kB"; 0 where there is no such line. */
static uint64_t
line_bytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line == NULL ? 0 : strtoull(line + strlen(name), NULL, 10) * 1024;
}

ms_resident
ms_procfs_resident(uint32_t pid)
{
    char text[2048];
    if (!ms_procfs_read(pid, "status", text, sizeof text))
        return (ms_resident){0};
    return (ms_resident){
        .bytes = line_bytes(text, "\nVmRSS:"),
        .shared_bytes = line_bytes(text, "\nRssFile:") + line_bytes(text, "\nRssShmem:"),
        .peak_bytes = line_bytes(text, "\nVmHWM:"),
    };
}

uint64_t
ms_procfs_peak_bytes(uint32_t pid)
{
    return ms_procfs_resident(pid).peak_bytes;
}

uint64_t
ms_procfs_cpu_ns(uint32_t pid)
{
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid((pid_t)pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
