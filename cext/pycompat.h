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
 *   3.13 to 3.15 f_locals None in place of NULL. Since PEP 667 functions do not use the field; IMPORT_NAME turns NULL into
 *                None itself. Set when a frame is made, wiped with it. Not in generators, whose frame
 *                survives being suspended and resumed from elsewhere.
 *
 *   3.11, 3.12, deep stacks   f_func (f_funcobj) an "anchor" in place of the function: an object of ours that holds
 *                the function for the frame. Only what anchor.h lists reads the field once the frame has passed its
 *                prologue, a new frame overwrites it, and the end of the frame drops it.
 *
 * A trace function may move a caller to another line; while one is set no mark is believed.
 */
#ifndef MS_PYCOMPAT_H
#define MS_PYCOMPAT_H

#include "platform.h"

/* Warnings about the interpreter's own headers are not ours to mend. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>

#include "internal/pycore_code.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_pystate.h"
#if PY_VERSION_HEX >= 0x030e0000
#include "internal/pycore_interpframe.h"
#else
#include "internal/pycore_frame.h"
#endif
#pragma GCC diagnostic pop

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x03100000
#error "memscope records CPython 3.11 to 3.15"
#endif

typedef struct _PyInterpreterFrame ms_frame;

/* ---- threads ------------------------------------------------------------------------------------- */

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

/* ---- the cache of attributes ---------------------------------------------------------------------- */

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

/* ---- frames -------------------------------------------------------------------------------------- */

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
    return (const _Py_CODEUNIT *)ms_frame_instruction(frame) <
           _PyCode_CODE(code) + code->_co_firsttraceable;
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

/* ---- anchors --------------------------------------------------------------------------------------- */

#if PY_VERSION_HEX < 0x030d0000 && !defined(Py_DEBUG)
#define MS_HAVE_ANCHORS 1
#else
#define MS_HAVE_ANCHORS 0 /* f_locals does it all; debug builds assert about the function */
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
#if PY_VERSION_HEX >= 0x030c0000
    return &frame->f_funcobj;
#else
    return (PyObject **)&frame->f_func;
#endif
#endif
}

/* ---- running the program as if nothing were below it --------------------------------------------- */

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

/* ---- the cyclic collector ------------------------------------------------------------------------ */

static inline const int *
ms_gc_collecting(PyInterpreterState *interp)
{
    return &interp->gc.collecting;
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
    const struct gc_generation *of =
        generation == 0 ? &interp->gc.young : &interp->gc.old[generation - 1];
#else
    const struct gc_generation *of = &interp->gc.generations[generation];
#endif
    return of->threshold < 0 ? 0 : (uint32_t)of->threshold;
}

/* ---- pymalloc ------------------------------------------------------------------------------------ */

#if PY_VERSION_HEX >= 0x030c0000 && defined(WITH_PYMALLOC)
#define MS_ARENA_BYTES ((uint32_t)ARENA_SIZE)

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
    return _Generic(&interp->obmalloc, struct _obmalloc_state *: ms_obmalloc_inline,
                    struct _obmalloc_state **: ms_obmalloc_pointed)(&interp->obmalloc);
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
#define MS_ARENA_BYTES (1u << 20)

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
