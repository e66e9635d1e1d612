/* memoryfile.h: files without a name, that two processes share. */
#ifndef MS_MEMORYFILE_H
#define MS_MEMORYFILE_H

#include "shared/platform.h"

/* A new memory file, never in the place of a standard stream that is closed: the program would take it
 * for one. -1: errno says why. */
int ms_memoryfile_make(void);
/* Gives a file its size. Beyond the limit of file sizes the kernel would send SIGXFSZ, which may end the program; so a
 * soft limit is lifted for the moment, and what is beyond a hard one is not tried. */
bool ms_memoryfile_resize(int file, uint64_t bytes);
/* Writes what a file begins with through a mapping: that is no write, which a limit of file sizes may forbid. */
bool ms_memoryfile_begin(int file, const void *data, size_t bytes);
/* Closes a file that was made in vain, and leaves the reason in errno. */
void ms_memoryfile_drop(int file);

#endif
