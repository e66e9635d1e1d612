/* module.c: the Python face of the recorder, and nothing else. */
#include "pycompat.h"

#include <errno.h>

#include "choice.h"
#include "drain.h"
#include "mainprogram.h"
#include "memory.h"
#include "recorder.h"

static PyObject *
raise_status(ms_status status)
{
    if (status == MS_IO)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (status == MS_NO_MEMORY)
        return PyErr_NoMemory();
    PyErr_SetString(PyExc_RuntimeError, ms_status_text(status));
    return NULL;
}

/* ---- Drain --------------------------------------------------------------------------------------- */

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
    raise_status(status);
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
        return raise_status(MS_BUSY);
    ms_status status = ms_drain_start(owner->drain);
    if (status != MS_OK)
        return raise_status(status);
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
        return raise_status(MS_BUSY);
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
        return raise_status(status);
    return PyBytes_FromString(end);
}

static PyObject *
drain_stats(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return raise_status(MS_BUSY);
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
        return raise_status(MS_BUSY);
    ms_drain_begin_lap(owner->drain);
    Py_RETURN_NONE;
}

static PyObject *
drain_end_lap(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return raise_status(MS_BUSY);
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
        return raise_status(MS_BUSY);
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
        return raise_status(status);
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
        return raise_status(status);
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

static PyType_Spec drain_spec = {
    .name = "memscope._recorder.Drain",
    .basicsize = sizeof(DrainObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = drain_slots,
};

/* ---- functions ----------------------------------------------------------------------------------- */

static PyObject *
segment_create(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    int fd;
    ms_status status = ms_segment_create(&fd);
    return status == MS_OK ? PyLong_FromLong(fd) : raise_status(status);
}

static PyObject *
attach(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i:attach", &fd))
        return NULL;
    ms_status status = ms_recorder_attach(fd);
    if (status != MS_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *
start(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "|K:start", &sample_bytes))
        return NULL;
    ms_status status = ms_recorder_start(sample_bytes);
    if (status != MS_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *
stop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    ms_recorder_stop();
    Py_RETURN_NONE;
}

static PyObject *
pause_(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(ms_recorder_pause());
}

static PyObject *
resume(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(ms_recorder_resume());
}

static PyObject *
is_recording(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(ms_recorder_is_on());
}

static PyObject *
remember(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i:remember", &fd))
        return NULL;
    ms_status status = ms_recorder_remember(fd);
    if (status != MS_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *
follow(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "|K:follow", &sample_bytes))
        return NULL;
    return PyBool_FromLong(ms_recorder_follow(sample_bytes) == MS_OK);
}

static PyObject *
refuse(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i:refuse", &fd))
        return NULL;
    ms_status status = ms_recorder_refuse(fd);
    if (status != MS_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *
main_result(int result)
{
    return result < 0 ? NULL : PyLong_FromLong(result);
}

static PyObject *
importer_for(PyObject *module, PyObject *path)
{
    (void)module;
    return PyImport_GetImporter(path);
}

static PyObject *
run_file(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *path;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "O&|K:run_file", PyUnicode_FSConverter, &path, &sample_bytes))
        return NULL;
    int result = ms_main_run_file(PyBytes_AS_STRING(path), sample_bytes);
    Py_DECREF(path);
    return main_result(result);
}

static PyObject *
run_command(PyObject *module, PyObject *args)
{
    (void)module;
    const char *source;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "s|K:run_command", &source, &sample_bytes))
        return NULL;
    return main_result(ms_main_run_command(source, sample_bytes));
}

static PyObject *
run_module(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    int set_argv0 = 1;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "s|pK:run_module", &name, &set_argv0, &sample_bytes))
        return NULL;
    return main_result(ms_main_run_module(name, set_argv0 != 0, sample_bytes));
}

static PyObject *
fail_memory(PyObject *module, PyObject *args)
{
    (void)module;
    long n;
    int once = 0;
    if (!PyArg_ParseTuple(args, "l|p:fail_memory", &n, &once))
        return NULL;
    return PyBool_FromLong(ms_memory_fail(n, once != 0));
}

static PyMethodDef functions[] = {
    {"segment_create", segment_create, METH_NOARGS,
     "segment_create()\n--\n\nMake an empty segment; returns its file descriptor (close-on-exec)."},
    {"attach", attach, METH_VARARGS,
     "attach(segment_fd, /)\n--\n\nMap a segment for recording this process into."},
    {"start", start, METH_VARARGS,
     "start(sample_bytes=0, /)\n--\n\nHook the allocators. 0: exact; else the mean distance between "
     "samples in bytes."},
    {"stop", stop, METH_NOARGS, "stop()\n--\n\nUnhook the allocators and give the segment up."},
    {"pause", pause_, METH_NOARGS,
     "pause()\n--\n\nRecord nothing until resumed. False: the hooks are gone, the recording is to be stopped."},
    {"resume", resume, METH_NOARGS,
     "resume()\n--\n\nRecord again. False: the hooks are gone, the recording is to be stopped."},
    {"is_recording", is_recording, METH_NOARGS,
     "is_recording()\n--\n\nWhether this process is being recorded."},
    {"remember", remember, METH_VARARGS,
     "remember(socket_fd, /)\n--\n\nThe socket on which the supervisor waits for forked children."},
    {"follow", follow, METH_VARARGS,
     "follow(sample_bytes=0, /)\n--\n\nIn a forked child: record it; whether that worked."},
    {"refuse", refuse, METH_VARARGS,
     "refuse(segment_fd, /)\n--\n\nTell who writes into a segment that nobody reads it."},
    {"importer_for", importer_for, METH_O,
     "importer_for(path, /)\n--\n\nThe importer for a directory or zip file, else None."},
    {"run_file", run_file, METH_VARARGS,
     "run_file(path, sample_bytes=0, /)\n--\n\nRecord, and run a script as the interpreter would."},
    {"run_command", run_command, METH_VARARGS,
     "run_command(source, sample_bytes=0, /)\n--\n\nThe same with source, as `python -c` would."},
    {"run_module", run_module, METH_VARARGS,
     "run_module(name, set_argv0=True, sample_bytes=0, /)\n--\n\nThe same with a module, as `python "
     "-m` would."},
    {"fail_memory", fail_memory, METH_VARARGS,
     "fail_memory(n, once=False, /)\n--\n\nTests only: memscope's own n-th request for memory from now fails, "
     "and all after it unless once; 0: none. Whether one has failed since the last call."},
    {NULL, NULL, 0, NULL},
};

static int
module_exec(PyObject *module)
{
    const char *reason = ms_unsupported();
    if (reason != NULL) {
        PyErr_SetString(PyExc_ImportError, reason);
        return -1;
    }
    PyObject *type = PyType_FromModuleAndSpec(module, &drain_spec, NULL);
    if (type == NULL)
        return -1;
    int result = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return result;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "memscope._recorder",
    .m_doc = "The recorder: see cext/README.md.",
    .m_methods = functions,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__recorder(void)
{
    return PyModuleDef_Init(&definition);
}
