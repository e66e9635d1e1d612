/* pycompat.h: everything that differs between the supported CPython versions, 3.11 to 3.15.
 *
 * No other file may look at PY_VERSION_HEX or at a field of an interpreter frame.
 *
 * Trust. A walk down a stack may stop early at a frame that is surely the same activation, at the same
 * stretch of its run, as at the last walk: its callers then cannot have changed. Such a frame carries a mark, which we
 * leave in a field where it means nothing to the interpreter, and which the interpreter wipes at just
 * the moments that matter:
 *
 *   3.11, 3.12   stacktop -2 in place of -1. Every value up to 0 means "running" (Objects/frameobject.c reads it only
 *                as "> 0 locals and stack items"). Any Python call, yield, resume or new frame stores
 *                the stack pointer there. So frames that run, or wait in a C call, can be trusted; frames that wait
 *                in a Python-to-Python call cannot: their stacktop is in use.
 *   3.13 to 3.15 f_locals None in place of NULL. Since PEP 667 functions do not use the field; IMPORT_NAME turns NULL
 * into None itself. Set when a frame is made, wiped with it. Not in generators, whose frame survives being suspended
 * and resumed from elsewhere.
 *
 *   3.11, 3.12, deep stacks   f_func (f_funcobj) an "anchor" in place of the function: an object of ours that holds
 *                the function for the frame. Only what anchor.h lists reads the field once the frame has passed its
 *                prologue, a new frame overwrites it, and the end of the frame drops it.
 *
 * A trace function may move a caller to another line; while one is set no mark is believed.
 */
#ifndef MS_PYCOMPAT_H
#define MS_PYCOMPAT_H

#include "shared/event.h"
#include "shared/platform.h"

/* Warnings about the interpreter's own headers are not ours to mend. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include <structmember.h>

#include "internal/pycore_code.h"
#include "internal/pycore_context.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_object.h"
#include "internal/pycore_pystate.h"
#if PY_VERSION_HEX < 0x030d0000
#    include "internal/pycore_hashtable.h"
#    include "internal/pycore_runtime.h"
#endif
#if PY_VERSION_HEX >= 0x030c0000
#    include "internal/pycore_obmalloc.h"
#else
#    include "internal/pycore_pymem.h"
#endif
#if PY_VERSION_HEX >= 0x030e0000
#    include "internal/pycore_frame.h"
#    include "internal/pycore_interpframe.h"
#else
#    include "internal/pycore_frame.h"
#endif
#pragma GCC diagnostic pop

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x03100000
#    error "memscope records CPython 3.11 to 3.15"
#endif

typedef struct _PyInterpreterFrame ms_frame;

/* ---- threads --------------------------------------------------------------------------------- */

/* The thread state that holds the GIL: of this thread if it is the one, else NULL (3.12 and later) or
 * another's (3.11). */
MS_INLINE PyThreadState *
ms_tstate_current(void)
{
    return _PyThreadState_GET();
}

/* Whether a thread state is the current one of the thread that it belongs to; then that thread holds the GIL. From 3.12
 * on it says so itself: to ask the interpreter is two calls, as much as all else that an event costs. */
MS_INLINE bool
ms_tstate_is_current(const PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030c0000
    return tstate->_status.active;
#else
    return tstate == ms_tstate_current();
#endif
}

/* Whether a thread, asked by itself, has none for its current state, of a state that it had: for each other one that it
 * had since, it would no longer be the one that PyGILState_GetThisThreadState gives. False: it may, and is to be asked.
 */
MS_INLINE bool
ms_tstate_is_away(const PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030c0000
    return !tstate->_status.active && tstate->_status.bound_gilstate;
#else
    (void)tstate;
    return false;
#endif
}

/* Whether this thread holds the GIL. */
static inline bool
ms_gil_held(void)
{
    PyThreadState *current = ms_tstate_current();
#if PY_VERSION_HEX >= 0x030c0000
    return current != NULL;
#else
    return current != NULL && current == PyGILState_GetThisThreadState();
#endif
}

MS_INLINE bool
ms_tracing(const PyThreadState *tstate)
{
    return tstate->c_tracefunc != NULL;
}

MS_INLINE ms_frame *
ms_frame_top(const PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030d0000
    return tstate->current_frame;
#else
    return tstate->cframe->current_frame;
#endif
}

/* ---- the cache of attributes ----------------------------------------------------------------- */

#define MS_TYPE_CACHE_SLOTS (1u << MCACHE_SIZE_EXP)

/* MS_TYPE_CACHE_SLOTS of them; who looks has the GIL. */
static inline struct type_cache_entry *
ms_type_cache(PyInterpreterState *interp)
{
#if PY_VERSION_HEX >= 0x030c0000
    return interp->types.type_cache.hashtable;
#else
    return interp->type_cache.hashtable;
#endif
}

/* ---- frames ---------------------------------------------------------------------------------- */

MS_INLINE ms_frame *
ms_frame_previous(const ms_frame *frame)
{
    return frame->previous;
}

