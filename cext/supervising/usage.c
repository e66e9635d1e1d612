#include "supervising/usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/procfs.h"

static double
tick_s(void)
{
    return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

static double
least(double left, double right)
{
    return left < right ? left : right;
}

static double
seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

ms_ownshare
ms_ownshare_told(const char *stat, double clock_s)
{
    uint64_t minor, waited_minor, waited_major, user, system;
    int64_t waited_user, waited_system;
    const char *rest = strrchr(stat, ')'); /* the name in brackets may hold anything */
    if (rest == NULL || sscanf(rest + 1,
                               " %*c %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64 " %*s %" SCNu64 " %" SCNu64
                               " %" SCNu64 " %" SCNd64 " %" SCNd64,
                               &minor, &waited_minor, &waited_major, &user, &system, &waited_user, &waited_system) != 7)
        return (ms_ownshare){0};
    return (ms_ownshare){
        .known = true,
        .waited = waited_minor != 0 || waited_major != 0 || waited_user != 0 || waited_system != 0,
        .cpu_s = clock_s < 0 ? (double)(user + system) * tick_s() : clock_s,
        .system_s = (double)system * tick_s(),
        .minor_faults = minor,
    };
}

ms_ownshare
ms_ownshare_of(pid_t pid)
{
    char text[1024];
    if (!ms_procfs_read((uint32_t)pid, "stat", text, sizeof text))
        return (ms_ownshare){0};
    clockid_t clock;
    struct timespec time;
    bool read = clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0;
    return ms_ownshare_told(text, read ? (double)time.tv_sec + (double)time.tv_nsec / 1e9 : -1);
}

ms_usage
ms_usage_of(const ms_ownshare *own, const struct rusage *total, uint64_t seen_peak_bytes, uint64_t starter_peak_bytes)
{
    double cpu_s = seconds(total->ru_utime) + seconds(total->ru_stime);
    uint64_t kernel_bytes = (uint64_t)total->ru_maxrss * 1024;
    bool waited = own->known && own->waited;
    bool of_kernel = !waited && kernel_bytes > starter_peak_bytes;
    ms_usage usage = {
        .cpu_s = cpu_s,
        .system_s = seconds(total->ru_stime),
        .minor_faults = (uint64_t)total->ru_minflt,
        .peak_resident_bytes = of_kernel ? kernel_bytes : seen_peak_bytes,
        .of_kernel = of_kernel,
        .waited = waited,
    };
    if (waited) {
        usage.cpu_s = least(own->cpu_s, cpu_s);
        /* Ticks are cut off: on average half of one is missing. */
        usage.system_s = least(least(own->system_s + tick_s() / 2, usage.system_s), usage.cpu_s);
        usage.minor_faults = own->minor_faults;
        usage.waited_cpu_s = cpu_s - usage.cpu_s;
    }
    return usage;
}

ms_usage
ms_usage_until_replaced(ms_usage usage, uint64_t seen_peak_bytes, uint64_t seen_cpu_ns)
{
    usage.cpu_s = (double)seen_cpu_ns / 1e9;
    usage.system_s = least(usage.system_s, usage.cpu_s);
    usage.peak_resident_bytes = seen_peak_bytes;
    usage.of_kernel = false;
    return usage;
}
