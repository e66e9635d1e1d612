/* columnsmodule.c: memscope.capture._columns: the face of cext/reading/ to
 * Python.
 *
 * An extension of its own: it knows nothing of recording, so captures are read
 * where nothing can be recorded. Columns are buffers of numbers (bytes,
 * array.array); what a function makes goes into one that the caller gives.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <sys/random.h>

#include "reading/arithmetic.h"
#include "reading/groups.h"
#include "reading/lines.h"
#include "reading/references.h"
#include "reading/samples.h"
#include "reading/tree.h"

#define MOST_COLUMNS 6

typedef struct arguments {
    Py_buffer views[MOST_COLUMNS];
    ms_numbers numbers[MOST_COLUMNS];
    int count;
} arguments;

/* Keys of a hostile capture cannot be chosen to collide. */
static uint64_t secret;

static void
close_arguments(arguments *taken)
{
    while (taken->count > 0)
        PyBuffer_Release(&taken->views[--taken->count]);
}

static bool
type_of(const Py_buffer *view, ms_number_type *type)
{
    static const struct {
        char letter;
        Py_ssize_t bytes;
        ms_number_type type;
    } types[] = {{'B', 1, MS_U8},  {'H', 2, MS_U16}, {'I', 4, MS_U32}, {'i', 4, MS_I32}, {'Q', 8, MS_U64},
                 {'L', 8, MS_U64}, {'q', 8, MS_I64}, {'l', 8, MS_I64}, {'d', 8, MS_F64}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (view->format[0] == types[i].letter && view->format[1] == '\0' && view->itemsize == types[i].bytes) {
            *type = types[i].type;
            return true;
        }
    }
    return false;
}

/* Takes this many columns; the first `outputs` are written to. */
static bool
take_arguments(arguments *taken, PyObject *const *args, Py_ssize_t given, int columns, int outputs)
{
    taken->count = 0;
    if (given < columns) {
        PyErr_SetString(PyExc_TypeError, "too few arguments");
        return false;
    }
    for (int i = 0; i < columns; i++) {
        Py_buffer *view = &taken->views[i];
        if (PyObject_GetBuffer(args[i], view,
                               i < outputs ? PyBUF_CONTIG | PyBUF_FORMAT : PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0)
            break;
        taken->count++;
        ms_numbers *numbers = &taken->numbers[i];
        numbers->data = view->buf;
        numbers->count = (size_t)(view->len / view->itemsize);
        if (!type_of(view, &numbers->type)) {
            PyErr_SetString(PyExc_TypeError, "not a column of numbers");
            break;
        }
    }
    if (!PyErr_Occurred())
        return true;
    close_arguments(taken);
    return false;
}

static PyObject *
answer(arguments *taken, bool good)
{
    close_arguments(taken);
    if (good)
        Py_RETURN_NONE;
    PyErr_SetString(PyExc_ValueError, "the columns do not go together");
    return NULL;
}

#define EXCEPTION_BYTES 12

/* A function of columns alone, of which the first so many are written to. */
#define OF_COLUMNS(name, columns, outputs, call)                                                \
    static PyObject *name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given) \
    {                                                                                           \
        arguments taken;                                                                        \
        const ms_numbers *of = taken.numbers;                                                   \
        if (!take_arguments(&taken, args, given, columns, outputs))                             \
            return NULL;                                                                        \
        return answer(&taken, call);                                                            \
    }

/* The same with a whole number at the end. */
#define OF_COLUMNS_AND_NUMBER(name, columns, call)                                                  \
    static PyObject *name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)     \
    {                                                                                               \
        arguments taken;                                                                            \
        const ms_numbers *of = taken.numbers;                                                       \
        long long number = given > (columns) ? PyLong_AsLongLong(args[columns]) : 0;                \
        if ((number == -1 && PyErr_Occurred()) || !take_arguments(&taken, args, given, columns, 1)) \
            return NULL;                                                                            \
        return answer(&taken, call);                                                                \
    }

