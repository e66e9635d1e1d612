#include "program/creations.h"

#include "program/shortcut.h"

bool ms_creations_never_short, ms_creations_stay_short;

#if MS_CREATIONS_BY_TRACES

#    include <dlfcn.h>
#    include <link.h>
#    include <stdio.h>
#    include <string.h>
#    include <sys/uio.h>
#    include <unistd.h>

extern PyObject *PyInit__tracemalloc(void);

enum { RAW_MEM_OBJ = 3 };

/* The functions of _tracemalloc. */
enum {
    IS_TRACING,
    CLEAR_TRACES,
    GET_TRACES,
    GET_OBJECT_TRACEBACK,
    START,
    STOP,
    GET_TRACEBACK_LIMIT,
    GET_TRACEMALLOC_MEMORY,
    GET_TRACED_MEMORY,
    RESET_PEAK,
    METHODS
};

static struct {
    ms_tracemalloc_config *config;
    ms_created_function created; /* NULL: off */
    ms_created_function at_once; /* the same, for the short way: never NULL */
    ms_allocated_function allocated;
    bool programs; /* the program has started tracemalloc itself */
    bool on_top;   /* after us, so that its allocator hooks are called first */
    bool within;   /* looking a block up for it that was not made now */
    _Py_hashtable_t *traces, *domains;
    _Py_hashtable_get_entry_func find_trace, find_domain; /* what they were before us */
} creations;

static PyMethodDef *entries[METHODS];
static PyCFunction real[METHODS]; /* what they did before us */

/* ---- the lookups ----------------------------------------------------------------------------- */

/* The long way. Only the block is told of. Where tracemalloc's hooks are on top of ours, each allocation's is, too;
 * what it holds is then of before. Where they are below, that is within our hook, and passed over. */
static _Py_hashtable_entry_t *
note_looked_up(_Py_hashtable_t *table, const void *block)
{
    bool fresh = creations.on_top && creations.allocated(block);
    PyObject *op = creations.within || fresh ? NULL : ms_new_object_in(block);
    if (op != NULL)
        creations.created(op);
    return MS_UNLIKELY(creations.programs) ? creations.find_trace(table, block) : NULL;
}

/* The short way. */
static int
note_at_once(PyObject *op)
{
    if (MS_LIKELY(ms_is_new_object(op)))
        creations.at_once(op);
    return -1;
}

/* The short way may stay when all is over. */
static void
ignore(PyObject *op)
{
    (void)op;
}

/* PyTraceMalloc_Track, which numpy calls, would enter its block in a table of its domain, made for it. We hand out an
 * entry of a table in which each block seems to be already: one number is overwritten, nothing grows. */
static _Py_hashtable_entry_t *
find_sunk(_Py_hashtable_t *table, const void *block)
{
    (void)table;
    (void)block;
    static struct {
        size_t size;
        void *traceback;
    } trace;
    static _Py_hashtable_entry_t entry = {.value = &trace};
    return &entry;
}

static _Py_hashtable_t *sink;

static _Py_hashtable_entry_t *
find_sink(_Py_hashtable_t *table, const void *domain)
{
    if (creations.programs)
        return creations.find_domain(table, domain);
    static _Py_hashtable_entry_t entry;
    entry.value = sink;
    return &entry;
}

/* ---- where the tables are -------------------------------------------------------------------- */

typedef struct {
    const char *inside; /* an address in the image that is looked for */
    const char *image, *image_end;
    char *from, *to; /* its data that can be written */
} ms_image;

static int
find_image(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    ms_image *image = context;
    const char *lowest = (const char *)UINTPTR_MAX, *highest = NULL;
    char *from = NULL, *to = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD)
            continue;
        char *start = (char *)(info->dlpi_addr + part->p_vaddr);
        char *end = start + part->p_memsz;
        lowest = start < lowest ? start : lowest;
        highest = end > highest ? end : highest;
        if (image->inside >= start && image->inside < end && (part->p_flags & PF_W) != 0) {
            from = start;
            to = end;
        }
    }
    if (from == NULL)
        return 0;
    image->image = lowest;
    image->image_end = highest;
    image->from = from;
    image->to = to;
    return 1;
}

static bool
in_image(const ms_image *image, const void *address)
{
    return (const char *)address >= image->image && (const char *)address < image->image_end;
}

/* Where malloc may have put something: the ranges that can be written and are of no file. */
enum { RANGES = 1024 };

