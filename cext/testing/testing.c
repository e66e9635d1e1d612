/* testing.c: memscope._testing: known allocations on demand, and a plain counting hook as an oracle.
 *
 * Shares nothing with the recorder but PyMem: what it says is independent of what it checks.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define DOMAINS 3

static const char *const domain_names[DOMAINS] = {"raw", "mem", "obj"};

static const PyMemAllocatorDomain domain_ids[DOMAINS] = {
    PYMEM_DOMAIN_RAW,
    PYMEM_DOMAIN_MEM,
    PYMEM_DOMAIN_OBJ,
};

static int
find_domain(const char *name)
{
    for (int domain = 0; domain < DOMAINS; domain++) {
        if (strcmp(name, domain_names[domain]) == 0)
            return domain;
    }
    PyErr_Format(PyExc_ValueError, "no domain %s", name);
    return -1;
}

static void *
get(int domain, size_t size, int zeroed)
{
    switch (domain) {
    case 0:
        return zeroed ? PyMem_RawCalloc(1, size) : PyMem_RawMalloc(size);
    case 1:
        return zeroed ? PyMem_Calloc(1, size) : PyMem_Malloc(size);
    default:
        return zeroed ? PyObject_Calloc(1, size) : PyObject_Malloc(size);
    }
}

static void *
resize(int domain, void *block, size_t size)
{
    return domain == 0   ? PyMem_RawRealloc(block, size)
           : domain == 1 ? PyMem_Realloc(block, size)
                         : PyObject_Realloc(block, size);
}

static void
give(int domain, void *block)
{
    if (domain == 0)
        PyMem_RawFree(block);
    else if (domain == 1)
        PyMem_Free(block);
    else
        PyObject_Free(block);
}

/* ---- blocks by handle ------------------------------------------------------------------------ */

/* Handles are small ints, so that a call makes no allocation but those asked for. */
#define BATCHES 200

static struct {
    int domain;
    Py_ssize_t count; /* 0: unused */
    void **blocks;    /* from libc */
} batches[BATCHES];

static PyObject *
allocate_some(PyObject *args, int zeroed)
{
    const char *name;
    Py_ssize_t count, size;
    if (!PyArg_ParseTuple(args, "snn", &name, &count, &size))
        return NULL;
    int domain = find_domain(name);
    if (domain < 0)
        return NULL;
    int handle = 0;
    while (handle < BATCHES && batches[handle].count != 0)
        handle++;
    if (handle == BATCHES || count <= 0 || size < 0) {
        PyErr_SetString(PyExc_ValueError, "too many batches, or a count or size below the least");
        return NULL;
    }
    void **blocks = calloc((size_t)count, sizeof *blocks);
    if (blocks == NULL)
        return PyErr_NoMemory();
    batches[handle].domain = domain;
    batches[handle].count = count;
    batches[handle].blocks = blocks;
    for (Py_ssize_t i = 0; i < count; i++)
        blocks[i] = get(domain, (size_t)size, zeroed);
    return PyLong_FromLong(handle);
}

static PyObject *
allocate(PyObject *module, PyObject *args)
{
    (void)module;
    return allocate_some(args, 0);
}

static PyObject *
allocate_zeroed(PyObject *module, PyObject *args)
{
    (void)module;
    return allocate_some(args, 1);
}

static int
check_handle(long handle)
{
    if (handle >= 0 && handle < BATCHES && batches[handle].count != 0)
        return 1;
    PyErr_SetString(PyExc_ValueError, "no such batch");
    return 0;
}

static PyObject *
reallocate(PyObject *module, PyObject *args)
{
    (void)module;
    long handle;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "ln", &handle, &size) || !check_handle(handle))
        return NULL;
    long moved = 0;
    for (Py_ssize_t i = 0; i < batches[handle].count; i++) {
        void *old = batches[handle].blocks[i];
        uintptr_t before = (uintptr_t)old;
        void *block = resize(batches[handle].domain, old, (size_t)size);
        if (block == NULL)
            continue;
        moved += (uintptr_t)block != before;
        batches[handle].blocks[i] = block;
    }
    return PyLong_FromLong(moved);
}