OF_COLUMNS(unzigzag, 2, 1, ms_unzigzag(&of[0], &of[1]))
OF_COLUMNS(balance, 5, 1, ms_balance(&of[0], &of[1], &of[2], &of[3], &of[4]))
OF_COLUMNS(choose, 4, 1, ms_choose(&of[0], &of[1], &of[2], &of[3]))
OF_COLUMNS(heaviest_of, 3, 1, ms_heaviest_of(&of[0], &of[1], &of[2]))
OF_COLUMNS(gather, 3, 1, ms_gather(&of[0], &of[1], &of[2]))
OF_COLUMNS(scatter, 3, 1, ms_scatter(&of[0], &of[1], &of[2]))
OF_COLUMNS(sum_by, 3, 1, ms_sum_by(&of[0], &of[1], &of[2]))
OF_COLUMNS(nearest, 3, 1, ms_nearest(&of[0], &of[1], &of[2]))
OF_COLUMNS(depth, 3, 1, ms_depth(&of[0], &of[1], &of[2]))
OF_COLUMNS(rise, 2, 1, ms_rise(&of[0], &of[1]))
OF_COLUMNS(by_group, 3, 2, ms_by_group(&of[0], &of[1], &of[2]))
OF_COLUMNS(put_exceptions, 2, 1,
           ms_put_exceptions(&of[0], taken.views[1].buf, (size_t)taken.views[1].len / EXCEPTION_BYTES))
OF_COLUMNS_AND_NUMBER(copy, 2, ms_copy(&of[0], (size_t)number, &of[1]))
OF_COLUMNS_AND_NUMBER(accumulate, 2, ms_accumulate(&of[0], &of[1], number))
OF_COLUMNS_AND_NUMBER(scale, 2, ms_scale(&of[0], &of[1], (double)number))
OF_COLUMNS_AND_NUMBER(parents, 2, ms_parents(&of[0], &of[1], number))
OF_COLUMNS_AND_NUMBER(pack, 3, number >= 0 && ms_pack(&of[0], &of[1], &of[2], (unsigned)number))
OF_COLUMNS_AND_NUMBER(keep_below, 2, ms_keep_below(&of[0], &of[1], number))

static PyObject *
mark_at_least(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    double least = given > 2 ? PyFloat_AsDouble(args[2]) : 0;
    if ((least == -1 && PyErr_Occurred()) || !take_arguments(&taken, args, given, 2, 1))
        return NULL;
    return answer(&taken, ms_mark_at_least(&taken.numbers[0], &taken.numbers[1], least));
}

/* A function that asks for memory of its own. */
#define OF_GRAPH(name, columns, outputs, call)                                                  \
    static PyObject *name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given) \
    {                                                                                           \
        arguments taken;                                                                        \
        const ms_numbers *of = taken.numbers;                                                   \
        bool no_memory = false, good;                                                           \
        if (!take_arguments(&taken, args, given, columns, outputs))                             \
            return NULL;                                                                        \
        Py_BEGIN_ALLOW_THREADS good = call;                                                     \
        Py_END_ALLOW_THREADS if (!no_memory) return answer(&taken, good);                       \
        close_arguments(&taken);                                                                \
        return PyErr_NoMemory();                                                                \
    }

OF_GRAPH(dominators, 5, 3, ms_dominators(&of[0], &of[1], &of[3], &of[4], &of[2], &no_memory))
OF_GRAPH(outermost, 3, 1, ms_outermost(&of[0], &of[1], &of[2], &no_memory))
OF_GRAPH(routes, 6, 2, ms_routes(&of[0], &of[1], &of[2], &of[3], &of[4], &of[5], &no_memory))

/* A number that is found in a column. */
#define FOUND_IN_COLUMN(name, call)                                                             \
    static PyObject *name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given) \
    {                                                                                           \
        arguments taken;                                                                        \
        if (!take_arguments(&taken, args, given, 1, 0))                                         \
            return NULL;                                                                        \
        uint64_t found = call;                                                                  \
        close_arguments(&taken);                                                                \
        return PyLong_FromUnsignedLongLong(found);                                              \
    }

FOUND_IN_COLUMN(largest, ms_largest(&taken.numbers[0]))
FOUND_IN_COLUMN(largest_exception,
                ms_largest_exception(taken.views[0].buf, (size_t)taken.views[0].len / EXCEPTION_BYTES))

static PyObject *
total(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    if (!take_arguments(&taken, args, given, 1, 0))
        return NULL;
    const ms_numbers *numbers = &taken.numbers[0];
    PyObject *sum =
        numbers->type == MS_F64 ? PyFloat_FromDouble(ms_real_total(numbers)) : PyLong_FromLongLong(ms_total(numbers));
    close_arguments(&taken);
    return sum;
}

/* number(out, key, ...): the group of each entry, from the last entry on.
 * Answers the first entry of each group, as bytes of u32. */
