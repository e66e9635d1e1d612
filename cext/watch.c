#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void
ms_watch_init(ms_watch *watch, const ms_segment_header *header, int pid)
{
    *watch = (ms_watch){.header = header, .pid = pid, .statm = -1};
}

void
ms_watch_start(ms_watch *watch)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", watch->pid);
    watch->statm = open(path, O_RDONLY | O_CLOEXEC);
    watch->looked_ns = ms_now_ns();
}

void
ms_watch_restart(ms_watch *watch)
{
    watch->polls = watch->collecting_polls = 0;
    watch->polled_ns = watch->collecting_ns = watch->longest_collecting_ns = 0;
    watch->looked_ns = ms_now_ns();
}

void
ms_watch_close(ms_watch *watch)
{
    if (watch->statm >= 0)
        close(watch->statm);
    memset(watch, 0, sizeof *watch);
    watch->statm = -1;
}

/* Copies from the recorded process's memory. False: gone, or not permitted. */
static bool
peek_program(const ms_watch *watch, uint64_t address, void *to, size_t bytes)
{
    if (address == 0)
        return false;
    struct iovec local = {.iov_base = to, .iov_len = bytes};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = bytes};
    return process_vm_readv(watch->pid, &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

bool
ms_watch_collector(ms_watch *watch)
{
    uint64_t now_ns = ms_now_ns(), since_ns = watch->looked_ns;
    watch->looked_ns = now_ns;
    /* An interpreter that ends collects everything: that is not in the recording. */
    if (atomic_load(&watch->header->state) != MS_STATE_RECORDING)
        return false;
    int collecting = 0;
    uint64_t address = watch->header->collecting_address;
    if (!peek_program(watch, address, &collecting, sizeof collecting))
        return false;
    watch->polls++;
    watch->polled_ns += now_ns - since_ns;
    if (collecting == 0) {
        watch->collecting_since_ns = 0;
        return false;
    }
    if (watch->collecting_since_ns == 0)
        watch->collecting_since_ns = now_ns;
    else if (now_ns - watch->collecting_since_ns > watch->longest_collecting_ns)
        watch->longest_collecting_ns = now_ns - watch->collecting_since_ns;
    watch->collecting_ns += now_ns - since_ns;
    watch->collecting_polls++;
    watch->collecting = true;
    return true;
}

uint64_t
ms_watch_resident_bytes(const ms_watch *watch)
{
    char text[128];
    ssize_t count = watch->statm < 0 ? -1 : pread(watch->statm, text, sizeof text - 1, 0);
    if (count <= 0)
        return 0;
    text[count] = '\0';
    unsigned long total, resident;
    if (sscanf(text, "%lu %lu", &total, &resident) != 2)
        return 0;
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}
