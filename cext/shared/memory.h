/* memory.h: where the recorder's own structures get their memory.
 *
 * Straight from the kernel, which is not hooked: nothing the recorder needs shows up among what it records.
 * Tests make the n-th request fail to see that each structure keeps its promises.
 */
#ifndef MS_MEMORY_H
#define MS_MEMORY_H

#include "shared/platform.h"

/* Zeroed memory that starts at a cache line, or NULL. It comes as untouched pages, so its cost is what is used. */
void *ms_memory_get(size_t size_bytes);
/* The same, where the first huge_bytes lie in huge pages, if the kernel has such to give. Not to be grown. */
void *ms_memory_get_huge(size_t size_bytes, size_t huge_bytes);
/* Grows a block to new_bytes, the new part zeroed; on NULL the old block is still valid. */
void *ms_memory_grow(void *block, size_t old_bytes, size_t new_bytes);
void ms_memory_give(void *block);

/* Gives back to the kernel what the C library keeps of this process's own memory, where it can be told to. */
void ms_memory_give_back(void);

/* How much of all blocks is in physical memory: most are asked for long before they are used. 10 us for each
 * MiB that is. */
uint64_t ms_memory_resident_bytes(void);

/* Tests only: the n-th request from now fails, and all after it (0: none fails). */
void ms_memory_fail_from(long n);
/* The same, or once: and no other. Whether a request has failed since it was last called. */
bool ms_memory_fail(long n, bool once);

#endif
