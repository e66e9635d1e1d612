#include "program/values.h"

#include <string.h>

#include "program/objectsize.h"
#include "program/producer.h"

#define MOST_BYTES 4096u /* of content that is read for one object */
#define MOST_DEPTH 4u    /* of tuples in tuples */
#define LEAST_TEXT 16    /* a shorter list of characters may be anything */
#define CHARACTERS_LOOKED_AT 32
#define MOST_ZEROS 16384 /* of a bytearray that are looked at: a microsecond */

/* ---- content --------------------------------------------------------------------------------- */

typedef struct content {
    uint64_t hash;
    uint32_t left;  /* bytes that may still be read */
    bool is_closed; /* there is more of it, or it is half made */
} content;

static void
take_word(content *of, uint64_t word)
{
    of->hash = (of->hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    of->hash ^= of->hash >> 29;
}

static void
take_bytes(content *of, const void *bytes, uint64_t count)
{
    of->is_closed = of->is_closed || count > of->left;
    if (of->is_closed)
        return;
    of->left -= (uint32_t)count;
    const char *at = bytes;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        take_word(of, word);
    }
    uint64_t rest = count << 56;
    memcpy(&rest, at, count);
    take_word(of, rest);
}

static bool take_plain(content *of, PyObject *op);

static void
take_items(content *of, PyObject *tuple, uint32_t depth)
{
    take_word(of, (uint64_t)PyTuple_GET_SIZE(tuple) << 8 | 't');
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple) && !of->is_closed; i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        if (item == NULL || of->left < sizeof item || depth == MOST_DEPTH) {
            of->is_closed = true;
            return;
        }
        of->left -= (uint32_t)sizeof item;
        if (PyTuple_CheckExact(item))
            take_items(of, item, depth + 1);
        else if (!take_plain(of, item))
            take_word(of, (uintptr_t)item);
    }
}

static void
take_text(content *of, PyObject *op)
{
    of->is_closed = of->is_closed || !PyUnicode_IS_COMPACT(op);
    if (of->is_closed)
        return;
    take_word(of, (uint64_t)PyUnicode_KIND(op) << 8 | 's');
    take_bytes(of, PyUnicode_DATA(op), (uint64_t)PyUnicode_GET_LENGTH(op) * PyUnicode_KIND(op));
}

/* Of a type whose content is all that it is. */
static bool
take_plain(content *of, PyObject *op)
{
    size_t header = sizeof(PyObject);
    if (PyUnicode_CheckExact(op)) {
        take_text(of, op);
    } else if (PyBytes_CheckExact(op)) {
        take_word(of, 'b');
        take_bytes(of, PyBytes_AS_STRING(op), (uint64_t)PyBytes_GET_SIZE(op));
    } else if (PyLong_CheckExact(op)) {
        take_word(of, 'i');
        take_bytes(of, (const char *)op + header, (uint64_t)PyLong_Type.tp_basicsize - header + ms_long_bytes(op));
    } else if (PyFloat_CheckExact(op)) {
        take_word(of, 'f');
        take_bytes(of, &((PyFloatObject *)op)->ob_fval, sizeof(double));
    } else {
        return false;
    }
    return true;
}

/* Nobody who reads a capture can try out what text a hash may be of: it is not in there, and begins with a secret. */
static uint64_t
secret(void)
{
    static uint64_t now;
    if (now == 0)
        now = ms_now_ns() ^ (uintptr_t)&now << 20;
    return now;
}

static uint64_t
hash_of(PyObject *op)
{
    content of = {.hash = secret(), .left = MOST_BYTES};
    if (PyTuple_CheckExact(op))
        take_items(&of, op, 0);
    else
        (void)take_plain(&of, op);
    return of.is_closed ? 0 : of.hash | 1;
}

/* ---- room ------------------------------------------------------------------------------------ */

static uint64_t
bytes_of_dict_for(PyObject *op, const ms_keys *keys)
{
    uint64_t used = (uint64_t)PyDict_GET_SIZE(op), places = 8;
    while ((places << 1) / 3 < used)
        places <<= 1;
    uint64_t entry = ms_keys_are_texts(keys) ? sizeof(PyDictUnicodeEntry) : sizeof(PyDictKeyEntry);
    uint64_t index = places <= 128 ? 1 : places <= 32768 ? 2 : 4;
    return (uint64_t)Py_TYPE(op)->tp_basicsize + sizeof *keys + places * index + (places << 1) / 3 * entry;
}

/* As set(s) makes its table. */
static uint64_t
bytes_of_set_for(PyObject *op)
{
    uint64_t used = (uint64_t)PySet_GET_SIZE(op), places = PySet_MINSIZE;
    while (places <= used * 2)
        places <<= 1;
    uint64_t table = used * 5 < (PySet_MINSIZE - 1) * 3 ? 0 : places * sizeof(setentry);
    return (uint64_t)Py_TYPE(op)->tp_basicsize + table;
}

