#include "program/starters.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef PyObject *const *values;

/* How a function of the table is called: by its flags. */
typedef enum convention {
    VARARGS,
    VARARGS_KEYWORDS,
    FAST,
    FAST_KEYWORDS,
    CONVENTIONS,
    UNKNOWN = CONVENTIONS,
} convention;

/* ---- names ----------------------------------------------------------------------------------- */

/* Copies a str or bytes object, what is not ASCII as "?"; no object is made for it. From the last slash on, if asked.
 */
static void
copy_text(char *to, size_t room, PyObject *text, bool base)
{
    *to = '\0';
    bool bytes = PyBytes_Check(text);
    if (!bytes && !PyUnicode_Check(text))
        return;
    Py_ssize_t length = bytes ? PyBytes_GET_SIZE(text) : PyUnicode_GET_LENGTH(text), start = 0;
    for (Py_ssize_t i = 0; base && i < length - 1; i++) {
        Py_UCS4 letter = bytes ? (unsigned char)PyBytes_AS_STRING(text)[i] : PyUnicode_READ_CHAR(text, i);
        start = letter == '/' ? i + 1 : start;
    }
    size_t used = 0;
    for (Py_ssize_t i = start; i < length && used + 1 < room; i++) {
        Py_UCS4 letter = bytes ? (unsigned char)PyBytes_AS_STRING(text)[i] : PyUnicode_READ_CHAR(text, i);
        to[used++] = letter >= ' ' && letter <= '~' ? (char)letter : '?';
    }
    to[used] = '\0';
}

/* An item of a list or tuple; NULL: there is none. Borrowed. */
static PyObject *
item(PyObject *sequence, Py_ssize_t index)
{
    if (sequence == NULL || !(PyList_Check(sequence) || PyTuple_Check(sequence)))
        return NULL;
    Py_ssize_t length = PyList_Check(sequence) ? PyList_GET_SIZE(sequence) : PyTuple_GET_SIZE(sequence);
    if (index >= length)
        return NULL;
    return PyList_Check(sequence) ? PyList_GET_ITEM(sequence, index) : PyTuple_GET_ITEM(sequence, index);
}

/* Appends what Python is told to run: a module's name, or which part of multiprocessing. Nothing else of the arguments.
 */
static void
append_module(char *name, PyObject *arguments)
{
    size_t used = strlen(name);
    if (strncmp(name, "python", strlen("python")) != 0)
        return;
    char word[MS_PROCESS_NAME];
    for (Py_ssize_t i = 1; item(arguments, i) != NULL; i++) {
        copy_text(word, sizeof word, item(arguments, i), false);
        PyObject *next = item(arguments, i + 1);
        if (word[0] != '-' || word[1] == '\0')
            return;
        bool module = strcmp(word, "-m") == 0;
        if (strcmp(word, "-W") == 0 || strcmp(word, "-X") == 0)
            i++; /* the next word is its value */
        if ((!module && strcmp(word, "-c") != 0) || next == NULL)
            continue;
        char code[256];
        copy_text(code, sizeof code, next, false);
        const char *from = module ? NULL : strstr(code, "from multiprocessing.");
        if (module) {
            snprintf(name + used, MS_PROCESS_NAME - used, " -m %.*s", MS_PROCESS_NAME, code);
        } else if (from != NULL) {
            from += strlen("from ");
            int letters = (int)strspn(from, "abcdefghijklmnopqrstuvwxyz_.");
            snprintf(name + used, MS_PROCESS_NAME - used, " (%.*s)", letters, from);
        } else {
            snprintf(name + used, MS_PROCESS_NAME - used, " -c");
        }
        return;
    }
}

/* Of an executable, or else of the first argument. */
static void
name_program(char *name, PyObject *executable, PyObject *arguments)
{
    name[0] = '\0';
    if (executable != NULL)
        copy_text(name, MS_PROCESS_NAME, executable, true);
    if (name[0] == '\0' && item(arguments, 0) != NULL)
        copy_text(name, MS_PROCESS_NAME, item(arguments, 0), true);
    append_module(name, arguments);
}

/* ---- arguments of a call --------------------------------------------------------------------- */

typedef struct call {
    values positional;
    Py_ssize_t count;
    PyObject *names;    /* tuple of the keyword arguments after the positional ones; NULL: none */
    PyObject *keywords; /* dict, in the other conventions; NULL: none */
} call;

/* Borrowed; NULL: not given. */
static PyObject *
argument(const call *made, Py_ssize_t place, const char *name)
{
    if (place < made->count)
        return made->positional[place];
    for (Py_ssize_t i = 0; made->names != NULL && i < PyTuple_GET_SIZE(made->names); i++)
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(made->names, i), name) == 0)
            return made->positional[made->count + i];
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (made->keywords != NULL && PyDict_Next(made->keywords, &position, &key, &value))
        if (PyUnicode_Check(key) && PyUnicode_CompareWithASCIIString(key, name) == 0)
            return value;
    return NULL;
}