static PyObject *
number(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    int columns = given > 4 ? 4 : (int)given;
    if (!take_arguments(&taken, args, given, columns < 2 ? 2 : columns, 1))
        return NULL;
    const ms_numbers *of = taken.numbers;
    ms_group_table table = {.key = {&of[1], columns > 2 ? &of[2] : NULL, columns > 3 ? &of[3] : NULL}};
    for (int i = 1; i < columns; i++) {
        if (of[i].count != of[0].count)
            return answer(&taken, false);
    }
    bool enough = ms_group_table_open(&table, secret) && ms_number_groups(&of[0], &table);
    PyObject *first =
        enough ? PyBytes_FromStringAndSize((const char *)table.first, (Py_ssize_t)table.groups * 4) : PyErr_NoMemory();
    ms_group_table_close(&table);
    close_arguments(&taken);
    return first;
}

/* merge(out, parent, code, line) */
static PyObject *
merge(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    if (!take_arguments(&taken, args, given, 4, 1))
        return NULL;
    const ms_numbers *of = taken.numbers;
    bool no_memory = false;
    bool good = ms_merge(&of[0], &of[1], &of[2], &of[3], secret, &no_memory);
    if (no_memory) {
        close_arguments(&taken);
        return PyErr_NoMemory();
    }
    return answer(&taken, good);
}

/* nearest_of(out, nodes, parent, own, keys, key) */
static PyObject *
nearest_of(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    long long key = given > 5 ? PyLong_AsLongLong(args[5]) : 0;
    if ((key == -1 && PyErr_Occurred()) || !take_arguments(&taken, args, given, 5, 1))
        return NULL;
    const ms_numbers *of = taken.numbers;
    bool no_memory = false;
    bool good = ms_nearest_of(&of[0], &of[1], &of[2], &of[3], &of[4], key, &no_memory);
    if (!no_memory)
        return answer(&taken, good);
    close_arguments(&taken);
    return PyErr_NoMemory();
}

/* members(flags, index): the entries whose group has a flag, as bytes of u32.
 */
static PyObject *
members(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    if (!take_arguments(&taken, args, given, 2, 0))
        return NULL;
    const ms_numbers *of = taken.numbers;
    size_t count = ms_members(NULL, &of[0], &of[1]);
    PyObject *places = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)count * 4);
    if (places != NULL)
        ms_members((uint32_t *)(void *)PyBytes_AS_STRING(places), &of[0], &of[1]);
    close_arguments(&taken);
    return places;
}

/* heaviest(values, count): the places of the largest values, as bytes of u32.
 */
static PyObject *
heaviest(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    arguments taken;
    Py_ssize_t wanted = given > 1 ? PyLong_AsSsize_t(args[1]) : 0;
    if ((wanted == -1 && PyErr_Occurred()) || !take_arguments(&taken, args, given, 1, 0))
        return NULL;
    const ms_numbers *numbers = &taken.numbers[0];
    size_t count = wanted < 0 || (size_t)wanted > numbers->count ? numbers->count : (size_t)wanted;
    PyObject *places = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)count * 4);
    if (places != NULL)
        ms_heaviest((uint32_t *)(void *)PyBytes_AS_STRING(places), count, numbers);
    close_arguments(&taken);
    return places;
}

#define MOST_PARTS 64
#define MOST_VIEWS (2 * MOST_PARTS)

/* What a call of lines() has taken, to be let go of. */
typedef struct taken_parts {
    ms_part parts[MOST_PARTS];
    ms_text *texts[MOST_PARTS];
    Py_buffer views[MOST_VIEWS];
    size_t count, views_count;
} taken_parts;

static void
close_parts(taken_parts *taken)
{
    for (size_t i = 0; i < taken->count; i++)
        free(taken->texts[i]);
    while (taken->views_count > 0)
        PyBuffer_Release(&taken->views[--taken->views_count]);
}

