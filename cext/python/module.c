/* module.c: the Python face of the recorder, and nothing else. */
#include "program/pycompat.h"

#include "program/mainprogram.h"
#include "program/native.h"
#include "program/pymallocstats.h"
#include "program/recorder.h"
#include "program/snapshots.h"
#include "program/starters.h"
#include "python/drainobject.h"
#include "python/signalfunctions.h"
#include "shared/domain.h"
#include "shared/memory.h"
#include "shared/sampler.h"
#include "shared/segment.h"

static PyObject *
segment_create(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    int fd;
    ms_status status = ms_segment_create(&fd);
    return status == MS_OK ? PyLong_FromLong(fd) : ms_raise(status);
}

static PyObject *
give_back_memory(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    ms_memory_give_back();
    Py_RETURN_NONE;
}

static PyObject *
snapshot_create(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    int fd;
    ms_status status = ms_snapshot_create(&fd);
    return status == MS_OK ? PyLong_FromLong(fd) : ms_raise(status);
}

static PyObject *
snapshot_into(PyObject *module, PyObject *args)
{
    (void)module;
    int fd, values = 0, end = 1;
    if (!PyArg_ParseTuple(args, "i|pp:snapshot_into", &fd, &values, &end))
        return NULL;
    return PyBool_FromLong(ms_snapshots_open(fd, values != 0, end != 0));
}

static PyObject *
snapshot_take(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    const char *why = ms_recorder_snapshot();
    return why == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(why);
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
        return ms_raise(status);
    Py_RETURN_NONE;
}

static ms_options
options_of(unsigned long long sample_bytes, int objects, unsigned long long native, int budgeted)
{
    return (ms_options){.sample_bytes = sample_bytes,
                        .budgeted = budgeted != 0,
                        .objects = objects != 0,
                        .native = native != 0,
                        .native_least_bytes = native > 1 ? native : 0};
}