typedef struct {
    uintptr_t from[RANGES], to[RANGES];
    int count, last;
} ms_heap_ranges;

static void
read_ranges(ms_heap_ranges *ranges)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512], mode[8];
    unsigned long from, to, inode;
    while (maps != NULL && ranges->count < RANGES && fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%lx-%lx %7s %*x %*s %lu", &from, &to, mode, &inode) == 4 && inode == 0 &&
            strncmp(mode, "rw", 2) == 0) {
            ranges->from[ranges->count] = from;
            ranges->to[ranges->count++] = to;
        }
    if (maps != NULL)
        (void)fclose(maps);
}

static bool
in_ranges(ms_heap_ranges *ranges, uintptr_t address)
{
    int last = ranges->last;
    if (address - ranges->from[last] < ranges->to[last] - ranges->from[last])
        return true;
    for (int i = 0; i < ranges->count; i++)
        if (address - ranges->from[i] < ranges->to[i] - ranges->from[i]) {
            ranges->last = i;
            return true;
        }
    return false;
}

/* What may be a table, copied from where it may be; what is not there reads as zeroes. */
enum { BATCH = 512 };

typedef struct {
    struct iovec there[BATCH];
    _Py_hashtable_t copies[BATCH];
    int count;
} ms_batch;

/* One system call for all, but one more for each that is not there. */
static void
read_batch(ms_batch *batch)
{
    memset(batch->copies, 0, sizeof batch->copies);
    int done = 0;
    while (done < batch->count) {
        struct iovec here = {&batch->copies[done], (size_t)(batch->count - done) * sizeof(_Py_hashtable_t)};
        ssize_t bytes =
            process_vm_readv(getpid(), &here, 1, batch->there + done, (unsigned long)(batch->count - done), 0);
        done += bytes < 0 ? 1 : (int)((size_t)bytes / sizeof(_Py_hashtable_t)) + 1;
    }
}

typedef struct {
    _Py_hashtable_t *traces, *domains;
    bool twice;
} ms_tables;

static void
take_table(_Py_hashtable_t **table, _Py_hashtable_t *found, ms_tables *tables)
{
    tables->twice = tables->twice || (*table != NULL && *table != found);
    *table = found;
}

static void
look_through(ms_batch *batch, const ms_image *image, ms_tables *tables)
{
    read_batch(batch);
    for (int i = 0; i < batch->count; i++) {
        const _Py_hashtable_t *copy = &batch->copies[i];
        if (copy->compare_func != _Py_hashtable_compare_direct || copy->key_destroy_func != NULL ||
            copy->buckets == NULL || copy->nbuckets == 0 || !in_image(image, (void *)copy->get_entry_func))
            continue;
        if (copy->value_destroy_func == (_Py_hashtable_destroy_func)_Py_hashtable_destroy)
            take_table(&tables->domains, batch->there[i].iov_base, tables);
        else if (copy->hash_func == _Py_hashtable_hash_ptr && in_image(image, (void *)copy->value_destroy_func))
            take_table(&tables->traces, batch->there[i].iov_base, tables);
    }
    batch->count = 0;
}

/* 3.11 keeps its tables in static variables. There is one table that hashes pointers, compares them directly, and
 * frees values by a function of the interpreter, and one that destroys them as tables. Found twice or not at all: they
 * are not used. 8 ms. */
static bool
search_tables(_Py_hashtable_t **traces, _Py_hashtable_t **domains)
{
    static ms_batch batch; /* 60 KiB */
    ms_image image = {.inside = (const char *)creations.config};
    static ms_heap_ranges ranges;
    ms_tables tables = {0};
    ranges.count = 0;
    read_ranges(&ranges);
    if (dl_iterate_phdr(find_image, &image) == 0)
        return false;
    uintptr_t first = ((uintptr_t)image.from + sizeof(void *) - 1) & ~(uintptr_t)(sizeof(void *) - 1);
    for (char *at = (char *)first; at + sizeof(void *) <= image.to; at += sizeof(void *)) {
        void *candidate = *(void **)at;
        if (((uintptr_t)candidate & 15) != 0 || in_image(&image, candidate) ||
            !in_ranges(&ranges, (uintptr_t)candidate))
            continue;
        batch.there[batch.count++] = (struct iovec){candidate, sizeof(_Py_hashtable_t)};
        if (batch.count == BATCH)
            look_through(&batch, &image, &tables);
    }
    look_through(&batch, &image, &tables);
    *traces = tables.traces;
    *domains = tables.domains;
    return !tables.twice;
}