static bool
take_column(taken_parts *taken, ms_numbers *numbers, PyObject *column)
{
    if (taken->views_count == MOST_VIEWS) {
        PyErr_SetString(PyExc_TypeError, "too many columns");
        return false;
    }
    Py_buffer *view = &taken->views[taken->views_count];
    if (PyObject_GetBuffer(column, view, PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0)
        return false;
    taken->views_count++;
    numbers->data = view->buf;
    numbers->count = (size_t)(view->len / view->itemsize);
    if (type_of(view, &numbers->type) && numbers->type != MS_F64)
        return true;
    PyErr_SetString(PyExc_TypeError, "not a column of whole numbers");
    return false;
}

/* The texts of a list of bytes, which the caller keeps. */
static bool
take_texts(ms_part *part, ms_text **texts, PyObject *list)
{
    size_t count = (size_t)PyList_GET_SIZE(list);
    *texts = malloc(count * sizeof **texts + 1);
    if (*texts == NULL) {
        PyErr_NoMemory();
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *text = PyList_GET_ITEM(list, (Py_ssize_t)i);
        if (!PyBytes_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "not a text");
            return false;
        }
        (*texts)[i] = (ms_text){PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text)};
    }
    part->texts = *texts;
    part->count = count;
    return true;
}

/* The columns of a stack's frames, and what stands between them, which the caller keeps. */
static bool
take_stack(taken_parts *taken, ms_part *part, PyObject *given)
{
    PyObject *parent, *frame, *between;
    if (!PyTuple_Check(given) || !PyArg_ParseTuple(given, "OOS", &parent, &frame, &between)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "not what stacks are made of");
        return false;
    }
    part->kind = MS_STACK;
    part->between = (ms_text){PyBytes_AS_STRING(between), (size_t)PyBytes_GET_SIZE(between)};
    return take_column(taken, &part->parent, parent) && take_column(taken, &part->frame, frame);
}

/* A part is (texts, None), (texts, column), (None, column), ((), column) for a
 * number that may be nothing, or (b"", column) for a varint. What stacks are made of stands third, behind a column of
 * their nodes. */
static bool
take_part(taken_parts *taken, PyObject *given)
{
    PyObject *texts, *column, *stack = NULL;
    if (taken->count == MOST_PARTS || !PyTuple_Check(given) ||
        !PyArg_ParseTuple(given, "OO|O", &texts, &column, &stack)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "not a part of a line");
        return false;
    }
    ms_part *part = &taken->parts[taken->count];
    ms_text **kept = &taken->texts[taken->count++];
    *kept = NULL;
    part->texts = NULL;
    bool is_text = PyList_Check(texts);
    if (is_text && !take_texts(part, kept, texts))
        return false;
    if (stack != NULL)
        return take_column(taken, &part->column, column) && take_stack(taken, part, stack);
    if (is_text)
        part->kind = column == Py_None ? MS_SAME_TEXT : MS_CHOSEN_TEXT;
    else
        part->kind = texts == Py_None ? MS_NUMBER : PyBytes_Check(texts) ? MS_VARINT : MS_NUMBER_OR_NOTHING;
    return part->kind == MS_SAME_TEXT || take_column(taken, &part->column, column);
}

/* What was written, which is let go of, as bytes, and the number of what comes next. */
static PyObject *
hand_over(ms_lines_answer answered, ms_written *written, size_t next)
{
    PyObject *found = NULL;
    if (answered == MS_LINES_GOOD)
        found = Py_BuildValue("y#n", written->data ? written->data : "", (Py_ssize_t)written->bytes, (Py_ssize_t)next);
    else if (answered == MS_LINES_BAD)
        PyErr_SetString(PyExc_ValueError, "the columns do not go together");
    else
        PyErr_NoMemory();
    free(written->data);
    return found;
}

/* lines(parts, begin, end, most[, tag]): the lines as bytes, or messages that have the tag, and the number of the
 * next. */
static PyObject *
lines(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    taken_parts taken = {.count = 0, .views_count = 0};
    if (given < 4 || !PyTuple_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "too few arguments");
        return NULL;
    }
    size_t begin = PyLong_AsSize_t(args[1]), end = PyLong_AsSize_t(args[2]), most = PyLong_AsSize_t(args[3]);
    unsigned tag = given > 4 ? (unsigned)PyLong_AsUnsignedLong(args[4]) : 0; /* no field has number 0 */
    for (Py_ssize_t i = 0; !PyErr_Occurred() && i < PyTuple_GET_SIZE(args[0]); i++)
        take_part(&taken, PyTuple_GET_ITEM(args[0], i));
    PyObject *found = NULL;
    if (!PyErr_Occurred()) {
        ms_written written = {NULL, 0, 0};
        ms_lines_answer answered = tag != 0 ? ms_messages(&written, tag, taken.parts, taken.count, &begin, end, most)
                                            : ms_lines(&written, taken.parts, taken.count, &begin, end, most);
        found = hand_over(answered, &written, begin);
    }
    close_parts(&taken);
    return found;
}