static PyObject *
release(PyObject *module, PyObject *args)
{
    (void)module;
    long handle;
    if (!PyArg_ParseTuple(args, "l", &handle) || !check_handle(handle))
        return NULL;
    for (Py_ssize_t i = 0; i < batches[handle].count; i++)
        give(batches[handle].domain, batches[handle].blocks[i]);
    free(batches[handle].blocks);
    batches[handle].count = 0;
    Py_RETURN_NONE;
}

/* ---- the counting hook ----------------------------------------------------------------------- */

typedef struct {
    _Atomic long long mallocs, callocs, reallocs, frees, bytes;
} calls;

static calls counted[DOMAINS];
static PyMemAllocatorEx inner[DOMAINS];
static int counting;
/* Within another domain's request on this thread: the outermost one counts. */
static _Thread_local int depth;

static void *
count_malloc(void *context, size_t size)
{
    int domain = (int)(intptr_t)context;
    depth++;
    void *block = inner[domain].malloc(inner[domain].ctx, size);
    depth--;
    if (depth == 0 && block != NULL) {
        counted[domain].mallocs++;
        counted[domain].bytes += (long long)size;
    }
    return block;
}

static void *
count_calloc(void *context, size_t items, size_t size)
{
    int domain = (int)(intptr_t)context;
    depth++;
    void *block = inner[domain].calloc(inner[domain].ctx, items, size);
    depth--;
    if (depth == 0 && block != NULL) {
        counted[domain].callocs++;
        counted[domain].bytes += (long long)(items * size);
    }
    return block;
}

static void *
count_realloc(void *context, void *old, size_t size)
{
    int domain = (int)(intptr_t)context;
    depth++;
    void *block = inner[domain].realloc(inner[domain].ctx, old, size);
    depth--;
    if (depth == 0 && block != NULL) {
        counted[domain].reallocs++;
        counted[domain].bytes += (long long)size;
    }
    return block;
}

static void
count_free(void *context, void *block)
{
    int domain = (int)(intptr_t)context;
    if (depth == 0 && block != NULL)
        counted[domain].frees++;
    depth++;
    inner[domain].free(inner[domain].ctx, block);
    depth--;
}

static PyObject *
count_calls_start(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (counting) {
        PyErr_SetString(PyExc_RuntimeError, "already counting");
        return NULL;
    }
    counting = 1;
    memset(counted, 0, sizeof counted);
    for (int domain = 0; domain < DOMAINS; domain++)
        PyMem_GetAllocator(domain_ids[domain], &inner[domain]);
    for (int domain = 0; domain < DOMAINS; domain++) {
        PyMemAllocatorEx hook = {
            .ctx = (void *)(intptr_t)domain,
            .malloc = count_malloc,
            .calloc = count_calloc,
            .realloc = count_realloc,
            .free = count_free,
        };
        PyMem_SetAllocator(domain_ids[domain], &hook);
    }
    Py_RETURN_NONE;
}

static PyObject *
count_calls_stop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (!counting) {
        PyErr_SetString(PyExc_RuntimeError, "not counting");
        return NULL;
    }
    counting = 0;
    for (int domain = 0; domain < DOMAINS; domain++)
        PyMem_SetAllocator(domain_ids[domain], &inner[domain]);
    PyObject *result = PyDict_New();
    for (int domain = 0; result != NULL && domain < DOMAINS; domain++) {
        PyObject *entry =
            Py_BuildValue("{sLsLsLsLsL}", "malloc", (long long)counted[domain].mallocs, "calloc",
                          (long long)counted[domain].callocs, "realloc", (long long)counted[domain].reallocs, "free",
                          (long long)counted[domain].frees, "bytes", (long long)counted[domain].bytes);
        if (entry == NULL || PyDict_SetItemString(result, domain_names[domain], entry) < 0)
            Py_CLEAR(result);
        Py_XDECREF(entry);
    }
    return result;
}

/* ---- storm: threads without the GIL that free each other's blocks ---------------------------- */

