/* signalfunctions.h: signals with the value that they bring, which Python's own functions leave out. */
#ifndef MS_SIGNALFUNCTIONS_H
#define MS_SIGNALFUNCTIONS_H

#include "program/pycompat.h"

/* take_signal(set, wait_s): the next blocked signal of a set as (number, si_code, si_pid, si_value), after at most so
 * many seconds, or for ever if these are negative. None: there was none, or a handler ran. */
PyObject *ms_take_signal(PyObject *module, PyObject *args);
/* queue_signal(pid, number, value): whether it could be sent. */
PyObject *ms_queue_signal(PyObject *module, PyObject *args);

#endif
