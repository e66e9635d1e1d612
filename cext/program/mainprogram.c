#include "program/mainprogram.h"

#include <stdio.h>

#include "program/creations.h"
#include "program/recorder.h"

/* PyErr_Print has run; it leaves what it printed in sys.last_type. */
static ms_main_end
end_of(int result)
{
    ms_recorder_note_main_ended();
    if (result == 0)
        return MS_MAIN_DONE;
    PyObject *type = PySys_GetObject("last_type"); /* borrowed */
    return type == PyExc_KeyboardInterrupt ? MS_MAIN_INTERRUPTED : MS_MAIN_FAILED;
}

/* The recording of the main program ends when the process does. */
static void
start(ms_options options)
{
    ms_creations_stay_short = true;
    (void)ms_recorder_start(options);
}

int
ms_main_run_file(const char *path, ms_options options)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
        return -1;
    }
    PyThreadState *tstate = ms_tstate_current();
    ms_hidden_stack hidden = ms_stack_hide(tstate);
    start(options);
    ms_recorder_compiles(path);
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    int result = PyRun_AnyFileExFlags(file, path, 1, &flags);
    ms_recorder_compiled();
    ms_stack_show(tstate, hidden);
    return end_of(result);
}

/* Compiles and runs source in __main__, with its lines known to tracebacks where Python does that too. */
static PyObject *
run_source(const char *source)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_IGNORE_COOKIE;
    ms_recorder_compiles("<string>");
    PyObject *code = Py_CompileStringExFlags(source, "<string>", Py_file_input, &flags, -1);
    ms_recorder_compiled();
    if (code != NULL && MS_COMMANDS_HAVE_SOURCE) {
        PyObject *linecache = PyImport_ImportModule("linecache");
        /* The first releases of 3.13 looked lines up by file name, later ones do by code object. */
        bool by_code = linecache != NULL && PyObject_HasAttrString(linecache, "_getline_from_code");
        PyObject *name = PyUnicode_FromString("<string>");
        PyObject *done = linecache == NULL || name == NULL ? NULL
                                                           : PyObject_CallMethod(linecache, "_register_code", "OsO",
                                                                                 by_code ? code : name, source, name);
        Py_XDECREF(name);
        if (done == NULL)
            PyErr_Clear();
        Py_XDECREF(done);
        Py_XDECREF(linecache);
    }
    PyObject *main_module = PyImport_AddModule("__main__"); /* borrowed */
    PyObject *result = NULL;
    if (code != NULL && main_module != NULL) {
        PyObject *globals = PyModule_GetDict(main_module);
        result = PyEval_EvalCode(code, globals, globals);
    }
    Py_XDECREF(code);
    return result;
}

int
ms_main_run_command(const char *source, ms_options options)
{
    PyThreadState *tstate = ms_tstate_current();
    ms_hidden_stack hidden = ms_stack_hide(tstate);
    start(options);
    PyObject *result = run_source(source);
    bool failed = result == NULL;
    Py_XDECREF(result);
    if (failed)
        PyErr_Print();
    ms_stack_show(tstate, hidden);
    return end_of(failed);
}

/* Whether runpy found no module to run: it then exits in place of an error of its own. */
static bool
found_nothing(PyObject *runpy)
{
    if (runpy == NULL || !PyErr_ExceptionMatches(PyExc_SystemExit))
        return false;
    PyObject *context = ms_raised_context();
    PyObject *error = PyDict_GetItemString(PyModule_GetDict(runpy), "_Error"); /* borrowed */
    bool nothing = context != NULL && (PyObject *)Py_TYPE(context) == error;
    Py_XDECREF(context);
    return nothing;
}

int
ms_main_run_module(const char *name, bool set_argv0, ms_options options)
{
    PyThreadState *tstate = ms_tstate_current();
    ms_hidden_stack hidden = ms_stack_hide(tstate);
    start(options);
    PyObject *runpy = PyImport_ImportModule("runpy");
    PyObject *result = NULL;
    if (runpy != NULL)
        result = PyObject_CallMethod(runpy, "_run_module_as_main", "si", name, (int)set_argv0);
    bool failed = result == NULL;
    if (failed && found_nothing(runpy))
        ms_recorder_note_nothing_ran();
    Py_XDECREF(result);
    Py_XDECREF(runpy);
    if (failed)
        PyErr_Print();
    ms_stack_show(tstate, hidden);
    return end_of(failed);
}