/* ---- tracemalloc, as if it traced ------------------------------------------------------------ */

static const PyMemAllocatorDomain memory_domains[RAW_MEM_OBJ] = {
    PYMEM_DOMAIN_RAW,
    PYMEM_DOMAIN_MEM,
    PYMEM_DOMAIN_OBJ,
};

static void
get_allocators(PyMemAllocatorEx kept[RAW_MEM_OBJ])
{
    for (int i = 0; i < RAW_MEM_OBJ; i++)
        PyMem_GetAllocator(memory_domains[i], &kept[i]);
}

static void
set_allocators(PyMemAllocatorEx kept[RAW_MEM_OBJ])
{
    for (int i = 0; i < RAW_MEM_OBJ; i++)
        PyMem_SetAllocator(memory_domains[i], &kept[i]);
}

/* Threads that may be within a lookup at once: while only we trace, the lock guards nothing, and interpreters with GILs
 * of their own must not wait for each other. */
enum { PERMITS = 64 };

static void
open_lock(void)
{
    PyThread_type_lock lock = ms_tracemalloc_lock();
    for (int i = 1; lock != NULL && i < PERMITS; i++)
        PyThread_release_lock(lock);
}

static void
close_lock(void)
{
    PyThread_type_lock lock = ms_tracemalloc_lock();
    for (int i = 1; lock != NULL && i < PERMITS; i++)
        (void)PyThread_acquire_lock(lock, WAIT_LOCK);
}

static void
watch_tables(void)
{
    creations.find_trace = creations.traces->get_entry_func;
    creations.find_domain = creations.domains->get_entry_func;
    creations.traces->get_entry_func = note_looked_up;
    creations.domains->get_entry_func = find_sink;
}

static void
leave_tables(void)
{
    creations.traces->get_entry_func = creations.find_trace;
    creations.domains->get_entry_func = creations.find_domain;
}

static PyObject *
really_start(PyObject *const *arguments, Py_ssize_t count)
{
    return ((_PyCFunctionFast)(void (*)(void))real[START])(NULL, arguments, count);
}

/* tracemalloc traces, but nothing comes to its hooks. */
static void shorten(void);
static void lengthen(void);

static bool
pretend(void)
{
    PyMemAllocatorEx before[RAW_MEM_OBJ];
    PyObject *frames = PyLong_FromLong(creations.config->max_nframe);
    if (frames == NULL)
        return false;
    get_allocators(before);
    PyObject *none = really_start(&frames, 1);
    set_allocators(before);
    Py_DECREF(frames);
    Py_XDECREF(none);
    return none != NULL && creations.config->tracing != 0;
}

static void
stop_pretending(void)
{
    PyMemAllocatorEx before[RAW_MEM_OBJ];
    get_allocators(before); /* those of now: others' may have come since */
    PyObject *none = real[STOP](NULL, NULL);
    set_allocators(before);
    Py_XDECREF(none);
}

/* ---- what the program calls ------------------------------------------------------------------ */

/* Runs one of them as if we were not here. */
static PyObject *
unseen(int which, PyObject *module, PyObject *argument)
{
    bool hidden = creations.created != NULL && !creations.programs;
    if (hidden)
        creations.config->tracing = 0;
    bool was_within = creations.within;
    creations.within = which == GET_OBJECT_TRACEBACK;
    PyObject *result = real[which](module, argument);
    creations.within = was_within;
    if (hidden && creations.created != NULL) {
        creations.config->tracing = 1;
        if (result != NULL && PyTuple_CheckExact(result))
            creations.created(result);
    }
    return result;
}

#    define UNSEEN(which)                                                     \
        static PyObject *unseen_##which(PyObject *module, PyObject *argument) \
        {                                                                     \
            return unseen(which, module, argument);                           \
        }
UNSEEN(IS_TRACING)
UNSEEN(CLEAR_TRACES)
UNSEEN(GET_TRACES)
UNSEEN(GET_OBJECT_TRACEBACK)
UNSEEN(GET_TRACEBACK_LIMIT)
UNSEEN(GET_TRACEMALLOC_MEMORY)
UNSEEN(GET_TRACED_MEMORY)
UNSEEN(RESET_PEAK)

