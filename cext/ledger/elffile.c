#include "ledger/elffile.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTIONS_MOST 4096u

int
ms_elf_open(const char *path)
{
    int file = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    struct stat status;
    if (file >= 0 && (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(file);
        return -1;
    }
    return file;
}

bool
ms_elf_read(int file, void *to, size_t bytes, uint64_t offset)
{
    return offset <= INT64_MAX - bytes && pread(file, to, bytes, (off_t)offset) == (ssize_t)bytes;
}

bool
ms_elf_header(int file, Elf64_Ehdr *header)
{
    const uint16_t one = 1;
    bool little = *(const unsigned char *)&one == 1;
    return ms_elf_read(file, header, sizeof *header, 0) && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
           header->e_ident[EI_CLASS] == ELFCLASS64 &&
           header->e_ident[EI_DATA] == (little ? ELFDATA2LSB : ELFDATA2MSB) &&
           header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shnum <= SECTIONS_MOST;
}

bool
ms_elf_section(int file, const Elf64_Ehdr *header, uint32_t number, Elf64_Shdr *section)
{
    return number < header->e_shnum && header->e_shoff <= INT64_MAX / 2 &&
           ms_elf_read(file, section, sizeof *section, header->e_shoff + number * sizeof *section);
}
