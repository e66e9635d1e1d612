/* elffile.h: reading a library's file, section by section.
 *
 * The file is named by the recorded program and may be anything, so it is read with bounds and never mapped.
 */
#ifndef MS_ELFFILE_H
#define MS_ELFFILE_H

#include "shared/platform.h"

#include <elf.h>

/* A regular file, by its absolute path. -1: it is none, or cannot be read. The caller closes it. */
int ms_elf_open(const char *path);
/* Whether so many bytes stand there; they are copied. */
bool ms_elf_read(int file, void *to, size_t bytes, uint64_t offset);
/* Reads what the file begins with. False: it is no library for this machine. */
bool ms_elf_header(int file, Elf64_Ehdr *header);
/* Reads what the file says of a section. False: it has fewer. */
bool ms_elf_section(int file, const Elf64_Ehdr *header, uint32_t number, Elf64_Shdr *section);

#endif