MS_INLINE PyCodeObject *
ms_frame_code(ms_frame *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
    return (PyCodeObject *)PyStackRef_AsPyObjectBorrow(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030d0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

/* Identifies code and instruction at once, as long as the code object lives. */
MS_INLINE const void *
ms_frame_instruction(const ms_frame *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
    return frame->instr_ptr;
#else
    return frame->prev_instr;
#endif
}

/* Frames that no traceback shows: not yet at their first traceable instruction, or the interpreter's own. */
MS_INLINE bool
ms_frame_hidden(ms_frame *frame)
{
#if PY_VERSION_HEX >= 0x030c0000
    /* Beyond the owners that a function's frame can have: its other fields may not be set. */
    if (frame->owner > FRAME_OWNED_BY_FRAME_OBJECT)
        return true;
#endif
    if (frame->owner == FRAME_OWNED_BY_GENERATOR)
        return false;
    PyCodeObject *code = ms_frame_code(frame);
    return (const _Py_CODEUNIT *)ms_frame_instruction(frame) < _PyCode_CODE(code) + code->_co_firsttraceable;
}

MS_INLINE const void *
ms_code_start(PyCodeObject *code)
{
    return _PyCode_CODE(code);
}

/* The instruction as its distance from the start of the code, in code units. Before the first one: 0. */
MS_INLINE uint32_t
ms_code_position(const void *instruction, const void *start)
{
    ptrdiff_t units = (const _Py_CODEUNIT *)instruction - (const _Py_CODEUNIT *)start;
    return units < 0 ? 0 : (uint32_t)units;
}

#if defined(Py_DEBUG)
/* Debug builds assert about the fields that carry the marks. */
MS_INLINE bool
ms_frame_trusted(const ms_frame *frame)
{
    (void)frame;
    return false;
}
MS_INLINE void
ms_frame_trust(ms_frame *frame)
{
    (void)frame;
}
#elif PY_VERSION_HEX >= 0x030d0000
MS_INLINE bool
ms_frame_trusted(const ms_frame *frame)
{
    return frame->f_locals == Py_None;
}
MS_INLINE void
ms_frame_trust(ms_frame *frame)
{
    if (frame->f_locals == NULL && frame->owner == FRAME_OWNED_BY_THREAD &&
        (ms_frame_code(frame)->co_flags & CO_OPTIMIZED) != 0)
        frame->f_locals = Py_None; /* immortal: no reference is counted */
}
#else
MS_INLINE bool
ms_frame_trusted(const ms_frame *frame)
{
    return frame->stacktop == -2;
}
MS_INLINE void
ms_frame_trust(ms_frame *frame)
{
    if (frame->stacktop == -1)
        frame->stacktop = -2;
}
#endif

/* ---- anchors --------------------------------------------------------------------------------- */

#if PY_VERSION_HEX < 0x030d0000 && !defined(Py_DEBUG)
#    define MS_HAVE_ANCHORS 1
#else
#    define MS_HAVE_ANCHORS 0 /* f_locals does it all; debug builds assert about the function */
#endif

/* Whether a program can have the interpreter read a running frame's function. */
#define MS_FUNCTIONS_ARE_READ (PY_VERSION_HEX >= 0x030c0000)

/* Whether a frame object stands for the frame, which may outlive it. */
MS_INLINE bool
ms_frame_has_object(const ms_frame *frame)
{
    return frame->frame_obj != NULL;
}

/* Where a frame holds the function that it runs; NULL: this frame must be left alone. */
MS_INLINE PyObject **
ms_frame_function(ms_frame *frame)
{
#if !MS_HAVE_ANCHORS
    (void)frame;
    return NULL;
#else
    if (frame->owner != FRAME_OWNED_BY_THREAD)
        return NULL;
#    if PY_VERSION_HEX >= 0x030c0000
    return &frame->f_funcobj;
#    else
    return (PyObject **)&frame->f_func;
#    endif
#endif
}

/* ---- running the program as if nothing were below it ----------------------------------------- */

typedef struct {
    ms_frame *frame;
    int recursion;
} ms_hidden_stack;

/* Takes the frames of memscope's own start-up out of sight of tracebacks, warnings and recursion limits. */
static inline ms_hidden_stack
ms_stack_hide(PyThreadState *tstate)
{
    ms_hidden_stack hidden = {.frame = ms_frame_top(tstate)};
#if PY_VERSION_HEX >= 0x030f0000
    tstate->current_frame = tstate->base_frame;
#elif PY_VERSION_HEX >= 0x030d0000
    tstate->current_frame = NULL;
#else
    tstate->cframe->current_frame = NULL;
#endif
#if PY_VERSION_HEX >= 0x030c0000
    hidden.recursion = tstate->py_recursion_remaining;
    tstate->py_recursion_remaining = tstate->py_recursion_limit;
#else
    hidden.recursion = tstate->recursion_remaining;
    tstate->recursion_remaining = tstate->recursion_limit;
#endif
    return hidden;
}

static inline void
ms_stack_show(PyThreadState *tstate, ms_hidden_stack hidden)
{
#if PY_VERSION_HEX >= 0x030d0000
    tstate->current_frame = hidden.frame;
#else
    tstate->cframe->current_frame = hidden.frame;
#endif
    /* The program may have changed the limit: keep the distance. */
#if PY_VERSION_HEX >= 0x030c0000
    tstate->py_recursion_remaining =
        hidden.recursion < tstate->py_recursion_limit ? hidden.recursion : tstate->py_recursion_limit;
#else
    tstate->recursion_remaining =
        hidden.recursion < tstate->recursion_limit ? hidden.recursion : tstate->recursion_limit;
#endif
}

/* Since 3.13 tracebacks show the source of `python -c`. */
#define MS_COMMANDS_HAVE_SOURCE (PY_VERSION_HEX >= 0x030d0000)

/* ---- the cyclic collector -------------------------------------------------------------------- */

static inline const int *
ms_gc_collecting(PyInterpreterState *interp)
{
    return &interp->gc.collecting;
}

/* Visits all objects that the collector knows, whether their generation is collected or not. */
static inline void
ms_each_collected(PyInterpreterState *interp, int (*visit)(PyObject *op, void *context), void *context)
{
#if PY_VERSION_HEX >= 0x030e0000
    (void)interp;
    PyUnstable_GC_VisitObjects(visit, context);
#else
    PyGC_Head *heads[] = {
        &interp->gc.generations[0].head,
        &interp->gc.generations[1].head,
        &interp->gc.generations[2].head,
        &interp->gc.permanent_generation.head,
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        for (PyGC_Head *at = _PyGCHead_NEXT(heads[i]); at != heads[i]; at = _PyGCHead_NEXT(at))
            if (visit((PyObject *)(at + 1), context) == 0)
                return;
#endif
}

/* Since 3.15 the collector times itself. */
#define MS_GC_TIMED (PY_VERSION_HEX >= 0x030f0000)

/* What it has done so far in a generation, 0 to 2; NULL: nothing yet. */
static inline const struct gc_generation_stats *
ms_gc_stats(PyInterpreterState *interp, int generation)
{
#if PY_VERSION_HEX >= 0x030f0000
    const struct gc_stats *stats = interp->gc.generation_stats;
    if (stats == NULL)
        return NULL;
    if (generation == 0)
        return &stats->young.items[stats->young.index];
    const struct gc_old_stats_buffer *old = &stats->old[generation - 1];
    return &old->items[old->index];
#else
    return &interp->gc.generation_stats[generation];
#endif
}

/* Nanoseconds; 0 where the interpreter does not time it. */
static inline uint64_t
ms_gc_duration_ns(const struct gc_generation_stats *stats)
{
#if PY_VERSION_HEX >= 0x030f0000
    return (uint64_t)(stats->duration * 1e9);
#else
    (void)stats;
    return 0;
#endif
}

static inline uint32_t
ms_gc_threshold(PyInterpreterState *interp, int generation)
{
    /* The incremental collector of 3.14.0 to 3.14.4. */
#if PY_VERSION_HEX >= 0x030e0000 && PY_VERSION_HEX < 0x030e0500
    const struct gc_generation *of = generation == 0 ? &interp->gc.young : &interp->gc.old[generation - 1];
#else
    const struct gc_generation *of = &interp->gc.generations[generation];
#endif
    return of->threshold < 0 ? 0 : (uint32_t)of->threshold;
}

/* ---- pymalloc -------------------------------------------------------------------------------- */

/* Prints what sys._debugmallocstats() begins with, for the calling thread's interpreter; asks for no memory of
 * Python's. False: pymalloc does not serve the OBJ domain, if only because somebody's hooks are on top of it. */
static inline bool
ms_pymalloc_print(FILE *stream)
{
    return _PyObject_DebugMallocStats(stream) != 0;
}

/* Whether another thread may be asking the MEM and OBJ domains right now: one of an interpreter with a GIL of its own.
 */
static inline bool
ms_others_allocate(void)
{
#if PY_VERSION_HEX >= 0x030c0000
    return PyInterpreterState_Head() != PyInterpreterState_Main(); /* new ones come in front */
#else
    return false;
#endif
}

/* The same, if there is an interpreter that has a GIL of its own. */
static inline bool
ms_others_have_gil(void)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyInterpreterState *interp = PyInterpreterState_Head();
    for (; interp != NULL; interp = PyInterpreterState_Next(interp))
        if (interp != PyInterpreterState_Main() && interp->ceval.own_gil)
            return true;
#endif
    return false;
}

#if PY_VERSION_HEX >= 0x030c0000 && defined(WITH_PYMALLOC)
#    define MS_ARENA_BYTES ((uint32_t)ARENA_SIZE)

MS_INLINE const struct _obmalloc_state *
ms_obmalloc_inline(const void *field)
{
    return field;
}
MS_INLINE const struct _obmalloc_state *
ms_obmalloc_pointed(const void *field)
{
    return *(const struct _obmalloc_state *const *)field;
}

/* Inline at first, later behind a pointer. NULL: pymalloc was never used. */
static inline const struct _obmalloc_state *
ms_obmalloc(PyInterpreterState *interp)
{
    return _Generic(&interp->obmalloc,
        struct _obmalloc_state *: ms_obmalloc_inline,
        struct _obmalloc_state * *: ms_obmalloc_pointed)(&interp->obmalloc);
}

/* How many places for arenas the interpreter has. */
static inline uint32_t
ms_pymalloc_arenas_max(PyInterpreterState *interp)
{
    const struct _obmalloc_state *state = ms_obmalloc(interp);
    return state == NULL || state->mgmt.arenas == NULL ? 0 : state->mgmt.maxarenas;
}

/* The address of the arena in a place; 0: there is none. */
static inline uintptr_t
ms_pymalloc_arena(PyInterpreterState *interp, uint32_t place)
{
    return ms_obmalloc(interp)->mgmt.arenas[place].address;
}
#else
#    define MS_ARENA_BYTES (1u << 20)

/* Its list is out of reach. */
static inline uint32_t
ms_pymalloc_arenas_max(PyInterpreterState *interp)
{
    (void)interp;
    return 0;
}
static inline uintptr_t
ms_pymalloc_arena(PyInterpreterState *interp, uint32_t place)
{
    (void)interp;
    (void)place;
    return 0;
}
#endif

/* ---- objects --------------------------------------------------------------------------------- */

/* Bytes between the start of an object's block and the object: 0, 16 or 32. */
static inline uint32_t
ms_object_header(PyTypeObject *type)
{
    return (uint32_t)_PyType_PreHeaderSize(type);
}

/* Bytes of an object with its header, when it is being made: a tuple knows its length by then, an int does not. */
static inline uint32_t
ms_object_bytes(PyObject *op, uint32_t header)
{
    PyTypeObject *type = Py_TYPE(op);
    Py_ssize_t bytes = type->tp_basicsize + (Py_ssize_t)header;
    if (PyTuple_CheckExact(op))
        bytes += Py_SIZE(op) * type->tp_itemsize;
    else if (PyLong_CheckExact(op))
        bytes = sizeof(PyLongObject);
    return (uint32_t)bytes;
}

/* Whether what looks like an object can be a living one. The first word of a block that was freed, and given out again
 * without being written to, is the address of another one, where the count of references was. */
static inline bool
ms_looks_alive(PyObject *op)
{
#if PY_VERSION_HEX >= 0x030e0000
    return op->ob_refcnt != 0 && op->ob_overflow == 0;
#else
    return op->ob_refcnt > 0 && op->ob_refcnt <= UINT32_MAX;
#endif
}

/* The creation of an object is told, and its death. */
#if PY_VERSION_HEX >= 0x030d0000
#    define MS_HAVE_TRACER 1
/* Whether the tracer itself is told that another one takes its place. */
#    define MS_TRACER_IS_TOLD (PY_VERSION_HEX >= 0x030f0000)
/* The runtime's own field: PyRefTracer_SetTracer would tell the tracer that is there now that it was removed, while
 * ours goes on calling it. Needs the GIL. */
MS_INLINE PyRefTracer
ms_tracer_now(void)
{
    return _PyRuntime.ref_tracer.tracer_func;
}
static inline void *
ms_tracer_data(void)
{
    return _PyRuntime.ref_tracer.tracer_data;
}
/* Data first: who is called meanwhile by a thread with another GIL must find its own. */
static inline void
ms_tracer_set(PyRefTracer tracer, void *data)
{
    if (tracer != NULL)
        _PyRuntime.ref_tracer.tracer_data = data;
    _PyRuntime.ref_tracer.tracer_func = tracer;
    if (tracer == NULL)
        _PyRuntime.ref_tracer.tracer_data = data;
}
#else
#    define MS_HAVE_TRACER 0
#    define MS_TRACER_IS_TOLD 0
typedef enum { PyRefTracer_CREATE = 0, PyRefTracer_DESTROY = 1 } PyRefTracerEvent;
typedef int (*PyRefTracer)(PyObject *, PyRefTracerEvent, void *);
static inline PyRefTracer
ms_tracer_now(void)
{
    return NULL;
}
static inline void *
ms_tracer_data(void)
{
    return NULL;
}
static inline void
ms_tracer_set(PyRefTracer tracer, void *data)
{
    (void)tracer;
    (void)data;
}
#endif

/* ---- what an object alone holds -------------------------------------------------------------- */

/* The domain that tables of keys are requested from. */
#if PY_VERSION_HEX >= 0x030d0000
#    define MS_KEYS_DOMAIN MS_MEM
#else
#    define MS_KEYS_DOMAIN MS_OBJ
#endif

/* The table of keys that a dictionary alone holds; NULL: it is empty, or shares the table of its class. */
MS_INLINE const struct _dictkeysobject *
ms_dict_keys(PyObject *dict)
{
    const PyDictObject *of = (const PyDictObject *)dict;
    const struct _dictkeysobject *keys = of->ma_keys;
    return of->ma_values != NULL || keys == NULL || keys->dk_log2_size == 0 ? NULL : keys;
}

/* Whether a free list would take the table. */
MS_INLINE bool
ms_keys_may_park(const struct _dictkeysobject *keys)
{
    return keys->dk_log2_size == 3 && keys->dk_refcnt == 1;
}

/* Bytes of a table as free lists have them: eight indices, and five pairs of a text and a value. 0: it is of another
 * kind. */
MS_INLINE uint32_t
ms_keys_bytes(const struct _dictkeysobject *keys)
{
    bool parks = keys->dk_log2_size == 3 && keys->dk_kind != DICT_KEYS_GENERAL;
    return parks ? (uint32_t)(sizeof *keys + 8 + 5 * sizeof(PyDictUnicodeEntry)) : 0;
}

/* The values of a dictionary's split table, or of an instance: the start of their block. */
static inline const void *
ms_values_block(const void *values)
{
#if PY_VERSION_HEX >= 0x030d0000
    return values;
#else
    return values == NULL ? NULL : (const char *)values - ((const uint8_t *)values)[-1];
#endif
}

/* The values of an instance that lie in a block of their own; NULL: none. */
static inline const void *
ms_instance_values(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0)
        return NULL;
#if PY_VERSION_HEX >= 0x030d0000
    return NULL; /* in the object, or a dictionary's */
#elif PY_VERSION_HEX >= 0x030c0000
    PyDictOrValues *place = _PyObject_DictOrValuesPointer(op);
    return _PyDictOrValues_IsValues(*place) ? ms_values_block(_PyDictOrValues_GetValues(*place)) : NULL;
#else
    return ms_values_block(*_PyObject_ValuesPointer(op));
#endif
}

/* ---- what objects refer to ------------------------------------------------------------------- */

/* Whether an object never dies; its count of references then says nothing. */
static inline bool
ms_is_immortal(PyObject *op)
{
#if PY_VERSION_HEX >= 0x030c0000
    return _Py_IsImmortal(op);
#else
    (void)op;
    return false;
#endif
}

/* Whether an object is one of collections.deque, which is no type that other C code can name. */
static inline bool
ms_is_deque(PyObject *op)
{
    return strcmp(Py_TYPE(op)->tp_name, "collections.deque") == 0;
}

/* Bytes of the blocks of a deque: 64 entries and two links each. How its object begins has been the same since 3.5. */
static inline uint64_t
ms_deque_bytes(PyObject *op)
{
    const struct {
        PyVarObject head;
        void *left_block, *right_block;
        Py_ssize_t left_index;
    } *deque = (const void *)op;
    return (uint64_t)(deque->left_index + Py_SIZE(op) + 63) / 64 * 66 * sizeof(void *);
}

/* Bytes of what a bytearray holds. */
static inline uint64_t
ms_bytearray_bytes(PyObject *op)
{
    uint64_t room = (uint64_t)((const PyByteArrayObject *)op)->ob_alloc;
#if PY_VERSION_HEX >= 0x030f0000
    return room == 0 ? 0 : room + offsetof(PyBytesObject, ob_sval) + 1; /* in an object of its own */
#else
    return room;
#endif
}

/* Bytes of an int's digits. */
static inline uint64_t
ms_long_bytes(PyObject *op)
{
#if PY_VERSION_HEX >= 0x030c0000
    uint64_t digits = ((const PyLongObject *)op)->long_value.lv_tag >> 3; /* the lower bits are sign and more */
    return (digits == 0 ? 1 : digits) * sizeof(digit);
#else
    Py_ssize_t digits = Py_SIZE(op);
    digits = digits < 0 ? -digits : digits;
    return (uint64_t)(digits == 0 ? 1 : digits) * sizeof(digit);
#endif
}

/* Members of C types that are references. */
#define MS_MEMBER_OBJECT T_OBJECT
#define MS_MEMBER_OBJECT_EX T_OBJECT_EX
#if PY_VERSION_HEX >= 0x030c0000
#    define MS_MEMBER_RELATIVE Py_RELATIVE_OFFSET /* the member lies in what a metaclass adds */
#else
#    define MS_MEMBER_RELATIVE 0
#endif

/* A key and what stands under it. key: NULL where there is none. */
typedef void (*ms_pair_visit)(PyObject *key, PyObject *value, void *context);

typedef struct _dictkeysobject ms_keys;
typedef struct _dictvalues ms_values;

MS_INLINE const char *
ms_keys_entries(const ms_keys *keys)
{
    return (const char *)keys->dk_indices + ((size_t)1 << keys->dk_log2_index_bytes);
}

MS_INLINE bool
ms_keys_are_texts(const ms_keys *keys)
{
    return keys->dk_kind != DICT_KEYS_GENERAL;
}

MS_INLINE bool
ms_dict_keys_are_texts(PyObject *dict)
{
    return ms_keys_are_texts(((const PyDictObject *)dict)->ma_keys);
}

/* Bytes of a table of keys. */
static inline uint64_t
ms_keys_size(const ms_keys *keys)
{
    uint64_t usable = ((UINT64_C(1) << keys->dk_log2_size) << 1) / 3;
    return sizeof *keys + (UINT64_C(1) << keys->dk_log2_index_bytes) +
           usable * (ms_keys_are_texts(keys) ? sizeof(PyDictUnicodeEntry) : sizeof(PyDictKeyEntry));
}

/* The table that a dictionary alone has; NULL: none, or one that is shared. */
MS_INLINE const ms_keys *
ms_dict_own_keys(PyObject *dict)
{
    const PyDictObject *of = (const PyDictObject *)dict;
    return of->ma_values == NULL && of->ma_keys->dk_refcnt == 1 ? of->ma_keys : NULL;
}

/* Whether a dictionary's values stand in the object whose attributes they are. */
MS_INLINE bool
ms_dict_is_of_object(PyObject *dict)
{
#if PY_VERSION_HEX >= 0x030d0000
    const ms_values *values = ((const PyDictObject *)dict)->ma_values;
    return values != NULL && values->embedded;
#else
    (void)dict;
    return false;
#endif
}

MS_INLINE bool
ms_dict_is_split(PyObject *dict)
{
    return ((const PyDictObject *)dict)->ma_values != NULL;
}

#if PY_VERSION_HEX < 0x030d0000
/* Bytes of a block of values. In front of them stand two bytes, and one for each value, rounded up to eight; how many
 * bytes those are says the last one. How many values there is room for was decided when it was made: as many as the
 * class has keys and room for keys. That room shrinks with the first thirty instances. So of these it is as much as the
 * bytes in front leave open, within 56 bytes. */
static inline uint64_t
ms_values_size(const ms_keys *keys, const ms_values *values)
{
    int64_t front = ((const uint8_t *)values)[-1], room = (int64_t)(keys->dk_nentries + keys->dk_usable);
    room = room > front - 2 ? front - 2 : room < front - 9 ? front - 9 : room;
    return (uint64_t)(front + room * (int64_t)sizeof(PyObject *));
}
#endif

/* Bytes of the block of a dictionary's values, if they have one. */
static inline uint64_t
ms_dict_values_size(PyObject *dict)
{
    const PyDictObject *of = (const PyDictObject *)dict;
    if (of->ma_values == NULL || ms_dict_is_of_object(dict))
        return 0;
#if PY_VERSION_HEX >= 0x030d0000
    uint64_t capacity = of->ma_values->capacity, order = (capacity + 7) / 8 * 8;
    return offsetof(ms_values, values) + capacity * sizeof(PyObject *) + order;
#else
    return ms_values_size(of->ma_keys, of->ma_values);
#endif
}

static inline void
ms_each_value(const ms_keys *keys, const ms_values *values, Py_ssize_t count, ms_pair_visit visit, void *context)
{
    const PyDictUnicodeEntry *names = (const PyDictUnicodeEntry *)ms_keys_entries(keys);
    for (Py_ssize_t i = 0; i < count && i < keys->dk_nentries; i++)
        if (values->values[i] != NULL)
            visit(names[i].me_key, values->values[i], context);
}

/* All pairs of a dictionary, in its order. */
static inline void
ms_each_pair(PyObject *dict, ms_pair_visit visit, void *context)
{
    const PyDictObject *of = (const PyDictObject *)dict;
    const ms_keys *keys = of->ma_keys;
    if (of->ma_values != NULL) {
        ms_each_value(keys, of->ma_values, keys->dk_nentries, visit, context);
        return;
    }
    if (ms_keys_are_texts(keys)) {
        const PyDictUnicodeEntry *entries = (const PyDictUnicodeEntry *)ms_keys_entries(keys);
        for (Py_ssize_t i = 0; i < keys->dk_nentries; i++)
            if (entries[i].me_value != NULL)
                visit(entries[i].me_key, entries[i].me_value, context);
        return;
    }
    const PyDictKeyEntry *entries = (const PyDictKeyEntry *)ms_keys_entries(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++)
        if (entries[i].me_value != NULL)
            visit(entries[i].me_key, entries[i].me_value, context);
}

/* The table of keys that a class keeps for its instances; NULL: none. A static type ends before there is one, and its
 * library's data may end with it. */
static inline const ms_keys *
ms_shared_keys(PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0 ? NULL : ((PyHeapTypeObject *)type)->ht_cached_keys;
}

/* The keys in it. */
static inline void
ms_each_shared_key(PyTypeObject *type, ms_pair_visit visit, void *context)
{
    const ms_keys *keys = ms_shared_keys(type);
    if (keys == NULL || !ms_keys_are_texts(keys))
        return;
    const PyDictUnicodeEntry *names = (const PyDictUnicodeEntry *)ms_keys_entries(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++)
        if (names[i].me_key != NULL)
            visit(NULL, names[i].me_key, context);
}

/* Bytes of that table. */
static inline uint64_t
ms_shared_keys_size(PyTypeObject *type)
{
    const ms_keys *keys = ms_shared_keys(type);
    return keys == NULL ? 0 : ms_keys_size(keys);
}

/* The values of an instance that has no dictionary; NULL: it has one, or no attributes. */
static inline const ms_values *
ms_attribute_values(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0)
        return NULL;
#if PY_VERSION_HEX >= 0x030d0000
    if ((type->tp_flags & Py_TPFLAGS_INLINE_VALUES) == 0)
        return NULL;
    const ms_values *values = _PyObject_InlineValues(op);
    return values->valid ? values : NULL;
#elif PY_VERSION_HEX >= 0x030c0000
    PyDictOrValues place = *_PyObject_DictOrValuesPointer(op);
    return _PyDictOrValues_IsValues(place) ? _PyDictOrValues_GetValues(place) : NULL;
#else
    return *_PyObject_ValuesPointer(op);
#endif
}