static PyObject *
start(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long sample_bytes = 0;
    int objects = 0, budgeted = 0;
    unsigned long long native = 0;
    if (!PyArg_ParseTuple(args, "|KpKp:start", &sample_bytes, &objects, &native, &budgeted))
        return NULL;
    ms_status status = ms_recorder_start(options_of(sample_bytes, objects, native, budgeted));
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyObject *
native_open(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O&:native_open", PyUnicode_FSConverter, &path))
        return NULL;
    bool is_there = ms_native_open(PyBytes_AS_STRING(path));
    Py_DECREF(path);
    return PyBool_FromLong(is_there);
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
watch_starters(PyObject *module, PyObject *args)
{
    (void)module;
    const char *subprocess_file;
    if (!PyArg_ParseTuple(args, "z:watch_starters", &subprocess_file))
        return NULL;
    ms_starters_watch(subprocess_file);
    Py_RETURN_NONE;
}

static PyObject *
pymalloc_stats(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    ms_pymalloc_stats stats;
    if (!ms_pymalloc_stats_read(&stats))
        Py_RETURN_NONE;
    return Py_BuildValue("KKKKK", stats.arenas, stats.arenas_most, stats.arenas_returned, stats.arena_bytes,
                         stats.blocks_bytes);
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
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyObject *
meet(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path;
    if (!PyArg_ParseTuple(args, "y:meet", &path))
        return NULL;
    return PyBool_FromLong(ms_recorder_meet(path) == MS_OK);
}

static PyObject *
follow(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long sample_bytes = 0;
    int objects = 0, budgeted = 0;
    unsigned long long native = 0;
    if (!PyArg_ParseTuple(args, "|KpKp:follow", &sample_bytes, &objects, &native, &budgeted))
        return NULL;
    return PyBool_FromLong(ms_recorder_follow(options_of(sample_bytes, objects, native, budgeted)) == MS_OK);
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
        return ms_raise(status);
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
    int objects = 0, budgeted = 0;
    unsigned long long native = 0;
    if (!PyArg_ParseTuple(args, "O&|KpKp:run_file", PyUnicode_FSConverter, &path, &sample_bytes, &objects, &native,
                          &budgeted))
        return NULL;
    int result = ms_main_run_file(PyBytes_AS_STRING(path), options_of(sample_bytes, objects, native, budgeted));
    Py_DECREF(path);
    return main_result(result);
}

static PyObject *
run_command(PyObject *module, PyObject *args)
{
    (void)module;
    const char *source;
    unsigned long long sample_bytes = 0;
    int objects = 0, budgeted = 0;
    unsigned long long native = 0;
    if (!PyArg_ParseTuple(args, "s|KpKp:run_command", &source, &sample_bytes, &objects, &native, &budgeted))
        return NULL;
    return main_result(ms_main_run_command(source, options_of(sample_bytes, objects, native, budgeted)));
}

static PyObject *
run_module(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    int set_argv0 = 1, objects = 0, budgeted = 0;
    unsigned long long native = 0;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "s|pKpKp:run_module", &name, &set_argv0, &sample_bytes, &objects, &native, &budgeted))
        return NULL;
    return main_result(ms_main_run_module(name, set_argv0 != 0, options_of(sample_bytes, objects, native, budgeted)));
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
    {"give_back_memory", give_back_memory, METH_NOARGS,
     "give_back_memory()\n--\n\nGive back what this process's C library keeps and nobody uses."},
    {"snapshot_create", snapshot_create, METH_NOARGS,
     "snapshot_create()\n--\n\nMake an empty file for a snapshot; returns its file descriptor (close-on-exec)."},
    {"snapshot_into", snapshot_into, METH_VARARGS,
     "snapshot_into(fd, values=False, end=True, /)\n--\n\nSnapshots of all objects go into this file. values: with "
     "the texts of keys; end: one is taken when the recording stops."},
    {"snapshot_take", snapshot_take, METH_NOARGS,
     "snapshot_take()\n--\n\nTake a snapshot of all objects now; None, or why it was not taken; empty if the "
     "capture says why."},
    {"attach", attach, METH_VARARGS, "attach(segment_fd, /)\n--\n\nMap a segment for recording this process into."},
    {"start", start, METH_VARARGS,
     "start(sample_bytes=0, objects=False, native=0, budgeted=False, /)\n--\n\nHook the allocators. 0: exact; else the "
     "mean "
     "distance between "
     "samples in bytes. objects: tell also of types, and of objects made without the allocator. budgeted: sample "
     "only while the drain asks for it."},
    {"native_open", native_open, METH_VARARGS,
     "native_open(path, /)\n--\n\nLoad the library that sees native memory into this process, if it is not there. "
     "Whether "
     "it is."},
    {"stop", stop, METH_NOARGS, "stop()\n--\n\nUnhook the allocators and give the segment up."},
    {"pause", pause_, METH_NOARGS,
     "pause()\n--\n\nRecord nothing until resumed. False: the hooks are gone, the recording is to be stopped."},
    {"resume", resume, METH_NOARGS,
     "resume()\n--\n\nRecord again. False: the hooks are gone, the recording is to be stopped."},
    {"is_recording", is_recording, METH_NOARGS, "is_recording()\n--\n\nWhether this process is being recorded."},
    {"watch_starters", watch_starters, METH_VARARGS,
     "watch_starters(subprocess_file, /)\n--\n\nNote from now on which processes Python's functions start. The file is "
     "that of _posixsubprocess, None where it is built in."},
    {"pymalloc_stats", pymalloc_stats, METH_NOARGS,
     "pymalloc_stats()\n--\n\nArenas now, at most, and given back; bytes of one; bytes in blocks that are in "
     "use. None: pymalloc is not in use or does not tell."},
    {"remember", remember, METH_VARARGS,
     "remember(socket_fd, /)\n--\n\nThe socket on which the supervisor waits for forked children."},
    {"meet", meet, METH_VARARGS,
     "meet(path, /)\n--\n\nThe same, of a name, in a program that was executed; whether it was let in."},
    {"follow", follow, METH_VARARGS,
     "follow(sample_bytes=0, objects=False, native=0, budgeted=False, /)\n--\n\nIn a forked child: record it; whether "
     "that "
     "worked."},
    {"refuse", refuse, METH_VARARGS,
     "refuse(segment_fd, /)\n--\n\nTell who writes into a segment that nobody reads it."},
    {"importer_for", importer_for, METH_O,
     "importer_for(path, /)\n--\n\nThe importer for a directory or zip file, else None."},
    {"run_file", run_file, METH_VARARGS,
     "run_file(path, sample_bytes=0, objects=False, native=0, budgeted=False, /)\n--\n\nRecord, and run a script as "
     "the "
     "interpreter would."},
    {"run_command", run_command, METH_VARARGS,
     "run_command(source, sample_bytes=0, objects=False, native=0, budgeted=False, /)\n--\n\nThe same with source, as "
     "`python -c` "
     "would."},
    {"run_module", run_module, METH_VARARGS,
     "run_module(name, set_argv0=True, sample_bytes=0, objects=False, native=0, budgeted=False, /)\n--\n\nThe same "
     "with a module, "
     "as `python "
     "-m` would."},
    {"take_signal", ms_take_signal, METH_VARARGS,
     "take_signal(signals, wait_s, /)\n--\n\nThe next of these blocked signals, a bit for each: its number, si_code, "
     "si_pid and si_value. None: there was none for so long, or a handler ran. A negative time has no end."},
    {"queue_signal", ms_queue_signal, METH_VARARGS,
     "queue_signal(pid, number, value, /)\n--\n\nSend a signal with a value; whether that worked."},
    {"fail_memory", fail_memory, METH_VARARGS,
     "fail_memory(n, once=False, /)\n--\n\nTests only: memscope's own n-th request for memory from now fails, "
     "and all after it unless once; 0: none. Whether one has failed since the last call."},
    {NULL, NULL, 0, NULL},
};

/* A tuple of the first domains. */
static PyObject *
domain_names(int count)
{
    PyObject *names = PyTuple_New(count);
    for (int domain = 0; names != NULL && domain < count; domain++) {
        PyObject *name = PyUnicode_FromString(ms_domain_name((ms_domain)domain));
        if (name == NULL)
            Py_CLEAR(names);
        else
            PyTuple_SET_ITEM(names, domain, name);
    }
    return names;
}

static int
add_domains(PyObject *module, const char *name, int count)
{
    PyObject *names = domain_names(count);
    int result = names == NULL ? -1 : PyModule_AddObjectRef(module, name, names);
    Py_XDECREF(names);
    return result;
}

static int
module_exec(PyObject *module)
{
    const char *reason = ms_unsupported();
    if (reason != NULL) {
        PyErr_SetString(PyExc_ImportError, reason);
        return -1;
    }
    PyObject *type = PyType_FromModuleAndSpec(module, &ms_drain_spec, NULL);
    if (type == NULL)
        return -1;
    int result = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    if (result == 0)
        result = PyModule_AddIntConstant(module, "SAMPLED_UNIT", MS_SAMPLE_UNIT);
    if (result == 0)
        result = PyModule_AddIntConstant(module, "INTERFACE", MS_INTERFACE);
    if (result == 0)
        result = add_domains(module, "DOMAINS", MS_DOMAINS);
    if (result == 0)
        result = add_domains(module, "PYTHON_DOMAINS", MS_PYTHON_DOMAINS);
    return result;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,  .m_name = "memscope._recorder", .m_doc = "The recorder: see cext/README.md.",
    .m_methods = functions, .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__recorder(void)
{
    return PyModuleDef_Init(&definition);
}