#define SHELF 64

typedef struct {
    _Atomic(void *) *shelf; /* blocks change hands here */
    long rounds;
    unsigned seed;
    size_t size;
} storm_work;

/* Each round allocates a block, puts it on the shelf, and frees the one that lay there, most likely another
 * thread's. Now and then the block is reallocated first. */
static void *
storm_run(void *context)
{
    storm_work *work = context;
    unsigned random = work->seed;
    for (long round = 0; round < work->rounds; round++) {
        random = random * 1664525u + 1013904223u;
        void *block = PyMem_RawMalloc(work->size);
        if (round % 8 == 0)
            block = PyMem_RawRealloc(block, work->size * 2);
        void *other = atomic_exchange(&work->shelf[(random >> 16) % SHELF], block);
        PyMem_RawFree(other);
    }
    return NULL;
}

static PyObject *
storm(PyObject *module, PyObject *args)
{
    (void)module;
    int threads;
    long rounds;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "iln", &threads, &rounds, &size))
        return NULL;
    if (threads < 1 || threads > 16) {
        PyErr_SetString(PyExc_ValueError, "1 to 16 threads");
        return NULL;
    }
    _Atomic(void *) shelf[SHELF];
    pthread_t ids[16];
    storm_work work[16];
    for (int i = 0; i < SHELF; i++)
        atomic_init(&shelf[i], NULL);
    Py_BEGIN_ALLOW_THREADS for (int i = 0; i < threads; i++)
    {
        work[i] = (storm_work){.shelf = shelf, .rounds = rounds, .seed = (unsigned)i + 1, .size = (size_t)size};
        pthread_create(&ids[i], NULL, storm_run, &work[i]);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    for (int i = 0; i < SHELF; i++)
        PyMem_RawFree(atomic_load(&shelf[i]));
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

/* One RAW allocation and its free on the calling thread, with the GIL released. */
static PyObject *
allocate_without_gil(PyObject *module, PyObject *args)
{
    (void)module;
    long count;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "ln", &count, &size))
        return NULL;
    Py_BEGIN_ALLOW_THREADS for (long i = 0; i < count; i++) PyMem_RawFree(PyMem_RawMalloc((size_t)size));
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

typedef struct {
    PyObject *callable;
    long times;
} bare_work;

static void *
bare_run(void *context)
{
    const bare_work *work = context;
    for (long i = 0; i < work->times; i++) {
        PyGILState_STATE state = PyGILState_Ensure();
        PyObject *result = PyObject_CallNoArgs(work->callable);
        if (result == NULL)
            PyErr_WriteUnraisable(work->callable);
        Py_XDECREF(result);
        PyGILState_Release(state);
    }
    return NULL;
}

/* Each call has a thread state of its own, of the same thread. */
static PyObject *
call_on_bare_thread(PyObject *module, PyObject *args)
{
    (void)module;
    bare_work work;
    if (!PyArg_ParseTuple(args, "Ol", &work.callable, &work.times))
        return NULL;
    pthread_t id;
    Py_BEGIN_ALLOW_THREADS pthread_create(&id, NULL, bare_run, &work);
    pthread_join(id, NULL);
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

/* ---- an oracle of objects -------------------------------------------------------------------- */

/* Where the interpreter has one place for a function that it tells of each object. */
typedef int (*reference_tracer)(PyObject *, int event, void *data);
typedef int (*set_tracer)(reference_tracer tracer, void *data);
typedef reference_tracer (*get_tracer)(void **data);

static struct {
    reference_tracer before; /* NULL: none is called */
    void *before_data;
    unsigned long long created, destroyed;
} references;

static int
count_reference(PyObject *object, int event, void *data)
{
    if (data != &references)
        abort();
    if (event == 0)
        references.created++;
    else if (event == 1)
        references.destroyed++;
    return references.before == NULL ? 0 : references.before(object, event, references.before_data);
}

static PyObject *
count_objects_start(PyObject *module, PyObject *args)
{
    (void)module;
    int chains = 0;
    if (!PyArg_ParseTuple(args, "|p:count_objects_start", &chains))
        return NULL;
    set_tracer set = (set_tracer)dlsym(RTLD_DEFAULT, "PyRefTracer_SetTracer");
    get_tracer now = (get_tracer)dlsym(RTLD_DEFAULT, "PyRefTracer_GetTracer");
    if (set == NULL || now == NULL)
        return PyErr_Format(PyExc_NotImplementedError, "this interpreter tells nobody of its objects");
    references.before = chains ? now(&references.before_data) : NULL;
    references.created = references.destroyed = 0;
    set(count_reference, &references);
    Py_RETURN_NONE;
}

static PyObject *
count_objects_stop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    unsigned long long created = references.created, destroyed = references.destroyed;
    set_tracer set = (set_tracer)dlsym(RTLD_DEFAULT, "PyRefTracer_SetTracer");
    set(references.before, references.before == NULL ? NULL : references.before_data);
    return Py_BuildValue("KK", created, destroyed);
}

