/* drainobject.h: the drain as a Python object, for the process that supervises and for a recording within one.
 *
 * Its methods pass on to drain.h; `finish`, which waits for the drain's thread, lets go of the GIL.
 */
#ifndef MS_DRAINOBJECT_H
#define MS_DRAINOBJECT_H

#include "program/pycompat.h"
#include "shared/status.h"

extern PyType_Spec ms_drain_spec;

/* Sets the exception that says what went wrong; returns NULL. */
PyObject *ms_raise(ms_status status);

#endif