/* Attributes that an instance stores without a dictionary. */
static inline void
ms_each_attribute(PyObject *op, ms_pair_visit visit, void *context)
{
    const ms_values *values = ms_attribute_values(op);
    const ms_keys *keys = values == NULL ? NULL : ms_shared_keys(Py_TYPE(op));
    if (keys == NULL)
        return;
#if PY_VERSION_HEX >= 0x030d0000
    ms_each_value(keys, values, values->capacity, visit, context);
#else
    ms_each_value(keys, values, keys->dk_nentries, visit, context);
#endif
}

/* Bytes of those values, in the object or in a block of their own. */
static inline uint64_t
ms_attribute_bytes(PyObject *op)
{
#if PY_VERSION_HEX >= 0x030d0000
    const ms_keys *keys = ms_shared_keys(Py_TYPE(op));
    if ((Py_TYPE(op)->tp_flags & Py_TPFLAGS_INLINE_VALUES) == 0 || keys == NULL)
        return 0;
    uint64_t capacity = _PyObject_InlineValues(op)->capacity;
    return offsetof(ms_values, values) + capacity * sizeof(PyObject *) + (capacity + 7) / 8 * 8;
#else
    const ms_values *values = ms_attribute_values(op);
    const ms_keys *keys = values == NULL ? NULL : ms_shared_keys(Py_TYPE(op));
    return keys == NULL ? 0 : ms_values_size(keys, values);
#endif
}