static PyObject *
unseen_START(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    lengthen();
    if (creations.created == NULL || creations.programs)
        return really_start(arguments, count);
    close_lock();
    leave_tables();
    stop_pretending();
    PyObject *none = really_start(arguments, count);
    creations.programs = creations.on_top = creations.config->tracing != 0;
    if (!creations.programs) {
        PyObject *type, *error, *traceback;
        PyErr_Fetch(&type, &error, &traceback);
        if (!pretend())
            PyErr_Clear();
        PyErr_Restore(type, error, traceback);
        open_lock();
    }
    watch_tables();
    shorten();
    return none;
}

static PyObject *
unseen_STOP(PyObject *module, PyObject *argument)
{
    if (creations.created == NULL)
        return real[STOP](module, argument);
    if (!creations.programs)
        Py_RETURN_NONE;
    leave_tables();
    PyObject *none = real[STOP](module, argument);
    creations.programs = creations.on_top = false;
    if (!pretend())
        PyErr_Clear();
    open_lock();
    watch_tables();
    shorten();
    return none;
}

static const struct {
    const char *name;
    int flags;
    PyCFunction ours;
} methods[METHODS] = {
    [IS_TRACING] = {"is_tracing", METH_NOARGS, unseen_IS_TRACING},
    [CLEAR_TRACES] = {"clear_traces", METH_NOARGS, unseen_CLEAR_TRACES},
    [GET_TRACES] = {"_get_traces", METH_NOARGS, unseen_GET_TRACES},
    [GET_OBJECT_TRACEBACK] = {"_get_object_traceback", METH_O, unseen_GET_OBJECT_TRACEBACK},
    [START] = {"start", METH_FASTCALL, (PyCFunction)(void (*)(void))unseen_START},
    [STOP] = {"stop", METH_NOARGS, unseen_STOP},
    [GET_TRACEBACK_LIMIT] = {"get_traceback_limit", METH_NOARGS, unseen_GET_TRACEBACK_LIMIT},
    [GET_TRACEMALLOC_MEMORY] = {"get_tracemalloc_memory", METH_NOARGS, unseen_GET_TRACEMALLOC_MEMORY},
    [GET_TRACED_MEMORY] = {"get_traced_memory", METH_NOARGS, unseen_GET_TRACED_MEMORY},
    [RESET_PEAK] = {"reset_peak", METH_NOARGS, unseen_RESET_PEAK},
};

/* The methods' table is the module definition's own: each module object made of it calls through it. False: there are
 * others than we know. */
static bool
find_methods(PyMethodDef *table)
{
    int found = 0;
    for (PyMethodDef *method = table; method->ml_name != NULL; method++) {
        int which = 0;
        while (which < METHODS && strcmp(methods[which].name, method->ml_name) != 0)
            which++;
        if (which == METHODS || methods[which].flags != method->ml_flags)
            return false;
        entries[which] = method;
        found++;
    }
    return found == METHODS;
}

static void
swap_methods(bool to_ours)
{
    for (int i = 0; i < METHODS; i++) {
        if (to_ours && entries[i]->ml_meth != methods[i].ours) /* a forked child keeps one of ours */
            real[i] = entries[i]->ml_meth;
        entries[i]->ml_meth = to_ours ? methods[i].ours : real[i];
    }
}

/* ---- on and off ------------------------------------------------------------------------------ */

static const void *seen;   /* object that was made last */
static const void *looker; /* function that asked for it */
static uint32_t seen_times;

static void
note_seen(PyObject *op)
{
    seen = op;
    seen_times++;
    looker = ms_shortcut_caller((const void *)(uintptr_t)_Py_hashtable_get);
}

/* Whether a creation comes to us, and from which function of the interpreter. */
static bool
is_told(PyObject *op, const void **from)
{
    bool told = op != NULL && seen == op;
    *from = told ? looker : NULL;
    Py_XDECREF(op);
    seen = NULL;
    return told;
}

/* The lookup takes a lock and reads a clock, for nothing while only we trace. The function that does it, if it is one
 * for all and does nothing else: not counting a reference is what tells it from its callers. */
static const void *
find_lookup(const void *const from[], int count)
{
    for (int i = 0; i < count; i++)
        if (from[i] == NULL || from[i] != from[0] || from[i] == (const void *)(uintptr_t)_Py_NewReference)
            return NULL;
    PyObject *op = PyFloat_FromDouble(2.5);
    if (op == NULL)
        return NULL;
    Py_ssize_t references = Py_REFCNT(op);
    seen_times = 0;
    op->ob_refcnt = 1000;
    (void)((int (*)(PyObject *))(uintptr_t)from[0])(op);
    bool plain = op->ob_refcnt == 1000 && seen_times == 1 && seen == op;
    op->ob_refcnt = references;
    Py_DECREF(op);
    return plain ? from[0] : NULL;
}

