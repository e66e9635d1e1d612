#include "program/codemap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "program/dealloc.h"
#include "shared/memory.h"

#define PLACES_FIRST 2048u

/* ---- what codes say of themselves ------------------------------------------------------------ */

uint32_t
ms_text_utf8(PyObject *text, char *to)
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

/* Makes the name of a file absolute while the program still stands where the name leads to it. What leads nowhere is no
 * file's name: a template's, or one inside a frozen program. Once a code, and only for those that are relative.
 * spare: MS_NAMES_BYTES / 2, since a thread's stack may be small. */
static uint32_t
absolute(char *name, uint32_t bytes, char *spare)
{
    if (bytes == 0 || name[0] == '/' || name[0] == '<')
        return bytes;
    int error = errno;
    if (getcwd(spare, MS_NAME_CHARACTERS) != NULL && spare[0] == '/' && bytes < MS_NAME_CHARACTERS) {
        uint32_t home = (uint32_t)strlen(spare);
        spare[home] = '/';
        memcpy(spare + home + 1, name, bytes);
        spare[home + 1 + bytes] = '\0';
        if (access(spare, F_OK) == 0) {
            bytes += home + 1;
            memcpy(name, spare, bytes);
        }
    }
    errno = error;
    return bytes;
}

ms_code_text
ms_code_describe(const PyCodeObject *code, char *names)
{
    ms_code_text text = {.first_line = code->co_firstlineno};
    text.filename = names;
    text.filename_bytes = absolute(names, ms_text_utf8(code->co_filename, names), names + MS_NAMES_BYTES / 2);
    text.function = names + text.filename_bytes;
    text.function_bytes = ms_text_utf8(code->co_qualname, names + text.filename_bytes);
    PyObject *lines = code->co_linetable;
    if (lines != NULL && PyBytes_Check(lines)) {
        text.lines = PyBytes_AS_STRING(lines);
        text.lines_bytes = (uint32_t)PyBytes_GET_SIZE(lines);
    } else {
        text.lines = "";
    }
    return text;
}

bool
ms_code_is_module(const PyCodeObject *code)
{
    static const char module[] = "<module>";
    PyObject *name = code->co_name;
    return name != NULL && PyUnicode_Check(name) && PyUnicode_KIND(name) == PyUnicode_1BYTE_KIND &&
           PyUnicode_GET_LENGTH(name) == sizeof module - 1 &&
           memcmp(PyUnicode_DATA(name), module, sizeof module - 1) == 0;
}

/* ---- deaths ---------------------------------------------------------------------------------- */

static ms_codemap *listening; /* the map to tell of deaths; NULL: none */
static destructor dealloc_before;

static void
forget(ms_codemap *map, const PyCodeObject *code)
{
    ms_codeplace *places = map->places;
    uint32_t hole;
    MS_PROBE(hole, ms_codemap_hash(code), map->mask, places[hole].code == code || places[hole].code == NULL);
    if (places[hole].code == NULL)
        return;
    const ms_codeplace *place;
    MS_PROBE_CLOSE_GAP(place, places, hole, map->mask, place->code == NULL, ms_codemap_hash(place->code));
    places[hole].code = NULL;
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
    ms_dealloc_hear(&PyCode_Type, code_dealloc, &dealloc_before, map != NULL);
}

/* ---- the map --------------------------------------------------------------------------------- */

ms_status
ms_codemap_open(ms_codemap *map, ms_segment *segment)
{
    memset(map, 0, sizeof *map);
    map->deaths = 1;
    map->mask = PLACES_FIRST - 1;
    map->places = ms_memory_get(PLACES_FIRST * sizeof *map->places);
    map->names = ms_memory_get(MS_NAMES_BYTES);
    if (map->places == NULL || map->names == NULL || ms_codeindex_open(&map->texts, segment) != MS_OK) {
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
    return ((uint64_t)map->mask + 1) * sizeof *map->places + ((uint64_t)map->texts.mask + 1) * sizeof *map->texts.ids +
           MS_NAMES_BYTES;
}

static bool
grow(ms_codemap *map)
{
    uint32_t mask = 2 * map->mask + 1;
    ms_codeplace *places = ms_memory_get(((size_t)mask + 1) * sizeof *places);
    if (places == NULL)
        return false;
    const ms_codeplace *place;
    MS_PROBE_REHASH(place, map->places, map->mask, places, mask, place->code == NULL, ms_codemap_hash(place->code));
    ms_memory_give(map->places);
    map->places = places;
    map->mask = mask;
    return true;
}

MS_COLD uint32_t
ms_codemap_enter(ms_codemap *map, const PyCodeObject *code)
{
    if (map->used >= (map->mask + 1) / 2 && !grow(map) && ms_probe_is_crowded(map->used, map->mask))
        return 0;
    ms_code_text text = ms_code_describe(code, map->names);
    uint32_t id = ms_code_register(&map->texts, &text);
    if (id == 0)
        return 0;
    uint32_t slot;
    MS_PROBE(slot, ms_codemap_hash(code), map->mask, map->places[slot].code == NULL);
    map->places[slot] = (ms_codeplace){.code = code, .id = id};
    map->used++;
    return id;
}
