#include "shared/snapshotmemory.h"

#include "shared/procfs.h"

/* The kernel counts pages in batches, one for each processor. */
#define INEXACT_BYTES (UINT64_C(4) << 20)

static void
raise_to(_Atomic uint64_t *most, uint64_t bytes)
{
    if (bytes > atomic_load(most))
        atomic_store(most, bytes);
}

void
ms_snapshotmemory_begin(ms_segment_header *header, uint32_t pid)
{
    ms_resident now = ms_procfs_resident(pid);
    uint64_t within = atomic_load(&header->peak_within_bytes);
    raise_to(&header->peak_outside_bytes, now.bytes);
    if (within == 0 || now.peak_bytes > within + INEXACT_BYTES)
        raise_to(&header->peak_outside_bytes, now.peak_bytes);
    atomic_store(&header->peak_within_bytes, MS_PEAK_OPEN);
}

void
ms_snapshotmemory_tell(ms_segment_header *header, uint64_t file_bytes, uint64_t tables_bytes)
{
    atomic_store_explicit(&header->snapshot_file_bytes, file_bytes, memory_order_relaxed);
    atomic_store_explicit(&header->snapshot_tables_bytes, tables_bytes, memory_order_relaxed);
}

void
ms_snapshotmemory_taken(ms_segment_header *header, uint32_t pid)
{
    atomic_store_explicit(&header->snapshot_tables_bytes, 0, memory_order_relaxed);
    atomic_store(&header->peak_within_bytes, ms_procfs_resident(pid).peak_bytes);
}

void
ms_snapshotmemory_emptied(ms_segment_header *header, uint32_t pid)
{
    atomic_store_explicit(&header->snapshot_file_bytes, 0, memory_order_relaxed);
    raise_to(&header->peak_within_bytes, ms_procfs_resident(pid).peak_bytes);
}
