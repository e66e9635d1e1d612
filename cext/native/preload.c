/* preload.c: stands in front of the malloc family, in a program that is started with LD_PRELOAD.
 *
 *   library of the program ──► malloc here ──► the malloc that stood there before (another preloaded one, or libc's)
 *                                 └─ told to the recorder, if there is one, and if this request is the outermost
 *
 * It knows nothing of Python. What is here runs in the midst of everything: before any constructor, in threads without
 * a Python state, in signal handlers, while libc starts a thread or ends one. So it holds no lock, and what it keeps of
 * a thread is in thread-local memory that is there from the thread's start.
 */
#include "native/allocators.h"

#include <string.h>

#include "native/attaching.h"
#include "native/telling.h"

EXPORT ms_nativelink ms_native_library = {
    .version = MS_NATIVELINK_VERSION, .thread_start = ms_thread_start, .attach = ms_attach};

_Thread_local ms_native_thread ms_telling_thread __attribute__((tls_model("initial-exec")));

/* A request for a block has been served, in the given words of it; the program's errno stays what it is. */
static void *
tell_allocated(const ms_native_listener *listener, void *block, size_t size_bytes, ms_asker from)
{
    int error = errno;
    if (block != NULL)
        listener->allocated(block, size_bytes, from);
    ms_telling_leave();
    errno = error;
    return block;
}

/* ---- the malloc family ----------------------------------------------------------------------- */

EXPORT void *
malloc(size_t size)
{
    if (!ms_allocators_ready())
        return ms_bootstrap_get(size);
    const ms_native_listener *listener = ms_telling_enter();
    if (MS_LIKELY(listener == NULL))
        return ms_before.malloc(size);
    return tell_allocated(listener, ms_before.malloc(size), size, CALLER);
}

EXPORT void *
calloc(size_t count, size_t size)
{
    size_t whole;
    if (!ms_allocators_ready())
        return __builtin_mul_overflow(count, size, &whole) ? NULL : ms_bootstrap_get(whole);
    const ms_native_listener *listener = ms_telling_enter();
    if (MS_LIKELY(listener == NULL))
        return ms_before.calloc(count, size);
    return tell_allocated(listener, ms_before.calloc(count, size), count * size, CALLER);
}

static void
release(void *block, ms_asker from)
{
    if (block == NULL || ms_bootstrap_owns(block) || !ms_allocators_ready())
        return;
    const ms_native_listener *listener = ms_telling_enter();
    if (MS_LIKELY(listener == NULL)) {
        ms_before.free(block);
        return;
    }
    int error = errno;
    listener->freed(block, from);
    errno = error;
    ms_before.free(block);
    ms_telling_leave();
}

EXPORT void
free(void *block)
{
    release(block, CALLER);
}

EXPORT void free_sized(void *block, size_t size);
EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size);

EXPORT void
free_sized(void *block, size_t size)
{
    (void)size;
    release(block, CALLER);
}

EXPORT void
free_aligned_sized(void *block, size_t alignment, size_t size)
{
    (void)alignment, (void)size;
    release(block, CALLER);
}

/* A block of the bootstrap buffer moves to the allocator. */
static void *
move_out(const void *block, size_t size)
{
    void *moved = malloc(size);
    size_t behind = ms_bootstrap_behind(block);
    if (moved != NULL)
        memcpy(moved, block, size < behind ? size : behind);
    return moved;
}

static void *
resize(void *block, size_t size, ms_asker from)
{
    if (!ms_allocators_ready() || (block != NULL && ms_bootstrap_owns(block)))
        return block == NULL ? ms_bootstrap_get(size) : move_out(block, size);
    const ms_native_listener *listener = ms_telling_enter();
    if (MS_LIKELY(listener == NULL))
        return ms_before.realloc(block, size);
    int error = errno;
    bool frees = block != NULL && size == 0;
    if (frees)
        listener->freed(block, from);
    bool known = block != NULL && !frees && listener->moves(block, from);
    errno = error;
    void *moved = ms_before.realloc(block, size);
    error = errno;
    if (known)
        listener->moved(moved, size, from);
    else if (moved != NULL)
        listener->allocated(moved, size, from);
    ms_telling_leave();
    errno = error;
    return moved;
}

EXPORT void *
realloc(void *block, size_t size)
{
    return resize(block, size, CALLER);
}

EXPORT void *
reallocarray(void *block, size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, whole, CALLER);
}

EXPORT int
posix_memalign(void **block, size_t alignment, size_t size)
{
    if (!ms_allocators_ready())
        return ENOMEM;
    const ms_native_listener *listener = ms_telling_enter();
    int result = ms_before.posix_memalign(block, alignment, size);
    if (MS_UNLIKELY(listener != NULL))
        (void)tell_allocated(listener, result == 0 ? *block : NULL, size, CALLER);
    return result;
}

/* Defines a function that returns a block. */
#define ALIGNED(name, parameters, arguments)                                             \
    EXPORT void *name parameters                                                         \
    {                                                                                    \
        if (!ms_allocators_ready() || ms_before.name == NULL) {                          \
            errno = ENOMEM;                                                              \
            return NULL;                                                                 \
        }                                                                                \
        const ms_native_listener *listener = ms_telling_enter();                         \
        void *block = ms_before.name arguments;                                          \
        return listener == NULL ? block : tell_allocated(listener, block, size, CALLER); \
    }

EXPORT void *memalign(size_t alignment, size_t size);
EXPORT void *pvalloc(size_t size);
EXPORT void *valloc(size_t size);

ALIGNED(aligned_alloc, (size_t alignment, size_t size), (alignment, size))
ALIGNED(memalign, (size_t alignment, size_t size), (alignment, size))
ALIGNED(valloc, (size_t size), (size))
ALIGNED(pvalloc, (size_t size), (size))

/* ---- libraries ------------------------------------------------------------------------------- */

EXPORT int dlclose(void *handle);

EXPORT int
dlclose(void *handle)
{
    if (!ms_allocators_ready())
        return -1;
    int result = ms_before.dlclose(handle);
    const ms_native_listener *listener = atomic_load_explicit(&ms_native_library.listener, memory_order_acquire);
    if (listener != NULL)
        listener->unloaded();
    return result;
}

OURS(malloc)
OURS(calloc)
OURS(realloc)
OURS(reallocarray)
OURS(free)
OURS(free_sized)
OURS(free_aligned_sized)
OURS(posix_memalign)
OURS(aligned_alloc)
OURS(memalign)
OURS(valloc)
OURS(pvalloc)
OURS(dlclose)
