#include "program/processes.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

static ms_segment_header *notebook;
static ms_process_entry *own; /* this process's entry, if it was forked; NULL: none, or it found no place */
static bool forked;           /* from the process that is recorded in the notebook's segment */
static _Thread_local bool spawning;

void
ms_processes_note_in(ms_segment_header *header)
{
    notebook = header;
    own = NULL;
    forked = false;
}

static void
set_name(char *to, const char *name)
{
    size_t bytes = strnlen(name, MS_PROCESS_NAME - 1);
    memcpy(to, name, bytes);
    memset(to + bytes, 0, MS_PROCESS_NAME - bytes);
}

static ms_process_entry *
add(ms_process_role role, uint32_t pid, uint32_t parent, const char *name)
{
    atomic_fetch_add(role == MS_PROCESS_FORKED ? &notebook->forked : &notebook->spawned, 1);
    uint32_t place = atomic_fetch_add(&notebook->process_count, 1);
    if (place >= MS_PROCESSES_MAX) {
        /* It must not come round. */
        atomic_store(&notebook->process_count, MS_PROCESSES_MAX);
        return NULL;
    }
    ms_process_entry *entry = &notebook->processes[place];
    atomic_store_explicit(&entry->pid, pid, memory_order_relaxed);
    entry->parent = parent;
    set_name(entry->name, name);
    /* Pairs with the drain's acquire in ms_children_look. */
    atomic_store_explicit(&entry->role, role, memory_order_release);
    return entry;
}

static void
in_forked_child(void)
{
    bool at_once = spawning;
    spawning = false;
    if (notebook == NULL || at_once)
        return;
    forked = true;
    own = add(MS_PROCESS_FORKED, (uint32_t)getpid(), (uint32_t)getppid(), "");
}

bool
ms_processes_watch_forks(void)
{
    static bool watched;
    if (!watched && pthread_atfork(NULL, NULL, in_forked_child) == 0)
        watched = true;
    return watched;
}

void
ms_processes_spawning(bool now)
{
    spawning = now;
}

void
ms_processes_spawned(uint32_t pid, const char *name)
{
    if (notebook != NULL)
        (void)add(MS_PROCESS_SPAWNED, pid, (uint32_t)getpid(), name);
}

void
ms_processes_replace(const char *name)
{
    if (notebook == NULL)
        return;
    if (!forked) {
        set_name(notebook->replaced_by, name);
        atomic_store(&notebook->replaced, 1);
        return;
    }
    atomic_fetch_sub(&notebook->forked, 1);
    atomic_fetch_add(&notebook->spawned, 1);
    if (own != NULL) {
        set_name(own->name, name);
        atomic_store(&own->role, MS_PROCESS_SPAWNED);
    }
}

void
ms_processes_keep(void)
{
    if (notebook == NULL)
        return;
    if (!forked) {
        atomic_store(&notebook->replaced, 0);
        return;
    }
    atomic_fetch_sub(&notebook->spawned, 1);
    atomic_fetch_add(&notebook->forked, 1);
    if (own != NULL) {
        atomic_store(&own->role, MS_PROCESS_FORKED);
        set_name(own->name, "");
    }
}

void
ms_processes_followed(void)
{
    if (notebook == NULL || !forked)
        return;
    atomic_fetch_add(&notebook->followed, 1);
    if (own != NULL)
        atomic_store(&own->followed, 1);
}
