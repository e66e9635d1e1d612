#include "program/roots.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/codemap.h"
#include "program/references.h"
#include "shared/array.h"

typedef struct root {
    ms_root_kind kind;
    void *of; /* interpreter, thread state, frame */
} root;

typedef struct root_list {
    ms_graph *graph;
    root *roots;
    uint32_t count, capacity;
} root_list;

static void
add(root_list *list, ms_root_kind kind, void *of, uint32_t name)
{
    if (!MS_ARRAY_HOLDS(list->roots, list->capacity, list->count + 1, 64)) {
        list->graph->failed = true;
        return;
    }
    list->roots[list->count++] = (root){kind, of};
    (void)ms_graph_add_root(list->graph, kind, name);
}

static void
add_frames(root_list *list, PyThreadState *tstate)
{
    ms_graph *graph = list->graph;
    for (ms_frame *frame = ms_frame_top(tstate); frame != NULL; frame = ms_frame_previous(frame)) {
        if (ms_frame_hidden(frame))
            continue;
        uint32_t bytes = ms_text_utf8(ms_frame_code(frame)->co_qualname, graph->buffer);
        add(list, MS_ROOT_FRAME, frame, ms_graph_name(graph, graph->buffer, bytes));
    }
}

static void
add_thread(root_list *list, PyThreadState *tstate)
{
    char name[32] = "main thread";
    if (tstate->native_thread_id != (unsigned long)getpid())
        (void)snprintf(name, sizeof name, "thread %lu", tstate->native_thread_id);
    add(list, MS_ROOT_THREAD, tstate, ms_graph_name(list->graph, name, (uint32_t)strlen(name)));
    add_frames(list, tstate);
}

static void
see_named(const char *name, PyObject *op, void *graph)
{
    ms_graph_refer_field(graph, op, name);
}

static void
tell(ms_graph *graph, const root *of)
{
    if (of->kind == MS_ROOT_INTERPRETER) {
        ms_each_of_interpreter(of->of, see_named, graph);
    } else if (of->kind == MS_ROOT_ATEXIT) {
        ms_each_at_exit(of->of, see_named, graph);
    } else if (of->kind == MS_ROOT_THREAD) {
        ms_each_of_thread(of->of, see_named, graph);
    } else {
        ms_graph_refer_field(graph, (PyObject *)ms_frame_code(of->of), "f_code");
        ms_references_tell_locals(graph, of->of, false);
    }
}

uint32_t
ms_roots_tell(ms_graph *graph, PyInterpreterState *interp)
{
    root_list list = {.graph = graph};
    add(&list, MS_ROOT_INTERPRETER, interp, 0);
    add(&list, MS_ROOT_ATEXIT, interp, 0);
    PyThreadState *tstate = PyInterpreterState_ThreadHead(interp);
    for (; tstate != NULL; tstate = PyThreadState_Next(tstate))
        add_thread(&list, tstate);
    for (uint32_t i = 0; i < list.count && !graph->failed; i++) {
        ms_graph_begin(graph);
        tell(graph, &list.roots[i]);
        ms_graph_end(graph, i + 1);
    }
    ms_memory_give(list.roots);
    return list.count;
}