/* Lists that die together and go to the free list, and then a native request: nothing is asked of Python in between. */
static PyObject *
request_after_deaths(PyObject *self, PyObject *args)
{
    (void)self;
    enum { MOST = 64 };
    PyObject *lists[MOST];
    Py_ssize_t count, size;
    if (!PyArg_ParseTuple(args, "nn:request_after_deaths", &count, &size))
        return NULL;
    for (Py_ssize_t i = 0; i < count && i < MOST; i++)
        lists[i] = PyList_New(0);
    for (Py_ssize_t i = 0; i < count && i < MOST; i++)
        Py_XDECREF(lists[i]);
    static void *volatile kept;
    kept = malloc((size_t)size);
    return PyBool_FromLong(kept != NULL);
}

static PyMethodDef functions[] = {
    {"request_after_deaths", request_after_deaths, METH_VARARGS,
     "request_after_deaths(count, size, /)\n--\n\nMake count lists that die, then request a native block that stays."},
    {"allocate", allocate, METH_VARARGS,
     "allocate(domain, count, size, /)\n--\n\nMake count blocks of size bytes; returns a handle."},
    {"allocate_zeroed", allocate_zeroed, METH_VARARGS,
     "allocate_zeroed(domain, count, size, /)\n--\n\nThe same with calloc."},
    {"reallocate", reallocate, METH_VARARGS,
     "reallocate(handle, size, /)\n--\n\nResize each block; returns how many moved."},
    {"release", release, METH_VARARGS, "release(handle, /)\n--\n\nFree the blocks."},
    {"count_calls_start", count_calls_start, METH_NOARGS,
     "count_calls_start()\n--\n\nCount outermost requests from now on."},
    {"count_calls_stop", count_calls_stop, METH_NOARGS,
     "count_calls_stop()\n--\n\nReturn {domain: {malloc, calloc, realloc, free, bytes}}."},
    {"count_objects_start", count_objects_start, METH_VARARGS,
     "count_objects_start(chains=False, /)\n--\n\nCount the objects that are made and die, in place of whoever did; "
     "or before."},
    {"count_objects_stop", count_objects_stop, METH_NOARGS,
     "count_objects_stop()\n--\n\nHow many were made, and died; whoever counted before goes on if it was called."},
    {"storm", storm, METH_VARARGS,
     "storm(threads, rounds, size, /)\n--\n\nNative threads that allocate RAW blocks and free each "
     "other's: rounds mallocs and frees each, a realloc to twice the size every eighth round."},
    {"allocate_without_gil", allocate_without_gil, METH_VARARGS,
     "allocate_without_gil(count, size, /)\n--\n\nRAW blocks made and freed with the GIL released."},
    {"call_on_bare_thread", call_on_bare_thread, METH_VARARGS,
     "call_on_bare_thread(callable, times, /)\n--\n\nOn a native thread, with a new thread state for each call."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "memscope._testing", .m_doc = "Known allocations for memscope's tests.",
    .m_size = 0,           .m_methods = functions,
};

PyMODINIT_FUNC
PyInit__testing(void)
{
    return PyModuleDef_Init(&definition);
}
