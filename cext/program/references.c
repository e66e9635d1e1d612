#include "program/references.h"

/* ---- dictionaries ---------------------------------------------------------------------------- */

/* What people have to know of a key that they may not see. */
static uint32_t
key_length(PyObject *key)
{
    Py_ssize_t length = 0;
    if (PyUnicode_Check(key))
        length = PyUnicode_GET_LENGTH(key);
    else if (PyBytes_Check(key) || PyTuple_Check(key))
        length = Py_SIZE(key);
    return length > 0xffffff ? 0xffffff : (uint32_t)length;
}

static void
see_pair(PyObject *key, PyObject *value, void *context)
{
    ms_graph *graph = context;
    if (graph->values)
        ms_graph_name_text(graph, key, true);
    ms_graph_refer(graph, key, MS_REFERENCE_KEY, key_length(key));
    ms_graph_refer(graph, value, MS_REFERENCE_VALUE, 0);
}

static void
see_attribute(PyObject *key, PyObject *value, void *context)
{
    ms_graph *graph = context;
    ms_graph_name_text(graph, key, false);
    ms_graph_refer(graph, value, MS_REFERENCE_ATTRIBUTE, ms_graph_number(graph, key));
}

static void
call_attribute(PyObject *key, PyObject *value, void *context)
{
    ms_graph *graph = context;
    ms_graph_name_text(graph, key, false);
    ms_graph_call(graph, value, MS_REFERENCE_ATTRIBUTE, ms_graph_number(graph, key));
}

static int
is_told(PyObject *op, void *context)
{
    (void)op;
    (void)context;
    return 1;
}

/* Of values that stand in an object: who tells the collector of them, it or its dictionary, differs even between
 * releases of 3.13. */
static bool
tells_values(PyObject *dict)
{
    return !ms_dict_is_of_object(dict) || PyDict_Type.tp_traverse(dict, is_told, NULL) != 0;
}

static void
tell_dict(ms_graph *graph, PyObject *dict)
{
    if (!tells_values(dict))
        return;
    ms_each_pair(dict, ms_dict_is_split(dict) ? see_attribute : see_pair, graph);
}

typedef struct {
    ms_graph *graph;
    uint64_t at, end; /* of what tp_traverse has told, the end that has to be the same */
    bool keys, same;
} comparison;

static void
compare(comparison *with, PyObject *op)
{
    const ms_reference *told = &with->graph->snapshot->references[with->at];
    with->same = with->same && with->at < with->end && told->target == ms_graph_number(with->graph, op);
    with->at++;
}

static void
compare_pair(PyObject *key, PyObject *value, void *context)
{
    comparison *with = context;
    compare(with, value);
    if (with->keys)
        compare(with, key);
}

static void
count_pair(PyObject *key, PyObject *value, void *context)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
}

/* Tells the pairs of a dictionary of a subclass, whose tp_traverse has told what they are as the last of all. */
static void
tell_pairs_again(ms_graph *graph, PyObject *dict)
{
    uint64_t pairs = 0;
    ms_each_pair(dict, count_pair, &pairs);
    bool keys = !ms_dict_keys_are_texts(dict);
    uint64_t told = keys ? 2 * pairs : pairs, end = graph->references;
    if (end - graph->first < told)
        return;
    comparison with = {.graph = graph, .at = end - told, .end = end, .keys = keys, .same = true};
    ms_each_pair(dict, compare_pair, &with);
    if (!with.same)
        return;
    ms_graph_forget_last(graph, told);
    tell_dict(graph, dict);
}

static void
name_key(PyObject *key, PyObject *value, void *context)
{
    (void)value;
    ms_graph_name_text(context, key, false);
}

static void
name_module(PyObject *key, PyObject *value, void *context)
{
    (void)value;
    ms_graph_name_text(context, key, true);
}

/* A dictionary whose keys are names; also one that was told before that was known. */
static void
call_namespace(ms_graph *graph, PyObject *dict, const char *field)
{
    if (dict == NULL || !PyDict_Check(dict))
        return;
    ms_graph_call_field(graph, dict, field);
    ms_graph_mark(graph, dict, MS_SEEN_NAMESPACE);
    if (!ms_dict_is_split(dict))
        ms_each_pair(dict, name_key, graph);
}

/* ---- sequences ------------------------------------------------------------------------------- */

static void
tell_items(ms_graph *graph, PyObject *const *items, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        ms_graph_refer(graph, items[i], MS_REFERENCE_ITEM, (uint32_t)i);
}

/* Those of a subclass, from the last one on, as tp_traverse has told them. */
static void
call_items(ms_graph *graph, PyObject *const *items, Py_ssize_t count)
{
    for (Py_ssize_t i = count; i-- > 0;)
        ms_graph_call(graph, items[i], MS_REFERENCE_ITEM, (uint32_t)i);
}