/* The dictionary of an object's attributes, if there is one by now; none is made. */
static inline PyObject *
ms_dict_of_object(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0) {
#if PY_VERSION_HEX >= 0x030d0000
        return (PyObject *)_PyObject_ManagedDictPointer(op)->dict;
#elif PY_VERSION_HEX >= 0x030c0000
        PyDictOrValues place = *_PyObject_DictOrValuesPointer(op);
        return _PyDictOrValues_IsValues(place) ? NULL : _PyDictOrValues_GetDict(place);
#else
        return *_PyObject_ManagedDictPointer(op);
#endif
    }
    Py_ssize_t offset = type->tp_dictoffset;
    if (offset < 0) {
        Py_ssize_t items = Py_SIZE(op) < 0 ? -Py_SIZE(op) : Py_SIZE(op);
        offset += (Py_ssize_t)_PyObject_VAR_SIZE(type, items);
    }
    return offset <= 0 ? NULL : *(PyObject **)((char *)op + offset);
}

/* A class's own dictionary. */
static inline PyObject *
ms_dict_of_class(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyObject *dict = PyType_GetDict(type);
    Py_XDECREF(dict); /* the class has it */
    return dict;
#else
    return type->tp_dict;
#endif
}

/* A local variable or a value that the interpreter works with: what is in a slot of a frame. NULL: nothing. */
static inline PyObject *
ms_frame_slot(ms_frame *frame, int slot)
{
#if PY_VERSION_HEX >= 0x030e0000
    _PyStackRef ref = frame->localsplus[slot];
    /* Loops over lists keep the place there, as a number; with the second bit set no slot refers to an object. */
    return PyStackRef_IsNull(ref) || (ref.bits & 2) != 0 ? NULL : PyStackRef_AsPyObjectBorrow(ref);
#else
    return frame->localsplus[slot];
#endif
}