/* Whether all items are texts of one character, as far as is looked; the bytes of the text that they make. */
static uint64_t
bytes_of_text_for(PyObject *list)
{
    Py_ssize_t length = PyList_GET_SIZE(list), step = length / CHARACTERS_LOOKED_AT + 1;
    Py_UCS4 most = 0;
    if (length < LEAST_TEXT)
        return 0;
    for (Py_ssize_t i = 0; i < length; i += step) {
        PyObject *item = PyList_GET_ITEM(list, i);
        if (item == NULL || !PyUnicode_CheckExact(item) || PyUnicode_GET_LENGTH(item) != 1)
            return 0;
        Py_UCS4 character = PyUnicode_READ_CHAR(item, 0);
        most = character > most ? character : most;
    }
    uint64_t each = most < 256 ? 1 : most < 65536 ? 2 : 4;
    return (most < 128 ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject)) + (uint64_t)(length + 1) * each;
}

/* Up to the last byte that is not 0, as far as is looked. */
static uint64_t
bytes_written_in(PyObject *op)
{
    const char *bytes = PyByteArray_AS_STRING(op);
    Py_ssize_t length = PyByteArray_GET_SIZE(op), end = length;
    Py_ssize_t least = length > MOST_ZEROS ? length - MOST_ZEROS : 0;
    for (uint64_t word = 0; end - least >= 8; end -= 8) {
        memcpy(&word, bytes + end - 8, 8);
        if (word != 0)
            break;
    }
    while (end > least && bytes[end - 1] == 0)
        end--;
    return (uint64_t)end;
}

static void
tell_list(PyObject *op, ms_value *value)
{
    uint64_t text = ((PyListObject *)op)->ob_item == NULL ? 0 : bytes_of_text_for(op);
    value->is_text = text != 0 ? 1 : 0;
    value->needed_bytes = text != 0 ? text
                                    : (uint64_t)PyList_Type.tp_basicsize + ms_object_header(&PyList_Type) +
                                          (uint64_t)PyList_GET_SIZE(op) * sizeof(PyObject *);
}

static void
tell_room(PyObject *op, ms_value *value)
{
    uint64_t header = ms_object_header(Py_TYPE(op));
    value->held_bytes = ms_object_size(op);
    if (PyList_CheckExact(op))
        tell_list(op, value);
    else if (PyDict_CheckExact(op))
        value->needed_bytes =
            ms_dict_own_keys(op) == NULL ? value->held_bytes : bytes_of_dict_for(op, ms_dict_own_keys(op));
    else if (PyByteArray_CheckExact(op))
        value->needed_bytes = (uint64_t)PyByteArray_Type.tp_basicsize + bytes_written_in(op) + 1;
    else
        value->needed_bytes = bytes_of_set_for(op);
    value->needed_bytes += PyList_CheckExact(op) ? 0 : header;
    if (value->needed_bytes > value->held_bytes)
        value->needed_bytes = value->held_bytes;
}

/* ---- which object ---------------------------------------------------------------------------- */

/* Whether the object that its header says it is lies in the block whole. What another one has left behind does not say
 * that it is alive. */
static bool
fits(PyObject *op, uint64_t room)
{
    const PyTypeObject *type = Py_TYPE(op);
    if (PyUnicode_CheckExact(op)) {
        if (sizeof(PyASCIIObject) > room || (uint64_t)PyUnicode_GET_LENGTH(op) >= room)
            return false;
        uint64_t characters = ((uint64_t)PyUnicode_GET_LENGTH(op) + 1) * PyUnicode_KIND(op);
        return !PyUnicode_IS_COMPACT(op) || sizeof(PyASCIIObject) + characters <= room;
    }
    if ((uint64_t)type->tp_basicsize > room)
        return false;
    uint64_t length = type->tp_itemsize == 0 ? 0 : (uint64_t)Py_SIZE(op);
    return length < room && (uint64_t)type->tp_basicsize + length * (uint64_t)type->tp_itemsize <= room;
}

static PyObject *
object_in(const ms_question *question)
{
    PyTypeObject *const types[] = {&PyUnicode_Type, &PyBytes_Type, &PyByteArray_Type, &PyTuple_Type,
                                   &PyList_Type,    &PyDict_Type,  &PySet_Type,       &PyFrozenSet_Type};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        uint64_t header = ms_object_header(types[i]);
        if (header + sizeof(PyObject) > question->size_bytes)
            continue;
        PyObject *op = (PyObject *)(uintptr_t)(question->address + header);
        if (Py_TYPE(op) == types[i])
            return ms_looks_alive(op) && fits(op, question->size_bytes - header) ? op : NULL;
    }
    return NULL;
}

void
ms_value_tell(ms_types *types, const ms_question *question, ms_value *value)
{
    *value = (ms_value){0};
    PyObject *op = object_in(question);
    if (op == NULL)
        return;
    value->type = ms_types_known(types, Py_TYPE(op))->id;
    if (PyUnicode_CheckExact(op) || PyBytes_CheckExact(op) || PyTuple_CheckExact(op))
        value->hash = hash_of(op);
    else
        tell_room(op, value);
}
