#include "ledger/symbols.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/elfsymbols.h"
#include "ledger/functionnames.h"
#include "shared/array.h"

#define LIBRARIES_FIRST 64u
#define SYMBOLS_FIRST 64u
#define NAMES_FIRST 4096u
#define NAME_MOST 256u

typedef struct library {
    uint32_t code;
    bool shared; /* the functions are an earlier entry's */
    ms_elfsymbols functions;
    uint32_t *numbers; /* of each function; 0: not asked for yet */
} library;

typedef struct ms_symbol {
    uint32_t name;       /* in `names`, NUL-terminated */
    uint32_t name_bytes; /* without the NUL */
} ms_symbol;

struct ms_symbols {
    library *libraries;
    uint32_t libraries_count, libraries_capacity;
    uint32_t last;      /* of the libraries, that was asked for */
    ms_symbol *symbols; /* from 1; a function that has no name has an entry without one */
    uint32_t count, capacity;
    char *names;
    uint32_t names_used, names_capacity;
};

/* ---- libraries ------------------------------------------------------------------------------- */

/* The path of a library, as the program has written it. */
static bool
path_of(const ms_segment *segment, uint32_t code, char path[PATH_MAX])
{
    const ms_code *text = &segment->codes[code];
    uint32_t offset = text->filename, bytes = text->filename_bytes;
    if (bytes >= PATH_MAX || !ms_segment_has_text(segment, offset, bytes) ||
        !ms_segment_reach_text(segment, (uint64_t)offset + bytes))
        return false;
    memcpy(path, segment->text + offset, bytes);
    path[bytes] = '\0';
    return true;
}

/* Whether two codes are of one file. */
static bool
is_same_file(const ms_segment *segment, uint32_t code, uint32_t other)
{
    char path[PATH_MAX], other_path[PATH_MAX];
    return path_of(segment, code, path) && path_of(segment, other, other_path) && strcmp(path, other_path) == 0;
}

static void
read_functions(ms_symbols *symbols, const ms_segment *segment, library *added)
{
    for (library *other = symbols->libraries; other < added; other++) {
        if (is_same_file(segment, added->code, other->code)) {
            added->functions = other->functions;
            added->shared = true;
            return;
        }
    }
    char path[PATH_MAX];
    if (path_of(segment, added->code, path))
        ms_elfsymbols_open(&added->functions, path);
}

/* NULL: no memory. */
static library *
library_of(ms_symbols *symbols, const ms_segment *segment, uint32_t code)
{
    if (symbols->last < symbols->libraries_count && symbols->libraries[symbols->last].code == code)
        return &symbols->libraries[symbols->last];
    for (uint32_t i = 0; i < symbols->libraries_count; i++) {
        if (symbols->libraries[i].code == code) {
            symbols->last = i;
            return &symbols->libraries[i];
        }
    }
    if (!MS_ARRAY_HOLDS(symbols->libraries, symbols->libraries_capacity, symbols->libraries_count + UINT64_C(1),
                        LIBRARIES_FIRST))
        return NULL;
    library *added = &symbols->libraries[symbols->last = symbols->libraries_count++];
    added->code = code;
    read_functions(symbols, segment, added);
    if (added->functions.count != 0)
        added->numbers = ms_memory_get(added->functions.count * sizeof *added->numbers);
    return added;
}

/* ---- functions ------------------------------------------------------------------------------- */

/* Which of two names of one function people know it by: not the one that is meant for the inside. */
static bool
is_better(const char *name, const char *than)
{
    size_t inner = strspn(name, "_"), inner_than = strspn(than, "_");
    if (*than == '\0' || inner != inner_than)
        return *than == '\0' || inner < inner_than;
    return strcmp(name, than) < 0;
}

