#include "drain/processsampler.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* 15 us each. */
#define MEASURE_EVERY_NS UINT64_C(10000000)

void
ms_processsampler_init(ms_processsampler *process, const ms_segment_header *header, int pid)
{
    *process = (ms_processsampler){.header = header, .pid = pid, .statm = {.number = -1}};
    ms_mappings_init(&process->mappings, pid);
}

void
ms_processsampler_start(ms_processsampler *process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", process->pid);
    process->statm = ms_descriptor_of(open(path, O_RDONLY | O_CLOEXEC));
    process->looked_ns = ms_now_ns();
}

void
ms_processsampler_restart(ms_processsampler *process)
{
    ms_mappings_restart(&process->mappings);
    process->polls = process->collecting_polls = 0;
    process->polled_ns = process->collecting_ns = process->longest_collecting_ns = 0;
    process->looked_ns = ms_now_ns();
}

void
ms_processsampler_note_before(ms_processsampler *process, ms_resident own)
{
    ms_resident now = ms_procfs_resident((uint32_t)process->pid);
    process->before = (ms_resident){
        .bytes = ms_bytes_without(now.bytes, own.bytes),
        .shared_bytes = ms_bytes_without(now.shared_bytes, own.shared_bytes),
        .peak_bytes = now.peak_bytes,
    };
}

ms_resident
ms_processsampler_before(const ms_processsampler *process)
{
    if (process->before.peak_bytes != 0)
        return process->before;
    const ms_segment_header *header = process->header;
    return (ms_resident){
        .bytes = atomic_load(&header->before_bytes),
        .shared_bytes = atomic_load(&header->before_shared_bytes),
        .peak_bytes = atomic_load(&header->before_peak_bytes),
    };
}

uint64_t
ms_processsampler_peak_bytes(const ms_processsampler *process)
{
    uint64_t peak_bytes = process->peak_resident_bytes;
    if (process->pid == (int)getpid()) /* it is still there to be asked */
        peak_bytes = ms_procfs_peak_bytes((uint32_t)process->pid);
    return peak_bytes > ms_processsampler_before(process).peak_bytes ? peak_bytes : 0;
}

void
ms_processsampler_close(ms_processsampler *process)
{
    ms_descriptor_close(&process->statm);
    ms_mappings_close(&process->mappings);
    memset(process, 0, sizeof *process);
    process->statm.number = -1;
}

/* Copies from the recorded process's memory. False: gone, or not permitted. */
static bool
peek_program(const ms_processsampler *process, uint64_t address, void *to, size_t bytes)
{
    if (address == 0)
        return false;
    struct iovec local = {.iov_base = to, .iov_len = bytes};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = bytes};
    return process_vm_readv(process->pid, &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

bool
ms_processsampler_collector(ms_processsampler *process)
{
    uint64_t now_ns = ms_now_ns(), since_ns = process->looked_ns;
    process->looked_ns = now_ns;
    /* An interpreter that ends collects everything: that is not in the recording. */
    if (atomic_load(&process->header->state) != MS_STATE_RECORDING)
        return false;
    int collecting = 0;
    uint64_t address = process->header->collecting_address;
    if (!peek_program(process, address, &collecting, sizeof collecting))
        return false;
    process->polls++;
    process->polled_ns += now_ns - since_ns;
    if (collecting == 0) {
        process->collecting_since_ns = 0;
        return false;
    }
    if (process->collecting_since_ns == 0)
        process->collecting_since_ns = now_ns;
    else if (now_ns - process->collecting_since_ns > process->longest_collecting_ns)
        process->longest_collecting_ns = now_ns - process->collecting_since_ns;
    process->collecting_ns += now_ns - since_ns;
    process->collecting_polls++;
    process->collecting = true;
    return true;
}

void
ms_processsampler_measure(ms_processsampler *process, uint64_t now_ns, bool at_any_rate)
{
    if (process->pid == (int)getpid() || atomic_load(&process->header->replaced) != 0)
        return;
    if (!at_any_rate && now_ns - process->measured_ns < MEASURE_EVERY_NS)
        return;
    process->measured_ns = now_ns;
    uint64_t peak_bytes = ms_procfs_peak_bytes((uint32_t)process->pid);
    uint64_t cpu_ns = ms_procfs_cpu_ns((uint32_t)process->pid);
    if (peak_bytes > atomic_load_explicit(&process->peak_resident_bytes, memory_order_relaxed))
        atomic_store_explicit(&process->peak_resident_bytes, peak_bytes, memory_order_relaxed);
    if (cpu_ns > atomic_load_explicit(&process->cpu_ns, memory_order_relaxed))
        atomic_store_explicit(&process->cpu_ns, cpu_ns, memory_order_relaxed);
}

uint64_t
ms_processsampler_resident_bytes(const ms_processsampler *process)
{
    if (atomic_load(&process->header->replaced) != 0)
        return 0;
    char text[128];
    if (!ms_descriptor_is_ours(&process->statm))
        return 0;
    ssize_t count = pread(process->statm.number, text, sizeof text - 1, 0);
    if (count <= 0)
        return 0;
    text[count] = '\0';
    unsigned long total, resident;
    if (sscanf(text, "%lu %lu", &total, &resident) != 2)
        return 0;
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}
