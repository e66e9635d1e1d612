#include "python/signalfunctions.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

enum { HIGHEST = 64 };

/* The bits of a set: the first is that of signal 1. */
static sigset_t
set_of(unsigned long long bits)
{
    sigset_t set;
    sigemptyset(&set);
    for (int number = 1; number <= HIGHEST; number++) {
        if (bits >> (number - 1) & 1)
            (void)sigaddset(&set, number); /* refuses those that libc keeps for itself */
    }
    return set;
}

PyObject *
ms_take_signal(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long bits;
    double wait_s;
    if (!PyArg_ParseTuple(args, "Kd:take_signal", &bits, &wait_s))
        return NULL;
    sigset_t set = set_of(bits);
    double whole_s = wait_s > 0 ? (double)(time_t)wait_s : 0;
    struct timespec wait = {.tv_sec = (time_t)whole_s, .tv_nsec = wait_s > 0 ? (long)((wait_s - whole_s) * 1e9) : 0};
    siginfo_t info;
    int number;
    Py_BEGIN_ALLOW_THREADS;
    number = wait_s < 0 ? sigwaitinfo(&set, &info) : sigtimedwait(&set, &info, &wait);
    Py_END_ALLOW_THREADS;
    if (number > 0)
        return Py_BuildValue("iiiK", number, info.si_code, (int)info.si_pid,
                             (unsigned long long)(uintptr_t)info.si_value.sival_ptr);
    if (errno == EINTR && PyErr_CheckSignals() != 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *
ms_queue_signal(PyObject *module, PyObject *args)
{
    (void)module;
    int pid, number;
    unsigned long long value;
    if (!PyArg_ParseTuple(args, "iiK:queue_signal", &pid, &number, &value))
        return NULL;
    union sigval told = {.sival_ptr = (void *)(uintptr_t)value};
    return PyBool_FromLong(sigqueue(pid, number, told) == 0);
}
