/* elfsymbols.h: where the functions of a library begin and end, by what its file tells.
 *
 *   .dynsym    what it exports        ──► start, size, place of the name, sorted by start
 *   .symtab    all, if it was left in
 *
 * The file is named by the recorded program and may be anything, so it is read with bounds and never mapped. Names stay
 * in the file: of a hundred thousand functions some ten are asked for.
 */
#ifndef MS_ELFSYMBOLS_H
#define MS_ELFSYMBOLS_H

#include "shared/descriptor.h"

#define MS_SYMBOL_NAME 4096u /* longer names are left out */

typedef struct ms_function {
    uint32_t start, size;
    uint32_t name; /* in the names of its table */
    uint32_t table;
} ms_function;

typedef struct ms_elf_names {
    uint64_t offset, bytes; /* in the file */
} ms_elf_names;

#define MS_ELF_TABLES 2u

typedef struct ms_elfsymbols {
    ms_function *functions;
    uint32_t count, capacity;
    ms_elf_names names[MS_ELF_TABLES]; /* of exported symbols, of all */
    ms_descriptor file;                /* closed since; which it was */
} ms_elfsymbols;

/* Whatever cannot be read is left out. */
void ms_elfsymbols_open(ms_elfsymbols *symbols, const char *path);
void ms_elfsymbols_close(ms_elfsymbols *symbols);
/* The same file once more, to read names from. -1: it is no longer there. The caller closes it. */
int ms_elfsymbols_file(const ms_elfsymbols *symbols, const char *path);

/* The first function that begins where the one does that holds this address. NULL: no function that the file names has
 * the address. Others of that start, which are names of the same, follow. */
const ms_function *ms_elfsymbols_find(const ms_elfsymbols *symbols, uint32_t address);

/* Reads a function's name, NUL-terminated. Its length; 0: it has none. */
uint32_t ms_elfsymbols_name(const ms_elfsymbols *symbols, int file, const ms_function *function,
                            char name[MS_SYMBOL_NAME]);

#endif