/* How many slots of a frame can be read: none beyond its locals while it works with the others. */
static inline int
ms_frame_slots(ms_frame *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
    return frame->stackpointer == NULL ? 0 : (int)(frame->stackpointer - frame->localsplus);
#else
    return frame->stacktop;
#endif
}

/* The frame that a generator or a coroutine keeps while it waits; NULL: it runs, or is over. */
static inline ms_frame *
ms_frame_of_generator(PyObject *op)
{
    PyGenObject *generator = (PyGenObject *)op;
    if (generator->gi_frame_state >= FRAME_EXECUTING)
        return NULL;
#if PY_VERSION_HEX >= 0x030e0000
    return &generator->gi_iframe;
#else
    return (ms_frame *)generator->gi_iframe;
#endif
}

/* Whether a frame object has taken its frame over; then it refers to the locals. */
static inline ms_frame *
ms_frame_of_object(PyObject *op)
{
    ms_frame *frame = ((PyFrameObject *)op)->f_frame;
    return frame != NULL && frame->owner == FRAME_OWNED_BY_FRAME_OBJECT ? frame : NULL;
}

/* What an object's block has beyond its type's size, if it says nothing of it: the frame of a generator. */
static inline uint64_t
ms_frame_bytes(PyCodeObject *code)
{
    return (uint64_t)(code->co_nlocalsplus + code->co_stacksize) * sizeof(PyObject *);
}

