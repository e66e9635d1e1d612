/* allocators.h: the functions that stood there before ours, found once: libc's, or those of another preloaded library.
 *
 * To find them may itself request memory. Such requests are served from a small buffer, and never freed.
 */
#ifndef MS_ALLOCATORS_H
#define MS_ALLOCATORS_H

#include "shared/platform.h"

#include <pthread.h>
#include <sys/types.h>

typedef struct ms_allocators {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    int (*dlclose)(void *);
    int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    int (*munmap)(void *, size_t);
    void *(*mremap)(void *, size_t, size_t, int, ...);
    int (*brk)(void *);
    void *(*sbrk)(intptr_t);
} ms_allocators;

extern ms_allocators ms_before;
extern _Atomic bool ms_allocators_found;

/* False: this thread is about to find them, and asks for memory to do so. */
bool ms_allocators_find(void);

MS_INLINE bool
ms_allocators_ready(void)
{
    /* pairs with the release in ms_allocators_find */
    return MS_LIKELY(atomic_load_explicit(&ms_allocators_found, memory_order_acquire)) || ms_allocators_find();
}

/* In a process that runs already: they are those that the program calls, not those behind ours. Before they are found.
 */
void ms_allocators_are_global(void);
/* The function that calls by this name come to. An executable that is not position-independent has stubs whose
 * addresses stand for the functions': not those. */
void *ms_function_in_use(const char *name);

/* A block of the buffer, zeroed and aligned to 16 bytes; NULL: it is used up. */
void *ms_bootstrap_get(size_t size_bytes);
bool ms_bootstrap_owns(const void *block);
/* How many bytes from a block to the end of what is used: no block of the buffer is larger. */
size_t ms_bootstrap_behind(const void *block);

#endif
