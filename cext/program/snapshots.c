#include "program/snapshots.h"

#include <string.h>
#include <unistd.h>

#include "program/objectgraph.h"
#include "program/objectsize.h"
#include "program/references.h"
#include "program/roots.h"
#include "shared/memory.h"
#include "shared/snapshotmemory.h"

#define PATIENCE_NS UINT64_C(10000000000) /* for the drain, which may have much to take before */
#define LOOK_NS UINT64_C(20000)
#define AHEAD 8u /* objects that are fetched while others are told: each is a wait for memory */

static ms_snapshot snapshot;
static bool with_values, at_end;
static bool taken_by_parent; /* or by this process: they were opened */

bool
ms_snapshots_open(int fd, bool values, bool end)
{
    ms_snapshots_close();
    with_values = values;
    at_end = end;
    taken_by_parent = ms_snapshot_map(fd, &snapshot) == MS_OK;
    return taken_by_parent;
}

int
ms_snapshots_renew(void)
{
    int fd;
    if (!taken_by_parent || ms_snapshot_create(&fd) != MS_OK)
        return -1;
    if (ms_snapshots_open(fd, with_values, at_end))
        return fd;
    close(fd);
    return -1;
}

void
ms_snapshots_close(void)
{
    ms_snapshot_unmap(&snapshot);
}

/* ---- one object ------------------------------------------------------------------------------ */

static void
fetch(const ms_graph *graph, uint32_t number)
{
    if (number + AHEAD <= graph->objects)
        MS_PREFETCH((void *)(uintptr_t)graph->snapshot->objects[number + AHEAD].address);
}

static int
see_collected(PyObject *op, void *context)
{
    ms_graph *graph = context;
    uint32_t number = ms_graph_number(graph, op);
    if (number != 0)
        graph->snapshot->objects[number].flags |= MS_SEEN_COLLECTED;
    return !graph->failed;
}

static void
tell_object(ms_graph *graph, uint32_t number)
{
    PyObject *op = (PyObject *)(uintptr_t)graph->snapshot->objects[number].address;
    uint32_t type = ms_types_known(graph->types, Py_TYPE(op))->id;
    uint64_t size = ms_object_size(op);
    ms_graph_begin(graph);
    if (op != graph->interned)
        ms_references_tell(graph, op, number);
    ms_graph_end(graph, number);
    ms_seen *seen = &graph->snapshot->objects[number];
    seen->type = type;
    seen->size_bytes = size;
    seen->flags |= PyModule_Check(op) ? MS_SEEN_MODULE : PyType_Check(op) ? MS_SEEN_CLASS : 0;
}

/* All of them have been told: what is left is who has more references than those. */
static void
settle(ms_graph *graph, uint32_t roots)
{
    for (uint32_t number = roots + 1; number <= graph->objects; number++) {
        ms_seen *seen = &graph->snapshot->objects[number];
        PyObject *op = (PyObject *)(uintptr_t)seen->address;
        fetch(graph, number);
        if (ms_is_immortal(op))
            seen->flags |= MS_SEEN_IMMORTAL;
        else if (Py_REFCNT(op) > (Py_ssize_t)graph->counted[number])
            seen->flags |= MS_SEEN_HELD;
        seen->address -= ms_object_header(Py_TYPE(op));
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const char *
unsafe(PyInterpreterState *interp)
{
    if (*ms_gc_collecting(interp) != 0)
        return "the collector was running";
    if (ms_others_have_gil())
        return "there is an interpreter with a GIL of its own";
    return NULL;
}

static const char *
take(ms_graph *graph, PyInterpreterState *interp, ms_snapshot_header *header)
{
    const char *why = unsafe(interp);
    if (why != NULL)
        return why;
    graph->interned = ms_interned(interp);
    header->roots = ms_roots_tell(graph, interp);
    ms_references_name_modules(graph, ms_modules(interp));
    ms_each_collected(interp, see_collected, graph);
    for (uint32_t number = header->roots + 1; number <= graph->objects && !graph->failed; number++) {
        fetch(graph, number);
        tell_object(graph, number);
    }
    if (graph->failed)
        return "there was no room for it";
    settle(graph, header->roots);
    return NULL;
}

/* Fills the file. NULL, or why not. */
static const char *
fill(ms_types *types, ms_snapshot_header *header, ms_segment_header *segment)
{
    const char *why = "there was no room for it";
    ms_graph *graph = ms_memory_get(sizeof *graph);
    if (graph != NULL && ms_graph_open(graph, &snapshot, types, segment)) {
        graph->values = with_values;
        why = take(graph, PyInterpreterState_Main(), header);
        header->objects = graph->objects;
        header->names = graph->names;
        header->values = with_values ? 1 : 0;
        header->references = graph->references;
        header->text_bytes = graph->text_bytes;
        ms_graph_close(graph);
    }
    ms_memory_give(graph);
    return why;
}

/* Waits for the drain until the state is none of those in which it has to come or to read, nor, with `all`, to write.
 * False: it takes too long. */
static bool
is_past(ms_snapshot_header *header, const ms_segment_header *segment, bool all)
{
    uint64_t until_ns = ms_now_ns() + PATIENCE_NS;
    for (;;) {
        ms_snapshot_state state = ms_snapshot_now(header);
        if (state == MS_SNAPSHOT_NONE || (state == MS_SNAPSHOT_JOINED && !all))
            return true;
        if (ms_now_ns() > until_ns || atomic_load(&segment->abandoned) != 0)
            return false;
        ms_sleep_ns(LOOK_NS);
    }
}

static bool
change_wish(ms_snapshot_wish from, ms_snapshot_wish to)
{
    uint32_t wish = from;
    return snapshot.header != NULL && atomic_compare_exchange_strong(&snapshot.header->wish, &wish, to);
}

bool
ms_snapshots_hear_wish(void)
{
    return change_wish(MS_WISH_MADE, MS_WISH_HEARD);
}

bool
ms_snapshots_fulfil_wish(void)
{
    return change_wish(MS_WISH_HEARD, MS_WISH_NONE);
}

bool
ms_snapshots_are_on(void)
{
    return snapshot.header != NULL;
}

const char *
ms_snapshots_take(ms_types *types, ms_snapshot_moment moment, ms_segment_header *segment)
{
    ms_snapshot_header *header = snapshot.header;
    if (header == NULL)
        return "this recording takes none";
    if (moment == MS_MOMENT_END && !at_end)
        return NULL;
    if (!is_past(header, segment, true))
        return "the one before is still being written";
    header->started_ns = ms_now_ns();
    header->moment = moment;
    ms_snapshotmemory_begin(segment, (uint32_t)getpid());
    const char *why = fill(types, header, segment);
    ms_snapshotmemory_taken(segment, (uint32_t)getpid());
    memset(header->why, 0, sizeof header->why);
    if (why != NULL)
        strncpy(header->why, why, sizeof header->why - 1);
    header->taken = why == NULL ? 1 : 0;
    header->pause_ns = ms_now_ns() - header->started_ns;
    /* pairs with the acquire of the drain */
    atomic_store_explicit(&header->state, MS_SNAPSHOT_READY, memory_order_release);
    if (why != NULL)
        return MS_LEFT_OUT;
    if (moment == MS_MOMENT_END)
        return NULL;
    /* Too late: what the addresses mean is over. One that the drain is at is left to it. */
    if (!is_past(header, segment, false) && ms_snapshot_change(header, MS_SNAPSHOT_READY, MS_SNAPSHOT_NONE))
        return "the recorder did not come for it";
    return NULL;
}
