#include "drain/compiledmodules.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/elffile.h"
#include "shared/array.h"

#define MODULES_FIRST 64u
#define PIECE (UINT64_C(1) << 20)        /* of a section, read at once */
#define SECTION_MOST (UINT64_C(1) << 26) /* of a larger one the rest is left out */

/* What a file of each compiler holds, in all its versions since Cython 0.29 and mypyc 0.9, stripped or not. Without its
 * first letter: written as it is, it would be in this file as well. */
typedef struct mark {
    const char *by;
    char first;
    const char *rest;
    bool whole; /* between two NULs */
} mark;

static const mark marks[] = {
    {"cython", 'c', "ython_runtime", true},
    {"mypyc", 'C', "PyTagged_FromSsize_t", true}, /* of the runtime that each library has */
    {"mypyc", '_', "_mypyc.init_", false},        /* of a module whose code is in another library */
};
#define MARKS (sizeof marks / sizeof *marks)
#define MARK_BYTES 32u /* none is longer, with what stands around it */

/* ---- while the program runs ------------------------------------------------------------------- */

/* Modules are named "*.cpython-312-x86_64-linux-gnu.so", "*.abi3.so" or "*.so". Libraries, which may be of hundreds of
 * MiB, are "lib*.so" or "lib*.so.3". */
static bool
is_extension_module(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = strlen(path);
    if (slash == NULL || length < 3 || strcmp(path + length - 3, ".so") != 0)
        return false;
    return strncmp(slash, "/lib", 4) != 0 || strstr(slash, ".cpython-") != NULL || strstr(slash, ".abi3.") != NULL;
}

static uint64_t
hash_of(const char *path)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *path != '\0'; path++)
        hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
    return hash;
}

void
ms_compiledmodules_note(ms_compiledmodules *known, const char *path)
{
    if (!is_extension_module(path))
        return;
    uint64_t hash = hash_of(path);
    for (uint32_t i = known->count; i-- != 0;)
        if (known->modules[i].hash == hash)
            return;
    size_t bytes = strlen(path) + 1;
    char *copy = known->count < MS_MODULES_MOST ? ms_memory_get(bytes) : NULL;
    if (copy == NULL)
        return;
    if (!MS_ARRAY_HOLDS(known->modules, known->capacity, known->count + UINT64_C(1), MODULES_FIRST)) {
        ms_memory_give(copy);
        return;
    }
    memcpy(copy, path, bytes);
    known->modules[known->count++] = (ms_module){.hash = hash, .path = copy};
}

void
ms_compiledmodules_close(ms_compiledmodules *known)
{
    for (uint32_t i = 0; i < known->count; i++)
        ms_memory_give(known->modules[i].path);
    ms_memory_give(known->modules);
    memset(known, 0, sizeof *known);
}

/* ---- at the end ------------------------------------------------------------------------------- */

static bool
holds(const char *text, size_t bytes, const mark *wanted)
{
    size_t length = strlen(wanted->rest) + (wanted->whole ? 1 : 0);
    for (const char *at = text; (at = memmem(at, bytes - (size_t)(at - text), wanted->rest, length)) != NULL; at++)
        if (at - text >= 2 && at[-1] == wanted->first && (!wanted->whole || at[-2] == '\0'))
            return true;
    return false;
}

/* Pieces overlap, so that no mark is cut. */
static const char *
found_in_section(int file, const Elf64_Shdr *section, char *piece)
{
    uint64_t size = section->sh_size < SECTION_MOST ? section->sh_size : SECTION_MOST;
    for (uint64_t done = 0; done + MARK_BYTES < size; done += PIECE - MARK_BYTES) {
        size_t bytes = (size_t)(size - done < PIECE ? size - done : PIECE);
        if (section->sh_offset > INT64_MAX / 2 || !ms_elf_read(file, piece, bytes, section->sh_offset + done))
            return NULL;
        for (size_t i = 0; i < MARKS; i++)
            if (holds(piece, bytes, &marks[i]))
                return marks[i].by;
    }
    return NULL;
}

static bool
has_constants(const Elf64_Shdr *section)
{
    return (section->sh_type == SHT_PROGBITS || section->sh_type == SHT_STRTAB) &&
           (section->sh_flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)) == SHF_ALLOC;
}

const char *
ms_compiled_by(const char *path)
{
    int file = ms_elf_open(path);
    char *piece = file < 0 ? NULL : ms_memory_get(PIECE);
    const char *by = NULL;
    Elf64_Ehdr header;
    Elf64_Shdr section;
    if (piece != NULL && ms_elf_header(file, &header))
        for (uint32_t i = 0; by == NULL && ms_elf_section(file, &header, i, &section); i++)
            by = has_constants(&section) ? found_in_section(file, &section, piece) : NULL;
    ms_memory_give(piece);
    if (file >= 0)
        close(file);
    return by;
}

void
ms_compiledmodules_describe(const ms_compiledmodules *known, void (*put_name)(ms_buffer *json, const char *name),
                            ms_buffer *json)
{
    ms_buffer_put(json, "[", 1);
    bool first = true;
    for (uint32_t i = 0; i < known->count; i++) {
        const char *by = ms_compiled_by(known->modules[i].path);
        if (by == NULL)
            continue;
        const char *begin = first ? "{\"by\": \"" : ", {\"by\": \"";
        ms_buffer_put(json, begin, strlen(begin));
        ms_buffer_put(json, by, strlen(by));
        ms_buffer_put(json, "\", \"path\": ", 11);
        put_name(json, known->modules[i].path);
        ms_buffer_put(json, "}", 1);
        first = false;
    }
    ms_buffer_put(json, "]", 1);
}
