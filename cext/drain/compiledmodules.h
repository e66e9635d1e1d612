/* compiledmodules.h: which of the loaded extension modules are Python code that Cython or mypyc compiled.
 *
 *   7f31…-7f32… r-xp … /app/fast.cpython-312-x86_64-linux-gnu.so     while looking: noted by its path
 *   .rodata  … \0cython_runtime\0 …                                  at the end: by what the file holds
 *
 * Such code has no frames, so what it allocates counts at the Python line that called it. Only the end tells who
 * compiled what: a file's constants are read then, some tens of KiB of each. Used by the drain alone.
 */
#ifndef MS_COMPILEDMODULES_H
#define MS_COMPILEDMODULES_H

#include "capture/column.h"

#define MS_MODULES_MOST 2048u /* a program with more has the rest left out */

typedef struct ms_module {
    uint64_t hash; /* of its path */
    char *path;
} ms_module;

typedef struct ms_compiledmodules {
    ms_module *modules;
    uint32_t count, capacity;
} ms_compiledmodules;

/* Notes the file of a mapping that may be executed, unless it is known or is no extension module by its name. */
void ms_compiledmodules_note(ms_compiledmodules *known, const char *path);
void ms_compiledmodules_close(ms_compiledmodules *known);

/* Who compiled this file: "cython", "mypyc", or NULL: neither, or it cannot be read. */
const char *ms_compiled_by(const char *path);
/* Appends those that somebody compiled as a JSON array of objects. put_name appends a path as a JSON string. */
void ms_compiledmodules_describe(const ms_compiledmodules *known, void (*put_name)(ms_buffer *json, const char *name),
                                 ms_buffer *json);

#endif