static uint32_t
pid_of(PyObject *result)
{
    if (result == NULL || !PyLong_Check(result))
        return 0;
    long pid = PyLong_AsLong(result);
    if (pid == -1)
        PyErr_Clear();
    return pid > 0 && pid <= INT32_MAX ? (uint32_t)pid : 0;
}

/* ---- what is done around a call -------------------------------------------------------------- */

static void
before_fork_exec(const call *made)
{
    (void)made;
    ms_processes_spawning(true);
}

/* The child tells its parent through a pipe why it could not execute the program; then there is none. */
static bool
was_executed(const call *made)
{
    enum { ERRPIPE_READ = 12 };
    PyObject *pipe = argument(made, ERRPIPE_READ, "errpipe_read");
    if (pipe == NULL || !PyLong_Check(pipe))
        return true;
    long fd = PyLong_AsLong(pipe);
    if (fd == -1)
        PyErr_Clear();
    int waiting = 0;
    return fd < 0 || ioctl((int)fd, FIONREAD, &waiting) != 0 || waiting == 0;
}

static void
after_fork_exec(const call *made, PyObject *result)
{
    ms_processes_spawning(false);
    uint32_t pid = pid_of(result);
    if (pid == 0 || !was_executed(made))
        return;
    char name[MS_PROCESS_NAME];
    name_program(name, item(argument(made, 1, "executable_list"), 0), argument(made, 0, "process_args"));
    ms_processes_spawned(pid, name);
}

static void
before_posix_spawn(const call *made)
{
    before_fork_exec(made);
}

static void
after_posix_spawn(const call *made, PyObject *result)
{
    ms_processes_spawning(false);
    uint32_t pid = pid_of(result);
    if (pid == 0)
        return;
    char name[MS_PROCESS_NAME];
    name_program(name, argument(made, 0, "path"), argument(made, 1, "argv"));
    ms_processes_spawned(pid, name);
}

static void
before_system(const call *made)
{
    (void)made;
    ms_processes_spawning(true);
    ms_processes_spawned(0, "sh");
}

static void
after_system(const call *made, PyObject *result)
{
    (void)made;
    (void)result;
    ms_processes_spawning(false);
}

static void
before_exec(const call *made)
{
    char name[MS_PROCESS_NAME];
    name_program(name, argument(made, 0, "path"), argument(made, 1, "argv"));
    ms_processes_replace(name);
}

static void
after_exec(const call *made, PyObject *result)
{
    (void)made;
    (void)result;
    ms_processes_keep(); /* still here: it failed */
}

/* ---- the functions, in each convention ------------------------------------------------------- */

