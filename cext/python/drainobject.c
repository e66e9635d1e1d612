#include "python/drainobject.h"

#include <errno.h>

#include "drain/interim.h"
#include "drain/runsummary.h"
#include "drain/sections.h"
#include "ledger/attribution.h"
#include "program/native.h"
#include "shared/memory.h"

PyObject *
ms_raise(ms_status status)
{
    if (status == MS_IO)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (status == MS_NO_MEMORY)
        return PyErr_NoMemory();
    PyErr_SetString(PyExc_RuntimeError, ms_status_text(status));
    return NULL;
}

typedef struct {
    PyObject_HEAD ms_drain *drain; /* owned; NULL after finish */
    ms_attribution attribution;
} DrainObject;

static int
drain_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"segment_fd",          "output_fd",    "meta",     "sample_bytes",
                            "keep_events",         "keep_imports", "pid",      "sections",
                            "table_bytes",         "spill_bytes",  "snapshot", "native",
                            "snapshot_budget_ppm", "budget_ppm",   NULL};
    DrainObject *owner = (DrainObject *)self;
    int segment_fd, output_fd, keep_events = 0, keep_imports = 1, pid = 0, sections = 0, snapshot = 0, native = 0;
    unsigned int snapshot_budget_ppm = 0, budget_ppm = 0;
    unsigned long long sample_bytes = 0, table_bytes = 0, spill_bytes = 0;
    Py_buffer meta;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iiy*|$KppipKKipII:Drain", names, &segment_fd, &output_fd, &meta,
                                     &sample_bytes, &keep_events, &keep_imports, &pid, &sections, &table_bytes,
                                     &spill_bytes, &snapshot, &native, &snapshot_budget_ppm, &budget_ppm))
        return -1;
    ms_drain_options options = {
        .sample_bytes = sample_bytes,
        .table_bytes = table_bytes,
        .spill_bytes = spill_bytes,
        .keep_events = keep_events != 0,
        .keep_imports = keep_imports != 0,
        .native = native != 0,
        .sections = sections != 0,
        .pid = pid != 0 ? pid : (int)getpid(),
        .snapshot = snapshot,
        .snapshot_budget_ppm = snapshot_budget_ppm,
        .budget_ppm = budget_ppm,
        /* A variable of its own has libc set 64 MiB of address space aside for the thread. */
        .thread_begins = native != 0 ? ms_native_stay_out : NULL,
    };
    ms_status status = MS_BUSY;
    if (owner->drain == NULL) {
        owner->drain = ms_memory_get(sizeof *owner->drain);
        status = owner->drain == NULL
                     ? MS_NO_MEMORY
                     : ms_drain_open(owner->drain, segment_fd, output_fd, meta.buf, (size_t)meta.len, &options);
        if (status != MS_OK) {
            ms_memory_give(owner->drain);
            owner->drain = NULL;
        }
    }
    PyBuffer_Release(&meta);
    if (status == MS_OK)
        return 0;
    ms_raise(status);
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
    ms_attribution_close(&owner->attribution);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