/* samples(path, values, labels, begin, end, most): the same of samples. path: parent and frame of each node, stack of
 * each row; values: columns; labels: parts that choose texts. */
static PyObject *
samples(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t given)
{
    enum { PATH = 3 };
    taken_parts taken = {.count = 0, .views_count = 0};
    if (given < 6 || !PyTuple_Check(args[0]) || !PyTuple_Check(args[1]) || !PyTuple_Check(args[2]) ||
        PyTuple_GET_SIZE(args[0]) != PATH) {
        PyErr_SetString(PyExc_TypeError, "not what samples are made of");
        return NULL;
    }
    size_t begin = PyLong_AsSize_t(args[3]), end = PyLong_AsSize_t(args[4]), most = PyLong_AsSize_t(args[5]);
    for (int list = 0; list < PATH; list++)
        for (Py_ssize_t i = 0; !PyErr_Occurred() && i < PyTuple_GET_SIZE(args[list]); i++)
            if (take_part(&taken, PyTuple_GET_ITEM(args[list], i)) &&
                (taken.parts[taken.count - 1].kind == MS_CHOSEN_TEXT) != (list == 2))
                PyErr_SetString(PyExc_TypeError, "not what samples are made of");
    PyObject *found = NULL;
    if (!PyErr_Occurred()) {
        const ms_part *parts = taken.parts;
        size_t values_count = (size_t)PyTuple_GET_SIZE(args[1]);
        ms_samples made_of = {.parent = parts[0].column,
                              .frame = parts[1].column,
                              .stack = parts[2].column,
                              .values = parts + PATH,
                              .values_count = values_count,
                              .labels = parts + PATH + values_count,
                              .labels_count = taken.count - PATH - values_count};
        ms_written written = {NULL, 0, 0};
        ms_lines_answer answered = ms_samples_write(&written, &made_of, &begin, end, most);
        found = hand_over(answered, &written, begin);
    }
    close_parts(&taken);
    return found;
}

#define METHOD(name, signature) \
    {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, #name "(" signature ", /)\n--\n\n"}

static PyMethodDef functions[] = {
    METHOD(copy, "out, column, place"),
    METHOD(put_exceptions, "out, pairs"),
    METHOD(largest_exception, "pairs"),
    METHOD(unzigzag, "out, column"),
    METHOD(accumulate, "out, gaps, start"),
    METHOD(scale, "out, column, divisor"),
    METHOD(balance, "out, a, b, c, d"),
    METHOD(choose, "out, flags, yes, no"),
    METHOD(gather, "out, table, index"),
    METHOD(scatter, "out, index, column"),
    METHOD(mark_at_least, "flags, column, least"),
    METHOD(pack, "out, left, right, bits"),
    METHOD(largest, "column"),
    METHOD(total, "column"),
    METHOD(sum_by, "sums, index, column"),
    METHOD(keep_below, "index, column, limit"),
    METHOD(number, "out, *keys"),
    METHOD(members, "flags, index"),
    METHOD(by_group, "places, ends, index"),
    METHOD(heaviest_of, "out, index, column"),
    METHOD(heaviest, "column, count"),
    METHOD(parents, "out, gaps, first"),
    METHOD(nearest, "out, parent, mark"),
    METHOD(nearest_of, "out, nodes, parent, own, keys, key"),
    METHOD(depth, "out, parent, mark"),
    METHOD(rise, "sums, parent"),
    METHOD(outermost, "flags, parent, key"),
    METHOD(merge, "out, parent, code, line"),
    METHOD(lines, "parts, begin, end, most, tag=0"),
    METHOD(samples, "path, values, labels, begin, end, most"),
    METHOD(dominators, "order, dominator, entries, starts, targets"),
    METHOD(routes, "by, from_, starts, targets, entries, costs"),
    {NULL, NULL, 0, NULL},
};

static int
execute(PyObject *module)
{
    if (secret == 0 && getrandom(&secret, sizeof secret, GRND_NONBLOCK) != sizeof secret)
        secret = 0x9e3779b97f4a7c15ULL ^ (uint64_t)(uintptr_t)&secret;
    return PyModule_AddIntConstant(module, "INTERFACE", MS_INTERFACE);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)execute},
#ifdef Py_mod_multiple_interpreters /* nothing here is of one interpreter */
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "memscope.capture._columns",
    .m_doc = "What a reader of captures does with columns.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__columns(void)
{
    return PyModuleDef_Init(&definition);
}