/* Those of a deque, in their order; its type may stand in front. */
static void
call_entries(ms_graph *graph, PyObject *op)
{
    uint64_t told = graph->references - graph->first, length = (uint64_t)Py_SIZE(op);
    ms_reference *references = &graph->snapshot->references[graph->references - length];
    for (uint64_t i = 0; told >= length && i < length && !graph->failed; i++)
        references[i].label = MS_REFERENCE_ITEM | (uint32_t)i << MS_REFERENCE_KIND_BITS;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* What a type's members say where its objects' fields are: slots, and what C types show of themselves. */
static void
call_members(ms_graph *graph, PyObject *op, bool told)
{
    for (PyTypeObject *type = Py_TYPE(op); type != NULL; type = type->tp_base) {
        for (const PyMemberDef *member = type->tp_members; member != NULL && member->name != NULL; member++) {
            bool holds = member->type == MS_MEMBER_OBJECT || member->type == MS_MEMBER_OBJECT_EX;
            if (!holds || (member->flags & MS_MEMBER_RELATIVE) != 0)
                continue;
            PyObject *held = *(PyObject **)((char *)op + member->offset);
            if (told)
                ms_graph_call_field(graph, held, member->name);
            else
                ms_graph_refer_field(graph, held, member->name);
        }
    }
}

static void
call_function(ms_graph *graph, PyObject *op)
{
    PyFunctionObject *function = (PyFunctionObject *)op;
    ms_graph_call_field(graph, function->func_code, "__code__");
    ms_graph_call_field(graph, function->func_defaults, "__defaults__");
    ms_graph_call_field(graph, function->func_kwdefaults, "__kwdefaults__");
    ms_graph_call_field(graph, function->func_annotations, "__annotations__");
    ms_graph_call_field(graph, function->func_name, "__name__");
    ms_graph_call_field(graph, function->func_qualname, "__qualname__");
    call_namespace(graph, function->func_dict, "__dict__");
    PyObject *cells = function->func_closure;
    PyCodeObject *code = (PyCodeObject *)function->func_code;
    int first = code->co_nlocalsplus - code->co_nfreevars;
    for (Py_ssize_t i = 0; cells != NULL && i < PyTuple_GET_SIZE(cells) && i < code->co_nfreevars; i++) {
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, first + i);
        ms_graph_name_text(graph, name, false);
        ms_graph_refer(graph, PyTuple_GET_ITEM(cells, i), MS_REFERENCE_CELL, ms_graph_number(graph, name));
    }
}

/* The collector need not know code objects: they are in no circle. */
static void
tell_code(ms_graph *graph, const PyCodeObject *code)
{
    ms_graph_refer_field(graph, code->co_consts, "co_consts");
    ms_graph_refer_field(graph, code->co_names, "co_names");
    ms_graph_refer_field(graph, code->co_localsplusnames, "co_varnames");
    ms_graph_refer_field(graph, code->co_localspluskinds, "co_localspluskinds");
    ms_graph_refer_field(graph, code->co_exceptiontable, "co_exceptiontable");
    ms_graph_refer_field(graph, code->co_filename, "co_filename");
    ms_graph_refer_field(graph, code->co_name, "co_name");
    ms_graph_refer_field(graph, code->co_qualname, "co_qualname");
    ms_graph_refer_field(graph, code->co_linetable, "co_linetable");
}

static void
see_shared_key(PyObject *none, PyObject *key, void *context)
{
    (void)none;
    ms_graph_refer(context, key, MS_REFERENCE_KEY, 0);
}

static void
call_class(ms_graph *graph, PyObject *op, uint32_t number)
{
    PyTypeObject *type = (PyTypeObject *)op;
    bool told = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
    PyObject *dict = ms_dict_of_class(type);
    if (!told) {
        ms_graph_refer_field(graph, dict, "__dict__");
        ms_graph_refer_field(graph, type->tp_bases, "__bases__");
        ms_graph_refer_field(graph, type->tp_mro, "__mro__");
    }
    call_namespace(graph, dict, "__dict__");
    ms_graph_call_field(graph, type->tp_bases, "__bases__");
    ms_graph_call_field(graph, type->tp_mro, "__mro__");
    ms_graph_call_field(graph, (PyObject *)type->tp_base, "__base__");
    ms_each_shared_key(type, see_shared_key, graph);
    if (told && graph->snapshot->objects[number].name == 0) {
        ms_graph_name_text(graph, ((PyHeapTypeObject *)type)->ht_qualname, true);
        uint32_t name = ms_graph_number(graph, ((PyHeapTypeObject *)type)->ht_qualname);
        graph->snapshot->objects[number].name = graph->snapshot->objects[name].name;
    }
}

static void
call_exception(ms_graph *graph, PyObject *op)
{
    PyBaseExceptionObject *raised = (PyBaseExceptionObject *)op;
    ms_graph_call_field(graph, raised->args, "args");
    ms_graph_call_field(graph, raised->traceback, "__traceback__");
    ms_graph_call_field(graph, raised->context, "__context__");
    ms_graph_call_field(graph, raised->cause, "__cause__");
    ms_graph_call_field(graph, raised->notes, "__notes__");
}