/* The best of the names of what begins where a function does; empty: none. */
static void
read_name(const ms_elfsymbols *functions, const char *path, const ms_function *function, char best[MS_SYMBOL_NAME])
{
    char name[MS_SYMBOL_NAME];
    best[0] = '\0';
    int file = ms_elfsymbols_file(functions, path);
    if (file < 0)
        return;
    const ms_function *end = functions->functions + functions->count;
    for (const ms_function *other = function; other < end && other->start == function->start; other++)
        if (ms_elfsymbols_name(functions, file, other, name) != 0 && is_better(name, best))
            memcpy(best, name, strlen(name) + 1);
    close(file);
}

/* Of a function that a thread was started with. */
static void
name_thread(char name[MS_SYMBOL_NAME])
{
    char function[NAME_MOST];
    if (name[0] == '\0')
        return;
    memcpy(function, name, strlen(name) + 1);
    snprintf(name, MS_SYMBOL_NAME, "<thread %s>", function);
}

/* Its number; 0: no memory. */
static uint32_t
add(ms_symbols *symbols, const ms_segment *segment, const library *from, const ms_function *function)
{
    char path[PATH_MAX], name[MS_SYMBOL_NAME] = "";
    if (path_of(segment, from->code, path))
        read_name(&from->functions, path, function, name);
    /* The program's own process needs no other library in it. */
    bool is_program = atomic_load(&segment->header->program_pid) == (uint32_t)getpid();
    ms_function_name(name, NAME_MOST, !is_program);
    if ((atomic_load(&segment->codes[from->code].flags) & MS_NODE_BEGINS) != 0)
        name_thread(name);
    uint32_t bytes = (uint32_t)strlen(name), number = symbols->count + 1, place = symbols->names_used;
    if (!MS_ARRAY_HOLDS(symbols->symbols, symbols->capacity, number + UINT64_C(1), SYMBOLS_FIRST) ||
        !MS_ARRAY_HOLDS(symbols->names, symbols->names_capacity, place + bytes + UINT64_C(1), NAMES_FIRST))
        return 0;
    memcpy(symbols->names + place, name, bytes + (size_t)1);
    symbols->names_used += bytes + 1;
    symbols->symbols[number] = (ms_symbol){.name = place, .name_bytes = bytes};
    return symbols->count = number;
}

uint32_t
ms_symbols_number(ms_symbols **symbols, const ms_segment *segment, uint32_t code, uint32_t address)
{
    if (*symbols == NULL)
        *symbols = ms_memory_get(sizeof **symbols);
    const library *from = *symbols == NULL || address == 0 ? NULL : library_of(*symbols, segment, code);
    const ms_function *function = from == NULL ? NULL : ms_elfsymbols_find(&from->functions, address);
    if (function == NULL || from->numbers == NULL)
        return 0;
    uint32_t *known = &from->numbers[function - from->functions.functions];
    if (*known == 0)
        *known = add(*symbols, segment, from, function);
    uint32_t number = *known;
    return number != 0 && (*symbols)->symbols[number].name_bytes != 0 ? number : 0;
}

const char *
ms_symbols_name(const ms_symbols *symbols, uint32_t number)
{
    return symbols->names + symbols->symbols[number].name;
}

uint32_t
ms_symbols_count(const ms_symbols *symbols)
{
    return symbols == NULL ? 0 : symbols->count;
}

uint64_t
ms_symbols_bytes(const ms_symbols *symbols)
{
    if (symbols == NULL)
        return 0;
    uint64_t bytes = symbols->capacity * sizeof *symbols->symbols + symbols->names_capacity;
    for (uint32_t i = 0; i < symbols->libraries_count; i++)
        if (!symbols->libraries[i].shared)
            bytes += symbols->libraries[i].functions.capacity * sizeof(ms_function);
    return bytes;
}

void
ms_symbols_close(ms_symbols *symbols)
{
    if (symbols == NULL)
        return;
    for (uint32_t i = 0; i < symbols->libraries_count; i++) {
        if (!symbols->libraries[i].shared)
            ms_elfsymbols_close(&symbols->libraries[i].functions);
        ms_memory_give(symbols->libraries[i].numbers);
    }
    ms_memory_give(symbols->libraries);
    ms_memory_give(symbols->symbols);
    ms_memory_give(symbols->names);
    ms_memory_give(symbols);
}
