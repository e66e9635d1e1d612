#include "ledger/elfsymbols.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/elffile.h"
#include "shared/array.h"
#include "shared/memory.h"

#define SYMBOLS_MOST (UINT64_C(1) << 22)
#define FUNCTIONS_FIRST 256u
#define PIECE 1024u /* symbols read at once */

/* ---- the file -------------------------------------------------------------------------------- */

static bool
take(ms_elfsymbols *symbols, const Elf64_Sym *symbol, uint32_t table)
{
    unsigned char type = ELF64_ST_TYPE(symbol->st_info);
    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF || symbol->st_size == 0 ||
        symbol->st_size > UINT32_MAX || symbol->st_value > UINT32_MAX || symbol->st_name == 0)
        return true;
    if (!MS_ARRAY_HOLDS(symbols->functions, symbols->capacity, symbols->count + UINT64_C(1), FUNCTIONS_FIRST))
        return false;
    symbols->functions[symbols->count++] = (ms_function){
        .start = (uint32_t)symbol->st_value,
        .size = (uint32_t)symbol->st_size,
        .name = symbol->st_name,
        .table = table,
    };
    return true;
}

static void
read_table(ms_elfsymbols *symbols, int file, const Elf64_Ehdr *header, const Elf64_Shdr *section, uint32_t table)
{
    Elf64_Shdr names;
    Elf64_Sym piece[PIECE];
    uint64_t count = section->sh_size / sizeof(Elf64_Sym);
    if (symbols->names[table].bytes != 0 || section->sh_entsize != sizeof(Elf64_Sym) || count > SYMBOLS_MOST ||
        section->sh_offset > INT64_MAX / 2 || !ms_elf_section(file, header, section->sh_link, &names))
        return;
    symbols->names[table] = (ms_elf_names){.offset = names.sh_offset, .bytes = names.sh_size};
    for (uint64_t done = 0; done < count; done += PIECE) {
        uint64_t now = count - done < PIECE ? count - done : PIECE;
        if (!ms_elf_read(file, piece, now * sizeof *piece, section->sh_offset + done * sizeof *piece))
            return;
        for (uint64_t i = 0; i < now; i++)
            if (!take(symbols, &piece[i], table))
                return;
    }
}

static int
by_start(const void *left, const void *right)
{
    const ms_function *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return a->name < b->name ? -1 : a->name > b->name;
}

static void
read_file(ms_elfsymbols *symbols, int file)
{
    Elf64_Ehdr header;
    Elf64_Shdr section;
    if (!ms_elf_header(file, &header))
        return;
    for (uint32_t number = 0; ms_elf_section(file, &header, number, &section); number++) {
        if (section.sh_type == SHT_DYNSYM)
            read_table(symbols, file, &header, &section, 0);
        else if (section.sh_type == SHT_SYMTAB)
            read_table(symbols, file, &header, &section, 1);
    }
    if (symbols->count != 0)
        qsort(symbols->functions, symbols->count, sizeof *symbols->functions, by_start);
}

void
ms_elfsymbols_open(ms_elfsymbols *symbols, const char *path)
{
    memset(symbols, 0, sizeof *symbols);
    int file = ms_elf_open(path);
    if (file < 0)
        return;
    symbols->file = ms_descriptor_of(file);
    read_file(symbols, file);
    close(file);
}

int
ms_elfsymbols_file(const ms_elfsymbols *symbols, const char *path)
{
    int file = ms_elf_open(path);
    ms_descriptor again = symbols->file;
    again.number = file;
    if (file >= 0 && !ms_descriptor_is_ours(&again)) {
        close(file);
        return -1;
    }
    return file;
}

void
ms_elfsymbols_close(ms_elfsymbols *symbols)
{
    ms_memory_give(symbols->functions);
    memset(symbols, 0, sizeof *symbols);
}

/* ---- one function ---------------------------------------------------------------------------- */

const ms_function *
ms_elfsymbols_find(const ms_elfsymbols *symbols, uint32_t address)
{
    const ms_function *functions = symbols->functions;
    uint32_t after;
    MS_ARRAY_SEARCH(after, symbols->count, functions[after].start <= address);
    if (after == 0)
        return NULL;
    uint32_t start = functions[after - 1].start, first = after;
    const ms_function *found = NULL;
    while (first > 0 && functions[first - 1].start == start) {
        first--;
        if (address - start < functions[first].size)
            found = &functions[first];
    }
    return found;
}

uint32_t
ms_elfsymbols_name(const ms_elfsymbols *symbols, int file, const ms_function *function, char name[MS_SYMBOL_NAME])
{
    const ms_elf_names *names = &symbols->names[function->table];
    if (function->name >= names->bytes || names->offset > INT64_MAX / 2)
        return 0;
    uint64_t left = names->bytes - function->name;
    size_t bytes = left < MS_SYMBOL_NAME ? (size_t)left : MS_SYMBOL_NAME;
    if (!ms_elf_read(file, name, bytes, names->offset + function->name))
        return 0;
    const char *end = memchr(name, '\0', bytes);
    return end == NULL ? 0 : (uint32_t)(end - name);
}
