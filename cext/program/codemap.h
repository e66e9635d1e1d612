/* codemap.h: from a code object to the id of its text.
 *
 *   code object ── address ──► id          forgotten when the object dies, whose address may come again
 *                └─ text ────► id          the same for a code object made anew from the same text
 *
 * Deaths are heard of through the code type's own destructor, which is ours while a recording is on. (A mark
 * on each code object, as _PyEval_RequestCodeExtraIndex offers, is a PyMem block: other tools would see what the
 * program never made, and tracemalloc may be waiting for our caller with its lock held.)
 *
 * Needs the GIL.
 */
#ifndef MS_CODEMAP_H
#define MS_CODEMAP_H

#include "program/pycompat.h"
#include "program/stacktable.h"
#include "shared/probe.h"

#define MS_NAME_CHARACTERS 4096 /* of a file or function name; the rest is cut */
#define MS_NAMES_BYTES (2 * 4 * MS_NAME_CHARACTERS)

typedef struct ms_codeplace {
    const PyCodeObject *code; /* NULL: free */
    uint32_t id;
} ms_codeplace;

typedef struct ms_codemap {
    ms_codeindex texts;
    ms_codeplace *places; /* open addressing by address */
    uint32_t mask, used;
    uint64_t deaths; /* of known code objects, plus 1 */
    char *names;     /* MS_NAMES_BYTES, for text in UTF-8 */
} ms_codemap;

ms_status ms_codemap_open(ms_codemap *map, ms_segment *segment);
void ms_codemap_close(ms_codemap *map);
uint64_t ms_codemap_bytes(const ms_codemap *map);

/* Writes a str in UTF-8, up to MS_NAME_CHARACTERS of it; returns the bytes written. Whatever is no str: none. */
uint32_t ms_text_utf8(PyObject *text, char *to);

/* What a code object says of itself; the names go to `names`. Reads the objects' own storage: no allocation, no
 * cached encoding, no error; lone surrogates are encoded as if they were characters. */
ms_code_text ms_code_describe(const PyCodeObject *code, char *names);

/* Whether it is a module's, also of source that was given as text. */
bool ms_code_is_module(const PyCodeObject *code);

/* Slow half of ms_codemap_id. */
uint32_t ms_codemap_enter(ms_codemap *map, const PyCodeObject *code);

MS_INLINE uint32_t
ms_codemap_hash(const PyCodeObject *code)
{
    return (uint32_t)(((uintptr_t)code >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

/* The id of a living code object. 0: no room. */
MS_INLINE uint32_t
ms_codemap_id(ms_codemap *map, const PyCodeObject *code)
{
    uint32_t slot;
    MS_PROBE(slot, ms_codemap_hash(code), map->mask, map->places[slot].code == code || map->places[slot].code == NULL);
    return MS_LIKELY(map->places[slot].code == code) ? map->places[slot].id : ms_codemap_enter(map, code);
}

#endif
