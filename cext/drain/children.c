#include "drain/children.h"

#include <string.h>

#include "shared/procfs.h"

/* A look is two small files, 20 us: at most a hundredth of the drain's time goes to them. */
#define LOOK_EVERY_NS UINT64_C(20000000)
#define LOOKS_AT_ONCE 8u

void
ms_children_init(ms_children *children, const ms_segment_header *header)
{
    memset(children, 0, sizeof *children);
    children->header = header;
}

uint32_t
ms_children_count(const ms_children *children)
{
    uint32_t count = atomic_load_explicit(&children->header->process_count, memory_order_relaxed);
    return count < MS_PROCESSES_MAX ? count : MS_PROCESSES_MAX;
}

static void
look_at(const ms_process_entry *entry, ms_child *child)
{
    /* Pairs with the release in processes.c: the id is there. */
    if (atomic_load_explicit(&entry->role, memory_order_acquire) == 0)
        return;
    uint32_t pid = atomic_load_explicit(&entry->pid, memory_order_relaxed);
    ms_process_state state;
    if (pid == 0 || !ms_procfs_state(pid, &state) ||
        (child->start_ticks != 0 && child->start_ticks != state.start_ticks)) {
        child->over = true;
        return;
    }
    child->start_ticks = state.start_ticks;
    child->over = state.state == 'Z' || state.state == 'X';
    child->cpu_ns = state.cpu_ns;
    uint64_t peak_bytes = ms_procfs_peak_bytes(pid);
    /* It falls where the process executes another program, whose figure it is from then on. */
    if (peak_bytes != 0)
        child->peak_resident_bytes = peak_bytes;
}

void
ms_children_look(ms_children *children, uint64_t now_ns)
{
    uint32_t count = ms_children_count(children);
    if (count == 0 || now_ns - children->looked_ns < LOOK_EVERY_NS)
        return;
    children->looked_ns = now_ns;
    for (uint32_t seen = 0, looks = 0; seen < count && looks < LOOKS_AT_ONCE; seen++) {
        uint32_t i = children->next++ % count;
        if (children->child[i].over)
            continue;
        look_at(&children->header->processes[i], &children->child[i]);
        looks++;
    }
}

void
ms_children_look_at_all(ms_children *children)
{
    uint32_t count = ms_children_count(children);
    for (uint32_t i = 0; i < count; i++)
        if (!children->child[i].over)
            look_at(&children->header->processes[i], &children->child[i]);
}
