#include "program/tracers.h"

ms_tracers tracers;

static _Thread_local uint32_t depth; /* of calls to others, in this thread */

void
ms_tracers_put_on_top(PyRefTracer ours)
{
    tracers.ours = ours;
    PyRefTracer now = ms_tracer_now();
    if (!MS_HAVE_TRACER || now == ours)
        return;
    if (now == NULL)
        tracers.count = 0; /* nobody is left who could call ours */
    if (tracers.count == MS_TRACERS_MAX) {
        memmove(&tracers.before[0], &tracers.before[1], (MS_TRACERS_MAX - 1) * sizeof tracers.before[0]);
        tracers.count--;
    }
    tracers.before[tracers.count].tracer = now;
    tracers.before[tracers.count].data = ms_tracer_data();
    tracers.count++;
    tracers.chained = tracers.count > 1 || now != NULL;
    ms_tracer_set(ours, NULL);
}

void
ms_tracers_take_out(void)
{
    if (!MS_HAVE_TRACER || tracers.count == 0 || ms_tracer_now() != tracers.ours)
        return;
    uint32_t last = tracers.count - 1;
    ms_tracer_set(tracers.before[last].tracer, tracers.before[last].data);
    tracers.count = 0;
    tracers.chained = false;
}

MS_COLD bool
ms_tracers_within(void)
{
    return depth != 0;
}

MS_COLD int
ms_tracers_pass_on(PyObject *op, PyRefTracerEvent event)
{
    if (depth >= tracers.count)
        return 0;
    uint32_t which = tracers.count - 1 - depth;
    PyRefTracer tracer = tracers.before[which].tracer;
    if (tracer == NULL)
        return 0;
    depth++;
    int result = tracer(op, event, tracers.before[which].data);
    depth--;
    return result;
}
