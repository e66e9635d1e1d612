#include "program/anchor.h"

#include "shared/extent.h"

#define ANCHORS_FIRST_BYTES ((uint64_t)64 << 10) /* for some 20,000 frames */
#define PLACES_TRIED 16

typedef struct ms_anchor {
    PyObject_HEAD PyObject *function; /* owned; in a free anchor, the next free one */
} ms_anchor;

char *ms_anchors;
static ms_extent range;
static size_t used_bytes;    /* handed out so far, from the start of the range */
static ms_anchor *free_list; /* given back */

static void
anchor_dealloc(PyObject *self)
{
    ms_anchor *anchor = (ms_anchor *)self;
    PyObject *function = anchor->function;
    anchor->function = (PyObject *)free_list;
    free_list = anchor;
    Py_DECREF(function); /* last: may run code that walks frames */
}

static PyTypeObject anchor_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "memscope._recorder.anchor",
    .tp_basicsize = sizeof(ms_anchor),
    .tp_dealloc = anchor_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "Holds a frame's function while memscope records.",
};

/* ---- sys._getframemodulename ----------------------------------------------------------------- */

typedef PyObject *(*reader_call)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyMethodDef reading_method; /* the interpreter's own, but for what it calls */
static reader_call read_function;

static PyObject *
lift_and_read(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    ms_anchor_lift_all(ms_tstate_current());
    return read_function(module, args, count, names);
}

/* Puts us in front of the one function that reads a running frame's function. The object that the program
 * knows stays the same. False: it is not as we know it. */
static bool
stand_before_reader(void)
{
    if (!MS_FUNCTIONS_ARE_READ)
        return true;
    PyObject *reader = PySys_GetObject("_getframemodulename"); /* borrowed */
    if (reader == NULL || !PyCFunction_CheckExact(reader) ||
        PyCFunction_GET_FLAGS(reader) != (METH_FASTCALL | METH_KEYWORDS))
        return false;
    PyCFunctionObject *builtin = (PyCFunctionObject *)reader;
    reading_method = *builtin->m_ml;
    read_function = (reader_call)(void (*)(void))reading_method.ml_meth;
    reading_method.ml_meth = (PyCFunction)(void (*)(void))lift_and_read;
    builtin->m_ml = &reading_method;
    return true;
}

/* ---- anchors --------------------------------------------------------------------------------- */

static ms_status
open_range(void)
{
    for (int i = 0; i < PLACES_TRIED; i++) {
        char *place = ms_extent_place();
        if (place == NULL)
            break;
        ms_status status = ms_extent_open(&range, -1, 0, ANCHORS_FIRST_BYTES, MS_ANCHORS_BYTES, place);
        if (status != MS_BUSY)
            return status;
    }
    /* Whole: a function must not come to lie in what it could grow to. */
    return ms_extent_open(&range, -1, 0, MS_ANCHORS_BYTES, MS_ANCHORS_BYTES, NULL);
}

void
ms_anchor_prepare(void)
{
    static bool tried;
    if (!MS_HAVE_ANCHORS || tried)
        return;
    tried = true;
    if (PyType_Ready(&anchor_type) < 0) {
        PyErr_Clear();
        return;
    }
    if (!stand_before_reader())
        return;
    if (open_range() == MS_OK)
        ms_anchors = range.base;
}

void
ms_anchor_frame(ms_frame *frame)
{
    PyObject **function = ms_frame_function(frame);
    if (function == NULL || *function == NULL || ms_anchors == NULL || ms_frame_anchored(frame) ||
        ms_frame_has_object(frame))
        return;
    ms_anchor *anchor = free_list;
    if (anchor != NULL) {
        free_list = (ms_anchor *)anchor->function;
    } else {
        if (!ms_extent_reach(&range, used_bytes + sizeof *anchor))
            return;
        anchor = (ms_anchor *)(ms_anchors + used_bytes);
        used_bytes += sizeof *anchor;
        Py_SET_TYPE((PyObject *)anchor, &anchor_type);
    }
    Py_SET_REFCNT((PyObject *)anchor, 1);
    anchor->function = *function;
    *function = (PyObject *)anchor;
}

void
ms_anchor_lift(ms_frame *frame)
{
    if (!ms_frame_anchored(frame))
        return;
    PyObject **function = ms_frame_function(frame);
    ms_anchor *anchor = (ms_anchor *)*function;
    *function = anchor->function;
    anchor->function = (PyObject *)free_list;
    free_list = anchor;
}

void
ms_anchor_lift_all(PyThreadState *tstate)
{
    for (ms_frame *frame = ms_frame_top(tstate); frame != NULL; frame = ms_frame_previous(frame))
        ms_anchor_lift(frame);
}
