#include "drainobject.h"

#include <errno.h>

#include "choice.h"
#include "drain.h"
#include "memory.h"

PyObject *
ms_raise(ms_status status)
{
    if (status == MS_IO)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (status == MS_NO_MEMORY)
        return PyErr_NoMemory();
    PyErr_SetString(PyExc_RuntimeError, ms_status_text(status));
    return NULL;
}

typedef struct {
    PyObject_HEAD
    ms_drain *drain; /* owned; NULL after finish */
    ms_choice choice;
} DrainObject;

static int
drain_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"segment_fd",   "output_fd", "meta", "sample_bytes", "keep_events",
                            "keep_imports", "pid",       "laps", NULL};
    DrainObject *owner = (DrainObject *)self;
    int segment_fd, output_fd, keep_events = 0, keep_imports = 1, pid = 0, laps = 0;
    unsigned long long sample_bytes = 0;
    Py_buffer meta;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iiy*|$Kppip:Drain", names, &segment_fd,
                                     &output_fd, &meta, &sample_bytes, &keep_events,
                                     &keep_imports, &pid, &laps))
        return -1;
    ms_drain_options options = {
        .sample_bytes = sample_bytes,
        .keep_events = keep_events != 0,
        .keep_imports = keep_imports != 0,
        .laps = laps != 0,
        .pid = pid != 0 ? pid : (int)getpid(),
    };
    ms_status status = MS_BUSY;
    if (owner->drain == NULL) {
        owner->drain = ms_memory_get(sizeof *owner->drain);
        status = owner->drain == NULL
                     ? MS_NO_MEMORY
                     : ms_drain_open(owner->drain, segment_fd, output_fd, meta.buf,
                                     (size_t)meta.len, &options);
        if (status != MS_OK) {
            ms_memory_give(owner->drain);
            owner->drain = NULL;
        }
    }
    PyBuffer_Release(&meta);
    if (status == MS_OK)
        return 0;
    ms_raise(status);
    return -1;
}

