#include "codemap.h"

#include <string.h>

#include "memory.h"

#define PLACES_FIRST 2048u

/* ---- what codes say of themselves ---------------------------------------------------------------- */

/* Writes a str in UTF-8; returns the bytes written. */
static uint32_t
utf8_of(PyObject *text, char *to)
{
    if (text == NULL || !PyUnicode_Check(text))
        return 0;
    char *start = to;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length > MS_NAME_CHARACTERS)
        length = MS_NAME_CHARACTERS;
    int kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c < 0x80) {
            *to++ = (char)c;
        } else if (c < 0x800) {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
            *to++ = (char)(0x80 | (c >> 6 & 63));
            *to++ = (char)(0x80 | (c & 63));
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 63));
            *to++ = (char)(0x80 | (c >> 6 & 63));
            *to++ = (char)(0x80 | (c & 63));
        }
    }
    return (uint32_t)(to - start);
}

ms_code_text
ms_code_describe(const PyCodeObject *code, char *names)
{
    ms_code_text text = {.first_line = code->co_firstlineno};
    text.filename = names;
    text.filename_bytes = utf8_of(code->co_filename, names);
    text.function = names + text.filename_bytes;
    text.function_bytes = utf8_of(code->co_qualname, names + text.filename_bytes);
    PyObject *lines = code->co_linetable;
    if (lines != NULL && PyBytes_Check(lines)) {
        text.lines = PyBytes_AS_STRING(lines);
        text.lines_bytes = (uint32_t)PyBytes_GET_SIZE(lines);
    } else {
        text.lines = "";
    }
    return text;
}

/* ---- deaths -------------------------------------------------------------------------------------- */

static ms_codemap *listening; /* the map to tell of deaths; NULL: none */
static destructor dealloc_before;

static void
forget(ms_codemap *map, const PyCodeObject *code)
{
    uint32_t hole = ms_codemap_home(map, code);
    while (map->places[hole].code != code) {
        if (map->places[hole].code == NULL)
            return;
        hole = (hole + 1) & map->mask;
    }
    for (uint32_t slot = (hole + 1) & map->mask; map->places[slot].code != NULL;
         slot = (slot + 1) & map->mask) {
        uint32_t home = ms_codemap_home(map, map->places[slot].code);
        if (((slot - home) & map->mask) >= ((slot - hole) & map->mask)) {
            map->places[hole] = map->places[slot];
            hole = slot;
        }
    }
    map->places[hole].code = NULL;
    map->used--;
    map->deaths++;
}

static void
code_dealloc(PyObject *code)
{
    if (listening != NULL)
        forget(listening, (PyCodeObject *)code);
    dealloc_before(code);
}

static void
listen_to(ms_codemap *map)
{
    listening = map;
    if (map != NULL && PyCode_Type.tp_dealloc != code_dealloc) {
        dealloc_before = PyCode_Type.tp_dealloc;
        PyCode_Type.tp_dealloc = code_dealloc;
    } else if (map == NULL && PyCode_Type.tp_dealloc == code_dealloc) {
        PyCode_Type.tp_dealloc = dealloc_before;
    }
}

/* ---- the map ------------------------------------------------------------------------------------- */

ms_status
ms_codemap_open(ms_codemap *map, ms_segment *segment)
{
    memset(map, 0, sizeof *map);
    map->deaths = 1;
    map->mask = PLACES_FIRST - 1;
    map->places = ms_memory_get(PLACES_FIRST * sizeof *map->places);
    map->names = ms_memory_get(MS_NAMES_BYTES);
    if (map->places == NULL || map->names == NULL ||
        ms_codeindex_open(&map->texts, segment) != MS_OK) {
        ms_codemap_close(map);
        return MS_NO_MEMORY;
    }
    listen_to(map);
    return MS_OK;
}

void
ms_codemap_close(ms_codemap *map)
{
    if (listening == map)
        listen_to(NULL);
    ms_codeindex_close(&map->texts);
    ms_memory_give(map->places);
    ms_memory_give(map->names);
    memset(map, 0, sizeof *map);
}

uint64_t
ms_codemap_bytes(const ms_codemap *map)
{
    return ((uint64_t)map->mask + 1) * sizeof *map->places +
           ((uint64_t)map->texts.mask + 1) * sizeof *map->texts.ids + MS_NAMES_BYTES;
}

static void
fill_place(ms_codemap *map, const PyCodeObject *code, uint32_t id)
{
    uint32_t slot = ms_codemap_home(map, code);
    while (map->places[slot].code != NULL)
        slot = (slot + 1) & map->mask;
    map->places[slot] = (ms_codeplace){.code = code, .id = id};
}

static bool
grow(ms_codemap *map)
{
    uint32_t old_mask = map->mask;
    ms_codeplace *old = map->places;
    ms_codeplace *places = ms_memory_get(2 * ((size_t)old_mask + 1) * sizeof *places);
    if (places == NULL)
        return false;
    map->places = places;
    map->mask = 2 * old_mask + 1;
    for (uint32_t i = 0; i <= old_mask; i++) {
        if (old[i].code != NULL)
            fill_place(map, old[i].code, old[i].id);
    }
    ms_memory_give(old);
    return true;
}

MS_COLD uint32_t
ms_codemap_enter(ms_codemap *map, const PyCodeObject *code)
{
    if (map->used >= (map->mask + 1) / 2 && !grow(map) && map->used >= map->mask)
        return 0;
    ms_code_text text = ms_code_describe(code, map->names);
    uint32_t id = ms_code_register(&map->texts, &text);
    if (id == 0)
        return 0;
    fill_place(map, code, id);
    map->used++;
    return id;
}
