#include "program/answers.h"

#include "program/patience.h"
#include "program/producer.h"
#include "program/values.h"

/* ---- what an object alone holds -------------------------------------------------------------- */

typedef struct reply {
    ms_types *types;
    PyTypeObject *type;
    ms_answer *answer;
    uint32_t count;
} reply;

static void
own(reply *to, const void *block, ms_type_kind kind)
{
    if (block == NULL || to->count == MS_OWNED_MAX)
        return;
    to->answer->owned[to->count++] = (ms_owned){
        .address = (uintptr_t)block,
        .type = ms_types_part(to->types, to->type, kind),
    };
}

/* A table that is shared is no live block of its own: its class owns it. */
static void
own_dict(reply *to, const PyDictObject *dict)
{
    if (dict->ma_values == NULL)
        own(to, dict->ma_keys, MS_TYPE_KEYS);
    else /* tracked or not: the collector does not follow a dictionary of numbers and texts */
        own(to, ms_values_block(dict->ma_values), MS_TYPE_OTHER);
}

static void
own_text(reply *to, PyObject *text)
{
    if (PyUnicode_IS_COMPACT_ASCII(text))
        return;
    own(to, ((PyCompactUnicodeObject *)text)->utf8, MS_TYPE_OTHER);
    if (!PyUnicode_IS_COMPACT(text))
        own(to, ((PyUnicodeObject *)text)->data.any, MS_TYPE_OTHER);
}

static void
own_class(reply *to, const PyHeapTypeObject *class)
{
    if ((class->ht_type.tp_flags & Py_TPFLAGS_HEAPTYPE) == 0)
        return;
    own(to, class->ht_cached_keys, MS_TYPE_KEYS);
    own(to, class->_ht_tpname, MS_TYPE_OTHER);
    own(to, class->ht_type.tp_doc, MS_TYPE_OTHER);
}

static void
own_all(reply *to, PyObject *op)
{
    if (PyDict_Check(op))
        own_dict(to, (const PyDictObject *)op);
    else if (PyList_Check(op))
        own(to, ((const PyListObject *)op)->ob_item, MS_TYPE_ITEMS);
    else if (PyAnySet_Check(op))
        own(to, ((const PySetObject *)op)->table, MS_TYPE_KEYS);
    else if (PyUnicode_Check(op))
        own_text(to, op);
    else if (PyByteArray_Check(op))
        own(to, ((const PyByteArrayObject *)op)->ob_bytes, MS_TYPE_OTHER);
    else if (PyType_Check(op))
        own_class(to, (const PyHeapTypeObject *)op);
    if (PyObject_IS_GC(op) && PyObject_GC_IsTracked(op))
        own(to, ms_instance_values(op), MS_TYPE_OTHER);
}

/* ---- the inquiry ----------------------------------------------------------------------------- */

static void
answer(ms_types *types, const ms_question *question, ms_answer *to)
{
    *to = (ms_answer){0};
    const void *block = (const void *)(uintptr_t)question->address; /* NOLINT(performance-no-int-to-ptr) */
    PyObject *op;
    uint32_t id = ms_types_of_readable(types, block, question->size_bytes, &op);
    if (id == 0 || !ms_looks_alive(op))
        return;
    to->type = id;
    PyTypeObject *type = Py_TYPE(op);
    if (question->size_bytes < (uint64_t)type->tp_basicsize + ms_object_header(type))
        return;
    reply of = {.types = types, .type = type, .answer = to};
    own_all(&of, op);
}

/* A million objects take 40 ms. */
static int
expect_types(PyObject *op, void *types)
{
    ms_types_expect(types, Py_TYPE(op));
    if (PyType_Check(op))
        ms_types_expect(types, (PyTypeObject *)op);
    return 1;
}

static void
answer_all(ms_types *types, ms_inquiry *table)
{
    uint32_t count = table->count < MS_QUESTIONS ? table->count : MS_QUESTIONS;
    for (uint32_t i = 0; i < count; i++)
        answer(types, &table->questions[i], &table->answers[i]);
}

typedef void (*answer_questions)(ms_types *types, ms_inquiry *table);

static void
hold_inquiry(ms_segment *segment, ms_types *types, ms_inquiry_about about, answer_questions answer_them)
{
    ms_inquiry *table = segment->inquiry;
    uint64_t moved = ms_now_ns();
    table->about = about;
    atomic_store_explicit(&table->state, MS_INQUIRY_READY, memory_order_release);
    for (;;) {
        ms_inquiry_state state = ms_inquiry_now(table);
        if (state == MS_INQUIRY_ASKED) {
            answer_them(types, table);
            if (!ms_inquiry_change(table, MS_INQUIRY_ASKED, MS_INQUIRY_ANSWERED))
                return;
            moved = ms_now_ns();
        } else if (state != MS_INQUIRY_READY && state != MS_INQUIRY_ANSWERED) {
            return;
        } else if (ms_now_ns() - moved > MS_PATIENCE_NS || atomic_load(&segment->header->abandoned) != 0) {
            if (ms_inquiry_change(table, state, MS_INQUIRY_LEFT))
                return;
        } else {
            ms_sleep_ns(20000);
        }
    }
}

/* A thread with a GIL of its own could free what is being read. */
static bool
may_answer(const ms_segment *segment)
{
    return atomic_load(&segment->inquiry->offered) != 0 && !ms_others_have_gil();
}

void
ms_answers_give(ms_segment *segment, ms_types *types)
{
    if (!may_answer(segment))
        return;
    ms_each_collected(PyInterpreterState_Main(), expect_types, types);
    hold_inquiry(segment, types, MS_ABOUT_OWNERS, answer_all);
}

static void
answer_with_values(ms_types *types, ms_inquiry *table)
{
    uint32_t count = table->count < MS_QUESTIONS ? table->count : MS_QUESTIONS;
    for (uint32_t i = 0; i < count; i++)
        ms_value_tell(types, &table->questions[i], &table->values[i]);
}

void
ms_answers_give_values(ms_segment *segment, ms_types *types)
{
    if (may_answer(segment))
        hold_inquiry(segment, types, MS_ABOUT_VALUES, answer_with_values);
}