#define DEFINE_STARTER(name, before, after)                                                                          \
    static PyCFunction name##_original;                                                                              \
    static PyObject *name##_varargs(PyObject *self, PyObject *arguments)                                             \
    {                                                                                                                \
        call made = {&PyTuple_GET_ITEM(arguments, 0), PyTuple_GET_SIZE(arguments), NULL, NULL};                      \
        before(&made);                                                                                               \
        PyObject *result = name##_original(self, arguments);                                                         \
        after(&made, result);                                                                                        \
        return result;                                                                                               \
    }                                                                                                                \
    static PyObject *name##_varargs_keywords(PyObject *self, PyObject *arguments, PyObject *keywords)                \
    {                                                                                                                \
        call made = {&PyTuple_GET_ITEM(arguments, 0), PyTuple_GET_SIZE(arguments), NULL, keywords};                  \
        before(&made);                                                                                               \
        PyObject *result = ((PyCFunctionWithKeywords)(void (*)(void))name##_original)(self, arguments, keywords);    \
        after(&made, result);                                                                                        \
        return result;                                                                                               \
    }                                                                                                                \
    static PyObject *name##_fast(PyObject *self, values arguments, Py_ssize_t count)                                 \
    {                                                                                                                \
        call made = {arguments, count, NULL, NULL};                                                                  \
        before(&made);                                                                                               \
        PyObject *result = ((fast_function)(void (*)(void))name##_original)(self, arguments, count);                 \
        after(&made, result);                                                                                        \
        return result;                                                                                               \
    }                                                                                                                \
    static PyObject *name##_fast_keywords(PyObject *self, values arguments, Py_ssize_t count, PyObject *names)       \
    {                                                                                                                \
        call made = {arguments, count, names, NULL};                                                                 \
        before(&made);                                                                                               \
        PyObject *result = ((fast_keywords_function)(void (*)(void))name##_original)(self, arguments, count, names); \
        after(&made, result);                                                                                        \
        return result;                                                                                               \
    }

typedef PyObject *(*fast_function)(PyObject *, values, Py_ssize_t);
typedef PyObject *(*fast_keywords_function)(PyObject *, values, Py_ssize_t, PyObject *);

DEFINE_STARTER(fork_exec, before_fork_exec, after_fork_exec)
DEFINE_STARTER(posix_spawn, before_posix_spawn, after_posix_spawn)
DEFINE_STARTER(posix_spawnp, before_posix_spawn, after_posix_spawn)
DEFINE_STARTER(system, before_system, after_system)
DEFINE_STARTER(execv, before_exec, after_exec)
DEFINE_STARTER(execve, before_exec, after_exec)

typedef struct starter {
    const char *name;
    PyCFunction *original;
    PyCFunction ours[CONVENTIONS];
} starter;

#define STARTER(name)                                                                                       \
    {                                                                                                       \
        #name, &name##_original,                                                                            \
        {                                                                                                   \
            name##_varargs, (PyCFunction)(void (*)(void))name##_varargs_keywords,                           \
                (PyCFunction)(void (*)(void))name##_fast, (PyCFunction)(void (*)(void))name##_fast_keywords \
        }                                                                                                   \
    }

static const starter of_posix[] = {
    STARTER(posix_spawn), STARTER(posix_spawnp), STARTER(system), STARTER(execv), STARTER(execve), {0},
};
static const starter of_subprocess[] = {STARTER(fork_exec), {0}};

/* ---- tables of methods ----------------------------------------------------------------------- */

static convention
convention_of(int flags)
{
    switch (flags & (METH_VARARGS | METH_FASTCALL | METH_KEYWORDS | METH_NOARGS | METH_O | METH_METHOD)) {
    case METH_VARARGS:
        return VARARGS;
    case METH_VARARGS | METH_KEYWORDS:
        return VARARGS_KEYWORDS;
    case METH_FASTCALL:
        return FAST;
    case METH_FASTCALL | METH_KEYWORDS:
        return FAST_KEYWORDS;
    default:
        return UNKNOWN;
    }
}

/* Writes a pointer where the memory may be read-only. The kernel does it, and says no where we would crash. */
static bool
write_pointer(PyCFunction *to, PyCFunction value)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    bool written = write(ends[1], &value, sizeof value) == (ssize_t)sizeof value &&
                   read(ends[0], (void *)to, sizeof value) == (ssize_t)sizeof value;
    close(ends[0]);
    close(ends[1]);
    return written;
}

static void
lead_through(PyMethodDef *method, const starter *starters)
{
    for (const starter *one = starters; one->name != NULL; one++) {
        convention how = convention_of(method->ml_flags);
        if (strcmp(method->ml_name, one->name) != 0 || *one->original != NULL || how == UNKNOWN)
            continue;
        PyCFunction original = method->ml_meth;
        *one->original = original; /* first: another thread may call as soon as it is written */
        if (!write_pointer(&method->ml_meth, one->ours[how]))
            *one->original = NULL;
    }
}

static void
watch_module(const PyModuleDef *module, const starter *starters)
{
    PyMethodDef *method = module == NULL ? NULL : module->m_methods;
    for (; method != NULL && method->ml_name != NULL; method++)
        lead_through(method, starters);
}

/* What the init function of a module gives: its definition, without a module of it being made. */
static const PyModuleDef *
definition_from(PyObject *(*init)(void))
{
    PyObject *made = init == NULL ? NULL : init();
    if (made == NULL)
        PyErr_Clear();
    return made != NULL && PyObject_TypeCheck(made, &PyModuleDef_Type) ? (PyModuleDef *)made : NULL;
}

static const PyModuleDef *
definition_of_subprocess(const char *file)
{
    static const char name[] = "_posixsubprocess";
    for (const struct _inittab *built_in = PyImport_Inittab; built_in->name != NULL; built_in++)
        if (strcmp(built_in->name, name) == 0)
            return definition_from(built_in->initfunc);
    void *library = file == NULL || *file == '\0' ? NULL : dlopen(file, RTLD_NOW);
    if (library == NULL)
        return NULL;
    /* It stays: the table is in it. */
    void *found = dlsym(library, "PyInit__posixsubprocess");
    PyObject *(*init)(void);
    memcpy(&init, &found, sizeof init);
    return definition_from(init);
}

void
ms_starters_watch(const char *subprocess_file)
{
    static bool watched;
    if (watched)
        return;
    watched = true;
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed, as what follows */
    PyObject *posix = modules == NULL ? NULL : PyDict_GetItemString(modules, "posix");
    if (posix != NULL && PyModule_Check(posix))
        watch_module(PyModule_GetDef(posix), of_posix);
    PyErr_Clear();
    watch_module(definition_of_subprocess(subprocess_file), of_subprocess);
}
