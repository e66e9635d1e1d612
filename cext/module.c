/* module.c: the Python face of the recorder, and nothing else. */
#include "pycompat.h"

#include "drainobject.h"
#include "mainprogram.h"
#include "memory.h"
#include "recorder.h"
#include "segment.h"

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

static PyObject *
start(PyObject *module, PyObject *args)
{
    (void)module;
    unsigned long long sample_bytes = 0;
    if (!PyArg_ParseTuple(args, "|K:start", &sample_bytes))
        return NULL;
    ms_status status = ms_recorder_start(sample_bytes);
    if (status != MS_OK)
        return ms_raise(status);
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
        return ms_raise(status);
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
    PyObject *type = PyType_FromModuleAndSpec(module, &ms_drain_spec, NULL);
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