/* The dictionary of all modules. */
static inline PyObject *
ms_modules(PyInterpreterState *interp)
{
#if PY_VERSION_HEX >= 0x030c0000
    return interp->imports.modules;
#else
    return interp->modules;
#endif
}

typedef void (*ms_named_visit)(const char *name, PyObject *op, void *context);

/* What an interpreter itself refers to. */
static inline void
ms_each_of_interpreter(PyInterpreterState *interp, ms_named_visit visit, void *context)
{
    visit("sys.modules", ms_modules(interp), context);
#if PY_VERSION_HEX >= 0x030c0000
    visit("modules by index", interp->imports.modules_by_index, context);
    visit("importlib", interp->imports.importlib, context);
    visit("import function", interp->imports.import_func, context);
#else
    visit("modules by index", interp->modules_by_index, context);
    visit("importlib", interp->importlib, context);
    visit("import function", interp->import_func, context);
#endif
#if PY_VERSION_HEX >= 0x030d0000
    visit("codec search path", interp->codecs.search_path, context);
    visit("codec cache", interp->codecs.search_cache, context);
    visit("codec errors", interp->codecs.error_registry, context);
#else
    visit("codec search path", interp->codec_search_path, context);
    visit("codec cache", interp->codec_search_cache, context);
    visit("codec errors", interp->codec_error_registry, context);
#endif
    visit("sys", interp->sysdict, context);
    visit("builtins", interp->builtins, context);
    visit("interpreter dictionary", interp->dict, context);
    visit("os.register_at_fork before", interp->before_forkers, context);
    visit("os.register_at_fork after_in_parent", interp->after_forkers_parent, context);
    visit("os.register_at_fork after_in_child", interp->after_forkers_child, context);
    visit("audit hooks", interp->audit_hooks, context);
}