static const void *lookup; /* NULL: not to be had */

/* While only we trace. */
static void
shorten(void)
{
    if (lookup == NULL || creations.programs)
        return;
    creations.config->tracing = 0; /* nobody goes there now */
    (void)ms_shortcut_set(lookup, (const void *)(uintptr_t)note_at_once);
    creations.config->tracing = 1;
}

static void
lengthen(void)
{
    int tracing = creations.config->tracing;
    creations.config->tracing = 0;
    if (!ms_shortcut_clear())
        lookup = NULL;
    creations.config->tracing = tracing;
}

/* Finds all that is needed, once. */
static bool
know_interpreter(void)
{
    static bool known;
    if (known)
        return true;
    PyObject *module = PyInit__tracemalloc(); /* also where the program has imported it: this one is thrown away */
    PyModuleDef *definition = module == NULL ? NULL : PyModule_GetDef(module);
    creations.config = ms_tracemalloc_state();
    known = definition != NULL && find_methods(definition->m_methods) &&
            (ms_tracemalloc_tables(&creations.traces, &creations.domains) ||
             search_tables(&creations.traces, &creations.domains)) &&
            creations.traces != NULL && creations.domains != NULL;
    Py_XDECREF(module);
    if (module == NULL)
        PyErr_Clear();
    if (known && sink == NULL) {
        sink = _Py_hashtable_new(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct);
        known = sink != NULL;
        if (known)
            sink->get_entry_func = find_sunk;
    }
    return known;
}

bool
ms_creations_start(ms_created_function created, ms_allocated_function allocated)
{
    if (creations.created != NULL)
        return false;
    if (!know_interpreter() || creations.config->initialized != TRACEMALLOC_INITIALIZED)
        return false;
    swap_methods(true);
    creations.allocated = allocated;
    creations.programs = creations.config->tracing != 0;
    creations.on_top = false;
    if (!creations.programs && !pretend()) {
        PyErr_Clear();
        swap_methods(false);
        return false;
    }
    if (!creations.programs)
        open_lock();
    creations.created = creations.at_once = note_seen; /* a forked child has the short way from before */
    watch_tables();
    const void *from[4];
    bool told = is_told(PyFloat_FromDouble(1.5), &from[0]) && is_told(PyList_New(0), &from[1]) &&
                is_told(PyDict_New(), &from[2]) && is_told(PyTuple_New(3), &from[3]);
    if (!told) {
        ms_creations_stop();
        return false;
    }
    if (!creations.programs && lookup == NULL && !ms_creations_never_short)
        lookup = find_lookup(from, 4);
    creations.created = creations.at_once = created;
    shorten();
    return true;
}

bool
ms_creations_are_short(void)
{
    return creations.created != NULL && lookup != NULL && !creations.programs;
}

void
ms_creations_stop(void)
{
    if (creations.created == NULL)
        return;
    creations.created = NULL;
    creations.at_once = ignore;
    swap_methods(false);
    if (creations.config->initialized != TRACEMALLOC_INITIALIZED)
        return; /* the interpreter is past its end: the tables are gone */
    if (!ms_creations_stay_short)
        lengthen();
    leave_tables();
    if (creations.programs)
        return;
    close_lock();
    stop_pretending();
}

void
ms_creations_abandon(void)
{
    if (creations.created == NULL)
        return;
    creations.created = NULL;
    creations.at_once = ignore;
    swap_methods(false);
    leave_tables();
    if (creations.programs)
        return;
    creations.config->tracing = 0; /* so nobody comes to the short way, until the program traces */
    entries[START]->ml_meth = methods[START].ours;
    /* Whoever was within at the fork is not here: what is left is one permit. */
    PyThread_type_lock lock = ms_tracemalloc_lock();
    while (lock != NULL && PyThread_acquire_lock(lock, NOWAIT_LOCK))
        ;
    if (lock != NULL)
        PyThread_release_lock(lock);
}

#else

bool
ms_creations_are_short(void)
{
    return false;
}

bool
ms_creations_start(ms_created_function created, ms_allocated_function allocated)
{
    (void)created;
    (void)allocated;
    return false;
}

void
ms_creations_stop(void)
{
}

void
ms_creations_abandon(void)
{
}

#endif
