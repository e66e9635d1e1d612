#include "program/patience.h"

#include "shared/procfs.h"

/* Whether the drain's thread runs, wants to run, waits for a disk, or has run since the last look. */
static bool
works(ms_patience *patience)
{
    ms_process_state state;
    uint32_t pid = atomic_load_explicit(&patience->header->drain_pid, memory_order_relaxed);
    uint32_t thread = atomic_load_explicit(&patience->header->drain_thread, memory_order_relaxed);
    if (thread == 0 || !ms_procfs_thread_state(pid, thread, &state))
        return false;
    bool first = !patience->was_seen, has_run = state.cpu_ns != patience->cpu_ns;
    patience->was_seen = true;
    patience->cpu_ns = state.cpu_ns;
    if (state.state == 'S') /* it may sleep for a moment between two steps, for another thread of the program */
        return first || has_run;
    return state.state == 'R' || state.state == 'D';
}

bool
ms_patience_ends(ms_patience *patience, uint64_t now_ns)
{
    if (atomic_load(&patience->header->abandoned) != 0)
        return true;
    if (now_ns - patience->looked_ns <= MS_PATIENCE_NS)
        return false;
    patience->looked_ns = now_ns;
    return now_ns - patience->moved_ns > MS_PATIENCE_MOST_NS || !works(patience);
}
