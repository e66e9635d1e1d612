/* tracers.h: the interpreter has one place for a function that it tells of each creation and death of an object. Ours
 * stands there while recording, and calls whoever had the place.
 *
 *   before      at start           another one is set      we notice, at the next allocation
 *   [tool]      [ours] ─► tool     [newcomer]              [ours] ─► newcomer
 *
 * Without us the newcomer would have taken the tool's place, so from then on the tool is not called, unless the
 * newcomer had read who was there, which was ours, and calls that in turn:
 *
 *   [ours] ─► newcomer ─► ours again ─► tool
 *
 * So all who had the place are remembered, and each time that ours is called within itself it calls the one before.
 * Needs the GIL, but ms_tracers_pass_on.
 */
#ifndef MS_TRACERS_H
#define MS_TRACERS_H

#include "program/pycompat.h"

#define MS_TRACERS_MAX 8u

typedef struct ms_tracers {
    PyRefTracer ours;
    bool chained;   /* somebody is to be called */
    uint32_t count; /* at least one while ours is in place; the last had the place last */
    struct {
        PyRefTracer tracer; /* NULL: nobody */
        void *data;
    } before[MS_TRACERS_MAX];
} ms_tracers;

extern ms_tracers tracers;

/* Takes the place, and remembers who had it. */
void ms_tracers_put_on_top(PyRefTracer ours);
/* Gives the place back. Somebody else has it: they keep it, and may go on calling ours. */
void ms_tracers_take_out(void);

/* Whether another one has taken our place. */
MS_INLINE bool
ms_tracers_are_replaced(void)
{
    return MS_HAVE_TRACER && ms_tracer_now() != tracers.ours;
}

/* The slow halves: both read what is the thread's own, which costs a call. */

/* Calls the one that would have been called without us. */
int ms_tracers_pass_on(PyObject *op, PyRefTracerEvent event);
/* Whether ours is called by one that it called. */
bool ms_tracers_within(void);

#endif