/* What is to be called at the end; it may be called already. */
static inline void
ms_each_at_exit(PyInterpreterState *interp, ms_named_visit visit, void *context)
{
#if PY_VERSION_HEX >= 0x030e0000
    visit("atexit", interp->atexit.callbacks, context);
#else
    for (int i = 0; i < interp->atexit.ncallbacks; i++) {
        if (interp->atexit.callbacks[i] == NULL)
            continue;
        visit("function", interp->atexit.callbacks[i]->func, context);
        visit("arguments", interp->atexit.callbacks[i]->args, context);
        visit("keyword arguments", interp->atexit.callbacks[i]->kwargs, context);
    }
#endif
}

/* What a thread refers to beside its frames. */
static inline void
ms_each_of_thread(PyThreadState *tstate, ms_named_visit visit, void *context)
{
    visit("thread dictionary", tstate->dict, context);
    visit("context", tstate->context, context);
    visit("trace function", tstate->c_traceobj, context);
    visit("profile function", tstate->c_profileobj, context);
    visit("asynchronous exception", tstate->async_exc, context);
#if PY_VERSION_HEX >= 0x030c0000
    visit("exception", tstate->current_exception, context);
#else
    visit("exception", tstate->curexc_value, context);
    visit("traceback", tstate->curexc_traceback, context);
#endif
    for (const _PyErr_StackItem *item = tstate->exc_info; item != NULL; item = item->previous_item) {
        /* Others than the thread's own lie in generators, which refer to what they have. */
        if (item == &tstate->exc_state)
            visit("handled exception", item->exc_value, context);
    }
}

/* The dictionary that has all interned texts: it holds none. NULL: out of reach, and reached by nobody. */
static inline PyObject *
ms_interned(PyInterpreterState *interp)
{
#if PY_VERSION_HEX >= 0x030c0000
    return interp->cached_objects.interned_strings;
#else
    (void)interp;
    return NULL;
#endif
}

/* ---- the interpreter's free lists ------------------------------------------------------------ */

/* What lies on a free list: an object and its type, or the block of something that is none, and NULL. */
typedef void (*ms_free_visit)(void *op, PyTypeObject *type, void *context);

typedef struct ms_free_walk {
    ms_free_visit visit;
    void *context;
} ms_free_walk;

#define MS_FREE_LIST_MAX 4096u /* entries followed: a list that somebody has spoiled could be a circle */

/* Lists that are linked by a word at an offset in each entry. type: of all; NULL: they say it themselves. */
static inline void
ms_walk_linked(const ms_free_walk *walk, void *first, size_t offset, PyTypeObject *type)
{
    for (unsigned n = 0; first != NULL && n < MS_FREE_LIST_MAX; n++) {
        void *next;
        memcpy(&next, (const char *)first + offset, sizeof next);
        walk->visit(first, type != NULL ? type : Py_TYPE((PyObject *)first), walk->context);
        first = next;
    }
}

/* What is on these are no objects. */
static inline void
ms_walk_raw(const ms_free_walk *walk, void *first)
{
    for (unsigned n = 0; first != NULL && n < MS_FREE_LIST_MAX; n++) {
        void *next = *(void **)first;
        walk->visit(first, NULL, walk->context);
        first = next;
    }
}

static inline void
ms_walk_array(const ms_free_walk *walk, void *entries, int count, bool are_objects)
{
    void **entry = entries;
    for (int i = 0; i < count; i++)
        walk->visit(entry[i], are_objects ? Py_TYPE((PyObject *)entry[i]) : NULL, walk->context);
}