drain_start(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL || owner->drain->running)
        return ms_raise(MS_BUSY);
    ms_status status = ms_drain_start(owner->drain);
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyObject *
drain_snapshot_from(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    int fd;
    if (!PyArg_ParseTuple(args, "i:snapshot_from", &fd))
        return NULL;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_status status = ms_drain_snapshot_from(owner->drain, fd);
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyObject *
drain_ask_snapshot(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    return PyBool_FromLong(owner->drain != NULL && ms_drain_ask_snapshot(owner->drain));
}

static PyObject *
drain_room_for_snapshots(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    unsigned long long bytes;
    if (!PyArg_ParseTuple(args, "K:room_for_snapshots", &bytes))
        return NULL;
    if (owner->drain != NULL)
        ms_drain_room_for_snapshots(owner->drain, bytes);
    Py_RETURN_NONE;
}

static PyObject *
drain_asked_snapshot(PyObject *self, PyObject *unused)
{
    static const char *const states[] = {"none", "waits", "taken", "left out", "unanswered"};
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    return PyUnicode_FromString(states[owner->drain == NULL ? MS_ASKED_NOTHING : ms_drain_asked(owner->drain)]);
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
        return ms_raise(MS_BUSY);
    owner->drain = NULL;
    char summary[MS_RUNSUMMARY_BYTES];
    ms_status status;
    int error;
    Py_BEGIN_ALLOW_THREADS status = ms_drain_finish(drain, reason, exit_json, summary, sizeof summary);
    error = errno;
    ms_drain_close(drain);
    ms_memory_give(drain);
    Py_END_ALLOW_THREADS errno = error;
    if (status != MS_OK)
        return ms_raise(status);
    return PyBytes_FromString(summary);
}

/* With the GIL, as drain_stats: the fork takes about as long as the counting there. The copy runs nothing of Python. */
static PyObject *
drain_begin_interim(PyObject *self, PyObject *output)
{
    DrainObject *owner = (DrainObject *)self;
    int output_fd = PyObject_AsFileDescriptor(output);
    if (output_fd < 0)
        return NULL;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    int copy = ms_interim_begin(owner->drain, output_fd);
    return copy < 0 ? ms_raise(MS_IO) : PyLong_FromLong(copy);
}

static PyObject *
drain_summary(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    char summary[MS_RUNSUMMARY_BYTES];
    ms_interim_summarize(owner->drain, summary, sizeof summary);
    return PyBytes_FromString(summary);
}

static PyObject *
drain_stats(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_counters total = ms_drain_total(owner->drain); /* with the GIL, so that nobody closes it meanwhile */
    return Py_BuildValue("{sKsKsKsKsKsKsK}", "allocations", total.allocations, "frees", total.frees, "reallocations",
                         total.reallocations, "allocated_bytes", total.allocated_bytes, "live_blocks",
                         total.live_blocks, "live_bytes", total.live_bytes, "peak_bytes", total.peak_bytes);
}

static PyObject *
drain_measured(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_processsampler *process = &owner->drain->process;
    uint64_t peak_bytes = atomic_load_explicit(&process->peak_resident_bytes, memory_order_relaxed);
    uint64_t cpu_ns = atomic_load_explicit(&process->cpu_ns, memory_order_relaxed);
    return Py_BuildValue("KKN", peak_bytes, cpu_ns, PyBool_FromLong(atomic_load(&process->header->replaced) != 0));
}

static PyObject *
drain_nothing_ran(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    return PyBool_FromLong(atomic_load(&owner->drain->process.header->nothing_ran) == MS_NOTHING_RAN);
}

static PyObject *
drain_begin_section(PyObject *self, PyObject *may_be_written)
{
    DrainObject *owner = (DrainObject *)self;
    int measured = PyObject_IsTrue(may_be_written);
    if (measured < 0)
        return NULL;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    ms_section_begin(owner->drain, measured != 0);
    Py_RETURN_NONE;
}

static PyObject *
drain_end_section(PyObject *self, PyObject *unused)
{
    (void)unused;
    DrainObject *owner = (DrainObject *)self;
    if (owner->drain == NULL)
        return ms_raise(MS_BUSY);
    return PyBool_FromLong(ms_section_end(owner->drain));
}

static PyObject *
text_of(const ms_segment *segment, uint32_t at, uint32_t bytes)
{
    bool whole = ms_segment_has_text(segment, at, bytes) && ms_segment_reach_text(segment, (uint64_t)at + bytes);
    return PyUnicode_DecodeUTF8(segment->text + (whole ? at : 0), whole ? bytes : 0, "surrogatepass");
}

static PyObject *
drain_codes(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    unsigned int first;
    if (!PyArg_ParseTuple(args, "I:codes", &first))
        return NULL;
    if (owner->drain == NULL || first == 0)
        return ms_raise(MS_BUSY);
    const ms_segment *segment = &owner->drain->segment;
    PyObject *codes = PyList_New(0);
    uint32_t last = atomic_load_explicit(&segment->header->code_count, memory_order_acquire);
    if (last >= segment->codes_max)
        last = (uint32_t)segment->codes_max - 1;
    for (uint32_t id = first; codes != NULL && id <= last; id++) {
        if (!ms_segment_reach_code(segment, id)) {
            Py_CLEAR(codes);
            PyErr_NoMemory();
            break;
        }
        const ms_code *code = &segment->codes[id];
        PyObject *file = text_of(segment, code->filename, code->filename_bytes);
        PyObject *function = text_of(segment, code->function, code->function_bytes);
        PyObject *pair = file != NULL && function != NULL ? PyTuple_Pack(2, file, function) : NULL;
        if (pair == NULL || PyList_Append(codes, pair) != 0)
            Py_CLEAR(codes);
        Py_XDECREF(pair);
        Py_XDECREF(function);
        Py_XDECREF(file);
    }
    return codes;
}

static PyObject *
drain_section_counters(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    Py_buffer kinds;
    if (!PyArg_ParseTuple(args, "y*:section_counters", &kinds))
        return NULL;
    ms_status status = MS_BUSY;
    ms_attributed counters;
    if (owner->drain != NULL && kinds.len > 0)
        status = ms_attribution_total(&owner->attribution, owner->drain->ledger, kinds.buf, (uint32_t)kinds.len - 1,
                                      &counters);
    PyBuffer_Release(&kinds);
    if (status != MS_OK)
        return ms_raise(status);
    return Py_BuildValue("KKKKK", counters.peak_bytes, counters.allocated_bytes, counters.allocations,
                         counters.live_bytes, counters.first_calls);
}

static PyObject *
drain_section_lines(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    Py_buffer kinds, ignored = {0};
    int by_code = 0;
    if (!PyArg_ParseTuple(args, "y*|py*:section_lines", &kinds, &by_code, &ignored))
        return NULL;
    ms_status status = MS_BUSY;
    ms_attributed_line *lines = NULL;
    uint32_t count = 0;
    if (owner->drain != NULL && kinds.len > 0 && (ignored.len == 0 || ignored.len == kinds.len))
        status = ms_attribution_lines(&owner->attribution, owner->drain->ledger, kinds.buf, (uint32_t)kinds.len - 1,
                                      by_code != 0, ignored.len > 0 ? ignored.buf : NULL, &lines, &count);
    PyBuffer_Release(&kinds);
    PyBuffer_Release(&ignored);
    if (status != MS_OK)
        return ms_raise(status);
    PyObject *found = PyList_New((Py_ssize_t)count);
    for (uint32_t i = 0; found != NULL && i < count; i++) {
        const ms_linenode *node = &ms_ledger_lines(owner->drain->ledger)->nodes[lines[i].node];
        const ms_attributed *counters = &lines[i].counters;
        PyObject *line = Py_BuildValue("IIKKKK", node->code, node->line, counters->peak_bytes,
                                       counters->allocated_bytes, counters->allocations, counters->live_bytes);
        if (line == NULL)
            Py_CLEAR(found);
        else
            PyList_SET_ITEM(found, (Py_ssize_t)i, line);
    }
    ms_memory_give(lines);
    return found;
}

static PyObject *
drain_write_section(PyObject *self, PyObject *args)
{
    DrainObject *owner = (DrainObject *)self;
    int output_fd;
    Py_buffer meta;
    if (!PyArg_ParseTuple(args, "iy*:write_section", &output_fd, &meta))
        return NULL;
    ms_status status = MS_BUSY;
    if (owner->drain != NULL)
        status = ms_section_write(owner->drain, output_fd, meta.buf, (size_t)meta.len);
    PyBuffer_Release(&meta);
    if (status != MS_OK)
        return ms_raise(status);
    Py_RETURN_NONE;
}

static PyMethodDef drain_methods[] = {
    {"start", drain_start, METH_NOARGS, "start()\n--\n\nStart the thread that takes events; it never takes the GIL."},
    {"snapshot_from", drain_snapshot_from, METH_VARARGS,
     "snapshot_from(fd, /)\n--\n\nSnapshots of the program's objects will come in this file."},
    {"ask_snapshot", drain_ask_snapshot, METH_NOARGS,
     "ask_snapshot()\n--\n\nAsk the program for a snapshot at its next safe moment. False: this recording takes none."},
    {"room_for_snapshots", drain_room_for_snapshots, METH_VARARGS,
     "room_for_snapshots(bytes, /)\n--\n\nNone at a peak may take more of the program's memory than that."},
    {"asked_snapshot", drain_asked_snapshot, METH_NOARGS,
     "asked_snapshot()\n--\n\nWhat came of it: \"none\", \"waits\", \"taken\", \"left out\", which the capture "
     "explains, or \"unanswered\"."},
    {"finish", drain_finish, METH_VARARGS,
     "finish(reason, exit_json=None, /)\n--\n\nTake what is left, write the last frames, "
     "return the run summary as JSON."},
    {"stats", drain_stats, METH_NOARGS, "stats()\n--\n\nCounters so far: counts and bytes, as of the last poll."},
    {"begin_interim", drain_begin_interim, METH_O,
     "begin_interim(output_fd, /)\n--\n\nHave a forked copy of this process write the recording so far as a capture; "
     "the copy's id. It ends with status 0, or with an errno."},
    {"summary", drain_summary, METH_NOARGS, "summary()\n--\n\nThe run summary so far as JSON, as of the last poll."},
    {"nothing_ran", drain_nothing_ran, METH_NOARGS,
     "nothing_ran()\n--\n\nWhether there was no such module as was to be run."},
    {"measured", drain_measured, METH_NOARGS,
     "measured()\n--\n\nOf another process, at the last look: peak of resident memory in bytes, its own CPU time in "
     "ns; "
     "whether it has executed another program, at which looks end."},
    {"begin_section", drain_begin_section, METH_O,
     "begin_section(may_be_written, /)\n--\n\nWhile paused: forget all blocks and counters, for what comes next to be "
     "as if recorded "
     "alone."},
    {"end_section", drain_end_section, METH_NOARGS,
     "end_section()\n--\n\nWhile paused: take what is left of the section; whether nothing is missing."},
    {"codes", drain_codes, METH_VARARGS,
     "codes(first, /)\n--\n\nFile and function of the codes from this id on, which count from 1."},
    {"section_counters", drain_section_counters, METH_VARARGS,
     "section_counters(kinds, /)\n--\n\nOf the section that ended, as attributed by the kind of each code, from id 0: "
     "peak and "
     "allocated bytes, allocations, live bytes, codes that were attributed for the first time."},
    {"section_lines", drain_section_lines, METH_VARARGS,
     "section_lines(kinds, by_code=False, ignored=b'', /)\n--\n\nThe same by the line that answers for it: (code, "
     "line, "
     "and "
     "those four); a line may be there several times, by code each code once. Stacks with an ignored code do not "
     "count."},
    {"write_section", drain_write_section, METH_VARARGS,
     "write_section(output_fd, meta, /)\n--\n\nWrite the section that ended as a capture."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot drain_slots[] = {
    {Py_tp_init, drain_init},
    {Py_tp_dealloc, drain_dealloc},
    {Py_tp_methods, drain_methods},
    {Py_tp_doc, "Drain(segment_fd, output_fd, meta, *, sample_bytes=0, keep_events=False, "
                "keep_imports=True, pid=0, sections=False, table_bytes=0, snapshot=0, "
                "snapshot_budget_ppm=0)\n--\n\nTakes events from a segment and "
                "writes a capture."},
    {0, NULL},
};

PyType_Spec ms_drain_spec = {
    .name = "memscope._recorder.Drain",
    .basicsize = sizeof(DrainObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = drain_slots,
};
