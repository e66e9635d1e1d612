/* nativelink.h: how the recorder in a program and the preloaded library (native/) know each other.
 *
 *   malloc, mmap … ──► library ──► listener, of the recorder          only while there is one
 *                         └──────► the allocator that stood there before
 *
 * The recorder finds the library by its one exported object. Versions differ if two installations of memscope meet.
 */
#ifndef MS_NATIVELINK_H
#define MS_NATIVELINK_H

#include "shared/platform.h"

#define MS_NATIVELINK_VERSION 5u
#define MS_NATIVELINK_SYMBOL "ms_native_library"

/* A thread, in memory of its own that the library finds without a call: it is loaded with the program, or makes room
 * for it while it is attached. */
typedef struct ms_native_thread {
    bool inside; /* a request: what else it requests until that is done is part of it */
    void *known; /* what the listener knows of it; NULL: nothing yet */
} ms_native_thread;

/* Who makes a request: the address that the call returns to, the stack pointer there, and the thread. */
typedef struct ms_asker {
    const void *caller, *stack;
    ms_native_thread *thread;
} ms_asker;

/* Called by any thread that makes a request, for outermost requests alone: what the listener itself requests, it does
 * not hear of. What begins is told when it has begun, what ends before it ends. */
typedef struct ms_native_listener {
    void (*allocated)(const void *block, size_t size_bytes, ms_asker from);
    void (*freed)(const void *block, ms_asker from);
    /* A block is to be reallocated. False: it is not told of, and nor is what follows. */
    bool (*moves)(const void *block, ms_asker from);
    /* Its new place. NULL: it stays where it was. */
    void (*moved)(const void *block, size_t size_bytes, ms_asker from);
    /* Pages were mapped; a range of pages is to be unmapped, whoever mapped it. */
    void (*mapped)(const void *range, size_t size_bytes, ms_asker from);
    void (*unmapped)(const void *range, size_t size_bytes, ms_asker from);
    /* A range is to be remapped. False: it is not told of, and nor is what follows. */
    bool (*remaps)(const void *range, size_t size_bytes, ms_asker from);
    /* Its new place. NULL: it stays as it was. */
    void (*remapped)(const void *range, size_t size_bytes, ms_asker from);
    void (*unloaded)(void); /* a library may have gone, and another may come to its addresses */
} ms_native_listener;

typedef struct ms_nativelink {
    uint32_t version;
    _Atomic(const ms_native_listener *) listener; /* NULL: everything is passed on */
    const void *_Atomic allocator;                /* the malloc behind the library; NULL: not yet found */
    const void *(*thread_start)(void); /* the function that the calling thread was started with; NULL: not known */
    /* Where it was not preloaded: gets in front of all that is loaded, and of what will be, but of the recorder, which
     * has this address. False: it cannot. */
    bool (*attach)(const void *recorder);
} ms_nativelink;

#endif