/* Visits all that lies on the free lists of an interpreter, whose GIL the caller holds. */
static inline void
ms_walk_free_lists(PyInterpreterState *interp, ms_free_visit visit, void *context)
{
    const ms_free_walk all = {.visit = visit, .context = context}, *walk = &all;
    ms_walk_linked(walk, interp->exc_state.memerrors_freelist, offsetof(PyBaseExceptionObject, dict), NULL);
#if PY_VERSION_HEX >= 0x030e0000
    struct _Py_freelists *lists = &interp->object_state.freelists;
    /* All are of one kind, one after the other; these hold no objects. */
    const struct _Py_freelist *raw[] = {
        &lists->dictkeys,
        &lists->object_stack_chunks,
        &lists->unicode_writers,
#    if PY_VERSION_HEX >= 0x030f0000
        &lists->bytes_writers,
#    endif
    };
    const struct _Py_freelist *list = (const struct _Py_freelist *)lists;
    for (size_t i = 0; i < sizeof *lists / sizeof *list; i++, list++) {
        bool is_raw = false;
        for (size_t j = 0; j < sizeof raw / sizeof *raw; j++)
            is_raw = is_raw || list == raw[j];
        if (is_raw)
            ms_walk_raw(walk, list->freelist);
        else
            ms_walk_linked(walk, list->freelist, 0, NULL);
    }
#else
    /* Floats are linked by the word of their type. */
    size_t next_float = offsetof(PyObject, ob_type), next_tuple = offsetof(PyTupleObject, ob_item);
    size_t next_context = offsetof(PyContext, ctx_weakreflist);
#    if PY_VERSION_HEX >= 0x030d0000
    struct _Py_object_freelists *lists = &interp->object_state.freelists;
    ms_walk_linked(walk, lists->floats.items, next_float, &PyFloat_Type);
    for (size_t i = 0; i < PyTuple_NFREELISTS; i++)
        ms_walk_linked(walk, lists->tuples.items[i], next_tuple, NULL);
    ms_walk_array(walk, lists->lists.items, lists->lists.numfree, true);
    ms_walk_array(walk, lists->dicts.items, lists->dicts.numfree, true);
    ms_walk_array(walk, lists->dictkeys.items, lists->dictkeys.numfree, false);
    ms_walk_array(walk, &lists->slices.slice_cache, lists->slices.slice_cache != NULL, true);
    ms_walk_linked(walk, lists->contexts.items, next_context, NULL);
    ms_walk_array(walk, lists->async_gens.items, lists->async_gens.numfree, true);
    ms_walk_array(walk, lists->async_gen_asends.items, lists->async_gen_asends.numfree, true);
#    else
    ms_walk_linked(walk, interp->float_state.free_list, next_float, &PyFloat_Type);
    for (size_t i = 0; i < PyTuple_NFREELISTS; i++)
        ms_walk_linked(walk, interp->tuple.free_list[i], next_tuple, NULL);
    ms_walk_array(walk, interp->list.free_list, interp->list.numfree, true);
    struct _Py_dict_state *dicts = &interp->dict_state;
    ms_walk_array(walk, dicts->free_list, dicts->numfree, true);
    ms_walk_array(walk, dicts->keys_free_list, dicts->keys_numfree, false);
    ms_walk_array(walk, &interp->slice_cache, interp->slice_cache != NULL, true);
    ms_walk_linked(walk, interp->context.freelist, next_context, NULL);
    struct _Py_async_gen_state *generators = &interp->async_gen;
    ms_walk_array(walk, generators->value_freelist, generators->value_numfree, true);
    ms_walk_array(walk, generators->asend_freelist, generators->asend_numfree, true);
#    endif
#endif
}

/* ---- creations of objects before 3.13 -------------------------------------------------------- */

/* Until 3.13 brought PyRefTracer, tracemalloc alone was told of objects made in blocks of a free list: while
 * its config says so, _Py_NewReference looks the block up in the table of its traces. */
#if PY_VERSION_HEX < 0x030d0000 && !defined(Py_TRACE_REFS)
#    define MS_CREATIONS_BY_TRACES 1

typedef struct _PyTraceMalloc_Config ms_tracemalloc_config;

static inline ms_tracemalloc_config *
ms_tracemalloc_state(void)
{
#    if PY_VERSION_HEX >= 0x030c0000
    return &_PyRuntime.tracemalloc.config;
#    else
    return &_Py_tracemalloc_config;
#    endif
}

/* Where the interpreter says which tables are tracemalloc's; false: in variables that have no name outside it. */
static inline bool
ms_tracemalloc_tables(_Py_hashtable_t **traces, _Py_hashtable_t **domains)
{
#    if PY_VERSION_HEX >= 0x030c0000
    *traces = _PyRuntime.tracemalloc.traces;
    *domains = _PyRuntime.tracemalloc.domains;
    return true;
#    else
    (void)traces;
    (void)domains;
    return false;
#    endif
}

/* The lock that each lookup takes; NULL: no interpreter has a GIL of its own, so nobody waits for it. */
static inline PyThread_type_lock
ms_tracemalloc_lock(void)
{
#    if PY_VERSION_HEX >= 0x030c0000
    return _PyRuntime.tracemalloc.tables_lock;
#    else
    return NULL;
#    endif
}

/* Whether an object that the interpreter says is new is: it says so too of one that its finalizer brings back. Those
 * are tracked by the collector, new ones not yet. */
MS_INLINE bool
ms_is_new_object(PyObject *op)
{
    return !_PyType_IS_GC(Py_TYPE(op)) || !_PyObject_GC_IS_TRACKED(op);
}

/* Objects of these types come from free lists of the interpreter's own. */
static inline bool
ms_has_free_list(const PyTypeObject *type)
{
    return type == &PyFloat_Type || type == &PyTuple_Type || type == &PyList_Type || type == &PyDict_Type ||
           type == &PySlice_Type || type == &PyContext_Type || type == &_PyAsyncGenASend_Type ||
           type == &_PyAsyncGenWrappedValue_Type || type == (PyTypeObject *)PyExc_MemoryError;
}

/* The new object in a block, if it may be one from a free list; else NULL. In front of all but floats is the
 * collector's head, zero but for flags until the object is tracked. */
static inline PyObject *
ms_new_object_in(const void *block)
{
    const uintptr_t *words = block;
    if (words[1] == (uintptr_t)&PyFloat_Type)
        return (PyObject *)(uintptr_t)words;
    bool headed = words[0] == 0 && words[1] <= 3 && ms_has_free_list((const PyTypeObject *)words[3]);
    return headed ? (PyObject *)(uintptr_t)(words + 2) : NULL;
}
#else
#    define MS_CREATIONS_BY_TRACES 0
#endif

/* What was being handled when the exception was raised that is set now; NULL: nothing. A new reference. */
static inline PyObject *
ms_raised_context(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyObject *raised = PyErr_GetRaisedException();
    PyObject *context = PyException_GetContext(raised);
    PyErr_SetRaisedException(raised);
#else
    PyObject *type, *raised, *traceback;
    PyErr_Fetch(&type, &raised, &traceback);
    PyErr_NormalizeException(&type, &raised, &traceback);
    PyObject *context = PyException_GetContext(raised);
    PyErr_Restore(type, raised, traceback);
#endif
    return context;
}

/* Whether this build of the interpreter can be recorded at all; if not, why. */
static inline const char *
ms_unsupported(void)
{
#ifdef Py_GIL_DISABLED
    return "free-threaded builds of CPython cannot be recorded yet: "
           "use the default build of the same version";
#else
    return NULL;
#endif
}

#endif