void
ms_references_tell_locals(ms_graph *graph, ms_frame *frame, bool told)
{
    PyCodeObject *code = ms_frame_code(frame);
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        PyObject *value = ms_frame_slot(frame, i), *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        if (value == NULL)
            continue;
        ms_graph_name_text(graph, name, false);
        uint32_t number = ms_graph_number(graph, name);
        if (told)
            ms_graph_call(graph, value, MS_REFERENCE_LOCAL, number);
        else
            ms_graph_refer(graph, value, MS_REFERENCE_LOCAL, number);
    }
    for (int i = code->co_nlocalsplus; !told && i < ms_frame_slots(frame); i++)
        ms_graph_refer(graph, ms_frame_slot(frame, i), MS_REFERENCE_OTHER, 0);
}

static void
call_frame(ms_graph *graph, ms_frame *frame)
{
    if (frame == NULL)
        return;
    ms_graph_call_field(graph, (PyObject *)ms_frame_code(frame), "f_code");
    ms_references_tell_locals(graph, frame, true);
}

static void
call_traceback(ms_graph *graph, PyObject *op)
{
    ms_graph_call_field(graph, (PyObject *)((PyTracebackObject *)op)->tb_next, "tb_next");
    ms_graph_call_field(graph, (PyObject *)((PyTracebackObject *)op)->tb_frame, "tb_frame");
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int
see_target(PyObject *op, void *context)
{
    ms_graph_refer(context, op, MS_REFERENCE_OTHER, 0);
    return 0;
}

/* What Python calls the references of objects of its own types. */
static void
call_by_type(ms_graph *graph, PyObject *op, uint32_t number)
{
    if (PyType_Check(op))
        call_class(graph, op, number);
    else if (PyFunction_Check(op))
        call_function(graph, op);
    else if (PyCell_Check(op))
        ms_graph_call_field(graph, PyCell_GET(op), "cell_contents");
    else if (PyModule_Check(op))
        call_namespace(graph, PyModule_GetDict(op), "__dict__");
    else if (PyExceptionInstance_Check(op))
        call_exception(graph, op);
    else if (PyGen_Check(op) || PyCoro_CheckExact(op) || PyAsyncGen_CheckExact(op))
        call_frame(graph, ms_frame_of_generator(op));
    else if (PyFrame_Check(op))
        call_frame(graph, ms_frame_of_object(op));
    else if (PyTraceBack_Check(op))
        call_traceback(graph, op);
}

static void
call_contents(ms_graph *graph, PyObject *op)
{
    if (PyDict_Check(op))
        tell_pairs_again(graph, op);
    else if (PyList_Check(op))
        call_items(graph, ((PyListObject *)op)->ob_item, Py_SIZE(op));
    else if (PyTuple_Check(op))
        call_items(graph, ((PyTupleObject *)op)->ob_item, Py_SIZE(op));
    else if (ms_is_deque(op))
        call_entries(graph, op);
}

/* The rest of what is to be said where tp_traverse has told the references. */
static void
call_all(ms_graph *graph, PyObject *op, uint32_t number)
{
    call_contents(graph, op);
    call_by_type(graph, op, number);
    ms_each_attribute(op, call_attribute, graph);
    if (!PyType_Check(op))
        call_namespace(graph, ms_dict_of_object(op), "__dict__");
    call_members(graph, op, true);
    ms_graph_call_field(graph, (PyObject *)Py_TYPE(op), "__class__");
}

void
ms_references_tell(ms_graph *graph, PyObject *op, uint32_t number)
{
    PyTypeObject *type = Py_TYPE(op);
    if (PyDict_CheckExact(op))
        tell_dict(graph, op);
    else if (PyList_CheckExact(op))
        tell_items(graph, ((PyListObject *)op)->ob_item, Py_SIZE(op));
    else if (PyTuple_CheckExact(op))
        tell_items(graph, ((PyTupleObject *)op)->ob_item, Py_SIZE(op));
    else if (PyCode_Check(op))
        tell_code(graph, (PyCodeObject *)op);
    else if (PyObject_IS_GC(op) && type->tp_traverse != NULL) {
        (void)type->tp_traverse(op, see_target, graph);
        call_all(graph, op, number);
    } else {
        if (PyType_Check(op))
            call_class(graph, op, number);
        else
            call_members(graph, op, false);
        if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0)
            ms_graph_refer_field(graph, (PyObject *)type, "__class__");
    }
}

void
ms_references_name_modules(ms_graph *graph, PyObject *modules)
{
    if (modules == NULL || !PyDict_Check(modules))
        return;
    ms_graph_mark(graph, modules, MS_SEEN_MODULES | MS_SEEN_NAMESPACE);
    ms_each_pair(modules, name_module, graph);
}
