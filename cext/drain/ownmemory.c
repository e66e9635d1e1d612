#include "drain/ownmemory.h"

#include <unistd.h>

#include "shared/memory.h"

#define TIME_SHARE 50u /* of the time may go to measuring */

void
ms_ownmemory_init(ms_ownmemory *own, const ms_segment *segment, int pid)
{
    *own = (ms_ownmemory){.segment = segment, .pid = pid};
}

static uint64_t
tables_bytes(const ms_ownmemory *own)
{
    return atomic_load_explicit(&own->segment->header->snapshot_tables_bytes, memory_order_relaxed);
}

uint64_t
ms_ownmemory_anonymous_bytes(ms_ownmemory *own)
{
    if (own->pid != getpid())
        return ms_segment_private_bytes(own->segment);
    uint64_t before_ns = ms_now_ns();
    /* A snapshot's tables come and go within one: they are measured each time. */
    bool with_tables = tables_bytes(own) != 0;
    if (with_tables || own->with_tables || own->took_ns * TIME_SHARE <= before_ns - own->looked_ns) {
        own->bytes = ms_memory_resident_bytes();
        own->with_tables = with_tables;
        own->looked_ns = before_ns;
        own->took_ns = ms_now_ns() - before_ns;
    }
    return own->bytes;
}

uint64_t
ms_ownmemory_snapshot_bytes(const ms_ownmemory *own)
{
    return atomic_load_explicit(&own->segment->header->snapshot_file_bytes, memory_order_relaxed) + tables_bytes(own);
}

bool
ms_ownmemory_is_in_snapshot(const ms_ownmemory *own)
{
    return tables_bytes(own) != 0;
}

uint64_t
ms_ownmemory_bytes(ms_ownmemory *own)
{
    /* The program maps it while it records, and the drain: in a process that records itself the kernel counts both. */
    uint64_t mapped = atomic_load(&own->segment->header->state) == MS_STATE_RECORDING;
    mapped += own->pid == getpid();
    /* The drain reads a snapshot's file between two looks: at a look the program alone holds its pages. */
    uint64_t file_bytes = atomic_load_explicit(&own->segment->header->snapshot_file_bytes, memory_order_relaxed);
    return mapped * ms_segment_touched_bytes(own->segment) + file_bytes + ms_ownmemory_anonymous_bytes(own);
}
