#include "program/types.h"

#include <string.h>

#include "program/codemap.h"
#include "program/dealloc.h"
#include "program/stacktable.h"
#include "shared/memory.h"

#define PLACES_FIRST 2048u
#define KEY_BITS 7u /* of a key that are no address: types lie at multiples of 8 */
#define EXPECTED 4u /* of these: the type was not met yet; kinds are below */

/* ---- what types say of themselves ------------------------------------------------------------ */

typedef struct names {
    const char *module, *name;
    uint32_t module_bytes, name_bytes;
} names;

/* The value of `__module__` in a class's dictionary; NULL: there is none. No look-up: that could run a key's __eq__. */
static PyObject *
module_of(PyTypeObject *type)
{
    static const char wanted[] = "__module__";
    PyObject *dict = type->tp_dict, *key, *value;
    Py_ssize_t position = 0;
    if (dict == NULL)
        return NULL;
    while (PyDict_Next(dict, &position, &key, &value)) {
        if (PyUnicode_CheckExact(key) && PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND &&
            PyUnicode_GET_LENGTH(key) == sizeof wanted - 1 &&
            memcmp(PyUnicode_DATA(key), wanted, sizeof wanted - 1) == 0)
            return value;
    }
    return NULL;
}

/* buffer: MS_NAMES_BYTES. */
static names
names_of(PyTypeObject *type, char *buffer)
{
    names found = {.module = buffer, .name = ""};
    if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) {
        found.module_bytes = ms_text_utf8(module_of(type), buffer);
        found.name = buffer + MS_NAMES_BYTES / 2;
        found.name_bytes = ms_text_utf8(((PyHeapTypeObject *)type)->ht_qualname, buffer + MS_NAMES_BYTES / 2);
    } else if (type->tp_name != NULL) {
        const char *dot = strrchr(type->tp_name, '.');
        found.module = dot == NULL ? "builtins" : type->tp_name;
        found.module_bytes = (uint32_t)(dot == NULL ? strlen("builtins") : (size_t)(dot - type->tp_name));
        found.name = dot == NULL ? type->tp_name : dot + 1;
        found.name_bytes = (uint32_t)strlen(found.name);
    }
    return found;
}

/* Writes an entry; returns its id. 0: no room. */
static uint32_t
append(ms_segment *segment, const names *of, ms_type_kind kind, bool parks)
{
    ms_segment_header *header = segment->header;
    uint32_t id = atomic_load_explicit(&header->type_count, memory_order_relaxed) + 1;
    if (id >= segment->types_max || !ms_segment_reach_type(segment, id))
        return 0;
    ms_type entry = {.module_bytes = of->module_bytes, .name_bytes = of->name_bytes, .kind = kind};
    if (!ms_text_append(segment, of->module, of->module_bytes, &entry.module) ||
        !ms_text_append(segment, of->name, of->name_bytes, &entry.name))
        return 0;
    ms_type *place = &segment->types[id];
    place->module = entry.module;
    place->module_bytes = entry.module_bytes;
    place->name = entry.name;
    place->name_bytes = entry.name_bytes;
    place->kind = entry.kind;
    place->parks = parks;
    /* pairs with the acquire in ms_segment_has_type */
    atomic_store_explicit(&place->state, MS_TYPE_READY, memory_order_release);
    atomic_store_explicit(&header->type_count, id, memory_order_release);
    return id;
}

/* The last entries are kept for this one. */
static uint32_t
other_types(ms_types *types)
{
    atomic_fetch_add_explicit(&types->segment->header->types_lost, 1, memory_order_relaxed);
    return types->other;
}

/* ---- the map --------------------------------------------------------------------------------- */