static void
drain_dealloc(PyObject *self)
{
    DrainObject *owner = (DrainObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (owner->drain != NULL) {
        ms_drain_abort(owner->drain);
        ms_memory_give(owner->drain);
    }
    ms_choice_close(&owner->choice);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
drain_start(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL || owner->drain->running)
        return ms_raise(MS_BUSY);
    ms_status status = ms_drain_start(owner->drain);
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyObject *
drain_finish(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    const char *reason, *exit_json = NULL;
    if (!PyArg_ParseTuple(args, "s|z:finish", &reason, &exit_json))
        return NULL;
    ms_drain *drain = owner->drain;
    if (drain == NULL)
        return ms_raise(MS_BUSY);
    owner->drain = NULL;
    char end[4096];
    ms_status status;
    int error;
    Py_BEGIN_ALLOW_THREADS
    status = ms_drain_finish(drain, reason, exit_json, end, sizeof end);
    error = errno;
    ms_drain_close(drain);
    ms_memory_give(drain);
    Py_END_ALLOW_THREADS
    errno = error;
    if (status != MS_OK)
        return ms_raise(status);
    return PyBytes_FromString(end);
}

static PyObject *
drain_stats(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_tally total = ms_drain_total(owner->drain); /* with the GIL, so that nobody closes it meanwhile */
    return Py_BuildValue("{sKsKsKsKsKsKsK}", "allocations", total.allocations, "frees",
                         total.frees, "reallocations", total.reallocations, "allocated_bytes",
                         total.allocated_bytes, "live_blocks", ms_tally_live_blocks(&total),
                         "live_bytes", total.live_bytes, "peak_bytes", total.peak_bytes);
}

static PyObject *
drain_begin_lap(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_drain_begin_lap(owner->drain);
    Py_RETURN_NONE;
}

static PyObject *
drain_end_lap(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    return PyBool_FromLong(ms_drain_end_lap(owner->drain));
}

static PyObject *
drain_files(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    unsigned int first;
    if (!PyArg_ParseTuple(args, "I:files", &first))
        return NULL;
    if (owner->drain == NULL || first == 0)
        return ms_raise(MS_BUSY);
    const ms_segment *segment = &owner->drain->segment;
    PyObject *files = PyList_New(0);
    uint32_t last = atomic_load_explicit(&segment->header->code_count, memory_order_acquire);
    if (last >= segment->codes_max)
        last = (uint32_t)segment->codes_max - 1;
    for (uint32_t id = first; files != NULL && id <= last; id++) {
        uint32_t at = segment->codes[id].filename, bytes = segment->codes[id].filename_bytes;
        bool whole = ms_segment_has_text(segment, at, bytes);
        PyObject *file =
            PyUnicode_DecodeUTF8(segment->text + (whole ? at : 0), whole ? bytes : 0, "surrogatepass");
        if (file == NULL || PyList_Append(files, file) != 0)
            Py_CLEAR(files);
        Py_XDECREF(file);
    }
    return files;
}

static PyObject *
drain_lap_sums(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    Py_buffer kinds;
    if (!PyArg_ParseTuple(args, "y*:lap_sums", &kinds))
        return NULL;
    ms_status status = MS_BUSY;
    ms_chosen sums;
    if (owner->drain != NULL && kinds.len > 0)
        status = ms_choice_sum(&owner->choice, &owner->drain->ledger, kinds.buf,
                               (uint32_t)kinds.len - 1, &sums);
    PyBuffer_Release(&kinds);
    if (status != MS_OK)
        return ms_raise(status);
    return Py_BuildValue("KKKK", sums.peak_bytes, sums.allocated_bytes, sums.allocations,
                         sums.released_bytes);
}

static PyObject *
drain_write_lap(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    int output_fd;
    Py_buffer meta;
    if (!PyArg_ParseTuple(args, "iy*:write_lap", &output_fd, &meta))
        return NULL;
    ms_status status = MS_BUSY;
    if (owner->drain != NULL)
        status = ms_drain_write_lap(owner->drain, output_fd, meta.buf, (size_t)meta.len);
    PyBuffer_Release(&meta);
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyMethodDef drain_methods[] = {
    {"start", drain_start, METH_NOARGS,
     "start()\n--\n\nStart the thread that takes events; it never takes the GIL."},
    {"finish", drain_finish, METH_VARARGS,
     "finish(reason, exit_json=None, /)\n--\n\nTake what is left, write the last frames, "
     "return the END object as JSON."},
    {"stats", drain_stats, METH_NOARGS,
     "stats()\n--\n\nCounters so far: counts and bytes, as of the last poll."},
    {"begin_lap", drain_begin_lap, METH_NOARGS,
     "begin_lap()\n--\n\nWhile paused: forget all blocks and sums, for what comes next to be as if recorded alone."},
    {"end_lap", drain_end_lap, METH_NOARGS,
     "end_lap()\n--\n\nWhile paused: take what is left of the lap; whether nothing is missing."},
    {"files", drain_files, METH_VARARGS,
     "files(first, /)\n--\n\nThe files of the codes from this id on, which count from 1."},
    {"lap_sums", drain_lap_sums, METH_VARARGS,
     "lap_sums(kinds, /)\n--\n\nOf the lap that ended, as chosen by the kind of each code, from id 0: peak and "
     "allocated bytes, allocations, released bytes."},
    {"write_lap", drain_write_lap, METH_VARARGS,
     "write_lap(output_fd, meta, /)\n--\n\nWrite the lap that ended as a capture."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot drain_slots[] = {
    {Py_tp_init, drain_init},
    {Py_tp_dealloc, drain_dealloc},
    {Py_tp_methods, drain_methods},
    {Py_tp_doc, "Drain(segment_fd, output_fd, meta, *, sample_bytes=0, keep_events=False, "
                "keep_imports=True, pid=0, laps=False)\n--\n\nTakes events from a segment and writes a capture."},
    {0, NULL},
};

PyType_Spec ms_drain_spec = {
    .name = "memscope._recorder.Drain",
    .basicsize = sizeof(DrainObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = drain_slots,
};
