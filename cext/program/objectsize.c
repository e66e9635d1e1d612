#include "program/objectsize.h"

static uint64_t
length_of(PyObject *op)
{
    Py_ssize_t length = Py_SIZE(op);
    return (uint64_t)(length < 0 ? -length : length);
}

static uint64_t
size_of_text(PyObject *op)
{
    uint64_t length = (uint64_t)PyUnicode_GET_LENGTH(op), characters = (length + 1) * PyUnicode_KIND(op);
    if (PyUnicode_IS_COMPACT_ASCII(op))
        return sizeof(PyASCIIObject) + length + 1;
    const PyCompactUnicodeObject *compact = (const PyCompactUnicodeObject *)op;
    bool is_compact = PyUnicode_IS_COMPACT(op);
    uint64_t size = (is_compact ? sizeof *compact : sizeof(PyUnicodeObject)) + characters;
    const void *data = is_compact ? NULL : ((PyUnicodeObject *)op)->data.any;
    if (compact->utf8 != NULL && (const void *)compact->utf8 != data)
        size += (uint64_t)compact->utf8_length + 1;
    return size;
}

static uint64_t
size_of_dict(PyObject *op)
{
    const ms_keys *keys = ms_dict_own_keys(op);
    return (uint64_t)Py_TYPE(op)->tp_basicsize + (keys == NULL ? 0 : ms_keys_size(keys)) + ms_dict_values_size(op);
}

static uint64_t
size_of_set(PyObject *op)
{
    const PySetObject *set = (const PySetObject *)op;
    uint64_t table = set->table == set->smalltable ? 0 : ((uint64_t)set->mask + 1) * sizeof(setentry);
    return (uint64_t)Py_TYPE(op)->tp_basicsize + table;
}

static uint64_t
size_of_class(PyObject *op)
{
    PyTypeObject *type = (PyTypeObject *)op;
    if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0)
        return sizeof(PyTypeObject);
    uint64_t slots = length_of(op) * (uint64_t)Py_TYPE(op)->tp_itemsize;
    return (uint64_t)Py_TYPE(op)->tp_basicsize + slots + ms_shared_keys_size(type);
}

/* As every object of its type has it. */
static uint64_t
size_of_any(PyObject *op)
{
    const PyTypeObject *type = Py_TYPE(op);
    uint64_t size = (uint64_t)type->tp_basicsize + ms_attribute_bytes(op);
    return type->tp_itemsize == 0 ? size : size + length_of(op) * (uint64_t)type->tp_itemsize;
}

static uint64_t
size_of_generator(PyObject *op)
{
    ms_frame *frame = ms_frame_of_generator(op);
    uint64_t size = (uint64_t)Py_TYPE(op)->tp_basicsize;
    return frame == NULL ? size : size + ms_frame_bytes(ms_frame_code(frame));
}

static uint64_t
size_by_kind(PyObject *op)
{
    uint64_t more = ms_attribute_bytes(op);
    if (PyUnicode_Check(op))
        return size_of_text(op) + more;
    if (PyDict_Check(op))
        return size_of_dict(op) + more;
    if (PyList_Check(op))
        return (uint64_t)Py_TYPE(op)->tp_basicsize + (uint64_t)((PyListObject *)op)->allocated * sizeof(PyObject *) +
               more;
    if (PyAnySet_Check(op))
        return size_of_set(op) + more;
    if (PyByteArray_Check(op))
        return (uint64_t)Py_TYPE(op)->tp_basicsize + ms_bytearray_bytes(op) + more;
    if (PyBool_Check(op)) /* as other whole numbers: on 3.11 its class says more than it takes */
        return (uint64_t)PyLong_Type.tp_basicsize + ms_long_bytes(op);
    if (PyLong_Check(op))
        return (uint64_t)Py_TYPE(op)->tp_basicsize + ms_long_bytes(op) + more;
    if (PyType_Check(op))
        return size_of_class(op);
    if (PyGen_CheckExact(op) || PyCoro_CheckExact(op) || PyAsyncGen_CheckExact(op))
        return size_of_generator(op);
    if (PyFrame_Check(op))
        return (uint64_t)Py_TYPE(op)->tp_basicsize +
               (ms_frame_of_object(op) == NULL ? 0 : ms_frame_bytes(ms_frame_code(ms_frame_of_object(op))));
    if (ms_is_deque(op))
        return size_of_any(op) + ms_deque_bytes(op);
    return size_of_any(op);
}

uint64_t
ms_object_size(PyObject *op)
{
    return size_by_kind(op) + ms_object_header(Py_TYPE(op));
}