static uint32_t
hash_key(uintptr_t key)
{
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

static ms_known_type *
find(const ms_types *types, uintptr_t key)
{
    const ms_known_type *places = types->places;
    uint32_t slot;
    MS_PROBE(slot, hash_key(key), types->mask, places[slot].key == key || places[slot].key == 0);
    return places[slot].key == key ? &types->places[slot] : NULL;
}

static void
note_bytes(const ms_types *types)
{
    uint64_t bytes = ((uint64_t)types->mask + 1) * sizeof *types->places + sizeof types->quick + MS_NAMES_BYTES;
    atomic_store_explicit(&types->segment->header->types_bytes, bytes, memory_order_relaxed);
}

static bool
grow(ms_types *types)
{
    uint32_t mask = 2 * types->mask + 1;
    ms_known_type *places = ms_memory_get(((size_t)mask + 1) * sizeof *places);
    if (places == NULL)
        return false;
    const ms_known_type *place;
    MS_PROBE_REHASH(place, types->places, types->mask, places, mask, place->key == 0, hash_key(place->key));
    ms_memory_give(types->places);
    types->places = places;
    types->mask = mask;
    note_bytes(types);
    return true;
}

/* NULL: no room. */
static ms_known_type *
add(ms_types *types, ms_known_type known)
{
    if (types->used >= (types->mask + 1) / 2 && !grow(types) && ms_probe_is_crowded(types->used, types->mask))
        return NULL;
    uint32_t slot;
    MS_PROBE(slot, hash_key(known.key), types->mask, types->places[slot].key == 0);
    types->places[slot] = known;
    types->used++;
    return &types->places[slot];
}

static uint16_t
traits_of(PyTypeObject *type)
{
    if (type == &PyDict_Type)
        return MS_TRAIT_PARKS | MS_TRAIT_DICT;
    bool parks = type == &PyTuple_Type || type == &PyList_Type || type == &PyFloat_Type || type == &PySlice_Type;
    return parks ? MS_TRAIT_PARKS : 0; /* others once an object was seen to be made without an allocation */
}

static ms_known_type
register_type(ms_types *types, PyTypeObject *type, ms_type_kind kind)
{
    names of = names_of(type, types->names);
    uint32_t id = append(types->segment, &of, kind, (traits_of(type) & MS_TRAIT_PARKS) != 0);
    return (ms_known_type){
        .key = (uintptr_t)type | (kind - 1),
        .id = id != 0 ? id : other_types(types),
        .header = (uint16_t)ms_object_header(type),
        .traits = traits_of(type),
    };
}

static const ms_known_type *
hasten(ms_types *types, const ms_known_type *known)
{
    ms_known_type *quick = &types->quick[ms_types_quick(known->key)];
    *quick = *known;
    return quick;
}

MS_COLD const ms_known_type *
ms_types_enter(ms_types *types, PyTypeObject *type)
{
    const ms_known_type *known = find(types, (uintptr_t)type);
    if (known != NULL)
        return hasten(types, known);
    ms_known_type fresh = register_type(types, type, MS_TYPE_OBJECT);
    (void)add(types, fresh);
    return hasten(types, &fresh);
}

MS_COLD const ms_known_type *
ms_types_search(ms_types *types, uintptr_t address)
{
    if (address == 0 || (address & KEY_BITS) != 0)
        return NULL;
    const ms_known_type *known = find(types, address);
    if (known != NULL)
        return hasten(types, known);
    bool expected = types->expecting && find(types, address | EXPECTED) != NULL;
    return expected ? ms_types_enter(types, (PyTypeObject *)address) : NULL; /* NOLINT(performance-no-int-to-ptr) */
}

void
ms_types_expect(ms_types *types, PyTypeObject *type)
{
    uintptr_t address = (uintptr_t)type;
    if (ms_types_look(types, type)->key == address || find(types, address) != NULL ||
        find(types, address | EXPECTED) != NULL)
        return;
    types->expecting = true;
    (void)add(types, (ms_known_type){.key = address | EXPECTED});
}

MS_COLD uint32_t
ms_types_part(ms_types *types, PyTypeObject *type, ms_type_kind kind)
{
    const ms_known_type *known = find(types, (uintptr_t)type | (kind - 1));
    if (known != NULL)
        return known->id;
    ms_known_type fresh = register_type(types, type, kind);
    (void)add(types, fresh);
    return fresh.id;
}

MS_COLD void
ms_types_add_trait(ms_types *types, PyTypeObject *type, uint16_t trait)
{
    ms_known_type *place = find(types, (uintptr_t)type);
    if (place != NULL)
        place->traits |= trait;
    ms_known_type *quick = &types->quick[ms_types_quick((uintptr_t)type)];
    if (quick->key == (uintptr_t)type)
        quick->traits |= trait;
}

/* ---- what lies in a block -------------------------------------------------------------------- */

uint32_t
ms_types_of_readable(ms_types *types, const void *block, uint64_t size_bytes, PyObject **op)
{
    const uintptr_t *words = block;
    for (uint32_t header = 0; header <= 32 && header + sizeof(PyObject) <= size_bytes; header += 16) {
        const ms_known_type *known = ms_types_search(types, words[header / 8 + 1]);
        if (known != NULL && known->header == header && (header < 32 || ms_types_may_be_collected(words + 2))) {
            *op = (PyObject *)((uintptr_t)block + header);
            return known->id;
        }
    }
    return 0;
}

MS_COLD uint32_t
ms_types_of_unusual(ms_types *types, const void *block)
{
    PyObject *op;
    uint64_t readable = MS_POOL_BYTES - ((uintptr_t)block & (MS_POOL_BYTES - 1));
    return ms_types_of_readable(types, block, readable < 48 ? readable : 48, &op);
}

/* ---- deaths ---------------------------------------------------------------------------------- */

static ms_types *listening; /* the map to tell of deaths; NULL: none */
static destructor dealloc_before;

static void
take_out(ms_types *types, uintptr_t key)
{
    ms_known_type *places = types->places;
    uint32_t hole;
    MS_PROBE(hole, hash_key(key), types->mask, places[hole].key == key || places[hole].key == 0);
    if (places[hole].key == 0)
        return;
    const ms_known_type *place;
    MS_PROBE_CLOSE_GAP(place, places, hole, types->mask, place->key == 0, hash_key(place->key));
    places[hole].key = 0;
    types->used--;
}

static void
forget(ms_types *types, uintptr_t type)
{
    ms_known_type *quick = &types->quick[ms_types_quick(type)];
    if (quick->key == type)
        *quick = (ms_known_type){0};
    for (uintptr_t kind = MS_TYPE_OBJECT; kind <= MS_TYPE_OTHER; kind++)
        take_out(types, type | (kind - 1));
    if (types->expecting)
        take_out(types, type | EXPECTED);
}

static void
type_dealloc(PyObject *type)
{
    if (listening != NULL)
        forget(listening, (uintptr_t)type);
    dealloc_before(type);
}

static void
listen_to(ms_types *types)
{
    listening = types;
    ms_dealloc_hear(&PyType_Type, type_dealloc, &dealloc_before, types != NULL);
}

/* ---- on and off ------------------------------------------------------------------------------ */

ms_status
ms_types_open(ms_types *types, ms_segment *segment)
{
    static const names others = {.module = "", .name = "other types", .name_bytes = sizeof "other types" - 1};
    memset(types, 0, sizeof *types);
    types->mask = PLACES_FIRST - 1;
    types->places = ms_memory_get(PLACES_FIRST * sizeof *types->places);
    types->names = ms_memory_get(MS_NAMES_BYTES);
    if (types->places == NULL || types->names == NULL) {
        ms_types_close(types);
        return MS_NO_MEMORY;
    }
    types->segment = segment;
    note_bytes(types);
    types->other = append(segment, &others, MS_TYPE_OBJECT, true);
    listen_to(types);
    return MS_OK;
}

void
ms_types_close(ms_types *types)
{
    if (listening == types)
        listen_to(NULL);
    ms_memory_give(types->places);
    ms_memory_give(types->names);
    memset(types, 0, sizeof *types);
}
