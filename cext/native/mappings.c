/* mappings.c: stands in front of mmap, munmap, mremap, brk and sbrk.
 *
 *   library of the program ──► mmap here ──► libc's ──► kernel
 *
 * libc's own calls do not come by: neither what its malloc maps, nor the stacks of threads. What is private and without
 * a file is told; of all others only that they go, since they may lie where such a one was.
 *
 * A range that is to go is told of before the call: the kernel may give its addresses to another thread before the call
 * returns. So a call that will fail must be known to: what the kernel refuses is passed on untold. Pages whose place
 * others take are told of after the call: nobody else is given their addresses in between, and if it fails they stay.
 */
#include "native/allocators.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native/attaching.h"
#include "native/telling.h"

/* Up to whole pages; 0: more than there are addresses. */
static size_t
whole_pages(size_t size)
{
    size_t rest = (size_t)getpagesize() - 1;
    return (size + rest) & ~rest;
}

/* Whether the kernel will take a range that begins here. */
static bool
is_range(const void *start, size_t size)
{
    size_t rest = (size_t)getpagesize() - 1;
    return ((uintptr_t)start & rest) == 0 && whole_pages(size) != 0 &&
           whole_pages(size) <= (UINTPTR_MAX >> 1) - (uintptr_t)start;
}

/* ---- mmap, munmap ---------------------------------------------------------------------------- */

static bool
replaces(int flags)
{
    return (flags & MAP_FIXED) != 0 && (flags & MAP_FIXED_NOREPLACE) == 0;
}

static bool
is_counted(int flags)
{
    return (flags & MAP_TYPE) == MAP_PRIVATE && (flags & MAP_ANONYMOUS) != 0;
}

static void *
map(void *start, size_t size, int protection, int flags, int file, off_t offset, ms_asker from)
{
    if (!ms_allocators_ready())
        return (void *)syscall(SYS_mmap, start, size, protection, flags, file, offset);
    const ms_native_listener *listener = ms_telling_enter();
    if (listener == NULL)
        return ms_before.mmap(start, size, protection, flags, file, offset);
    void *range = ms_before.mmap(start, size, protection, flags, file, offset);
    int error = errno;
    if (range != MAP_FAILED && replaces(flags))
        listener->unmapped(range, whole_pages(size), from);
    if (range != MAP_FAILED && is_counted(flags))
        listener->mapped(range, whole_pages(size), from);
    ms_telling_leave();
    errno = error;
    return range;
}

EXPORT void *
mmap(void *start, size_t size, int protection, int flags, int file, off_t offset)
{
    return map(start, size, protection, flags, file, offset, CALLER);
}

/* In musl it is another word for mmap. */
#ifndef mmap64
EXPORT void *mmap64(void *start, size_t size, int protection, int flags, int file, off_t offset);

EXPORT void *
mmap64(void *start, size_t size, int protection, int flags, int file, off_t offset)
{
    return map(start, size, protection, flags, file, offset, CALLER);
}
#endif

EXPORT int
munmap(void *start, size_t size)
{
    if (!ms_allocators_ready())
        return (int)syscall(SYS_munmap, start, size);
    const ms_native_listener *listener = is_range(start, size) ? ms_telling_enter() : NULL;
    if (listener == NULL)
        return ms_before.munmap(start, size);
    int error = errno;
    listener->unmapped(start, whole_pages(size), CALLER);
    errno = error;
    int result = ms_before.munmap(start, size);
    ms_telling_leave();
    return result;
}

/* ---- mremap ---------------------------------------------------------------------------------- */

/* What a call asks for; target: with MREMAP_FIXED. */
typedef struct remapping {
    void *start;
    size_t from_size, to_size;
    int flags;
    void *target;
} remapping;

static void *
call(const remapping *at)
{
    return ms_before.mremap(at->start, at->from_size, at->to_size, at->flags, at->target);
}

/* What lay where a range is now has gone. */
static void
replace_target(const ms_native_listener *listener, const remapping *at, const void *range, ms_asker from)
{
    if (range != MAP_FAILED && (at->flags & MREMAP_FIXED) != 0)
        listener->unmapped(range, whole_pages(at->to_size), from);
}

/* The old range stays, without what was in it: it is as if only the new one were mapped. */
static void *
copy_range(const ms_native_listener *listener, const remapping *at, ms_asker from)
{
    void *range = call(at);
    int error = errno;
    replace_target(listener, at, range, from);
    if (range != MAP_FAILED)
        listener->mapped(range, whole_pages(at->to_size), from);
    errno = error;
    return range;
}

static void *
move_range(const ms_native_listener *listener, const remapping *at, ms_asker from)
{
    int error = errno;
    bool known = listener->remaps(at->start, whole_pages(at->from_size), from);
    errno = error;
    void *range = call(at);
    error = errno;
    replace_target(listener, at, range, from);
    if (known)
        listener->remapped(range == MAP_FAILED ? NULL : range, whole_pages(at->to_size), from);
    errno = error;
    return range;
}

static void *
remap(const remapping *at, ms_asker from)
{
    /* A range of 0 bytes is one that is shared: it is mapped once more. */
    bool told = is_range(at->start, at->from_size) && is_range(at->start, at->to_size);
    const ms_native_listener *listener = told ? ms_telling_enter() : NULL;
    if (listener == NULL)
        return call(at);
    bool stays = (at->flags & MREMAP_DONTUNMAP) != 0;
    void *range = stays ? copy_range(listener, at, from) : move_range(listener, at, from);
    ms_telling_leave();
    return range;
}

EXPORT void *
mremap(void *start, size_t from_size, size_t to_size, int flags, ...)
{
    remapping at = {.start = start, .from_size = from_size, .to_size = to_size, .flags = flags};
    if ((flags & MREMAP_FIXED) != 0) {
        va_list rest;
        va_start(rest, flags);
        at.target = va_arg(rest, void *);
        va_end(rest);
    }
    if (!ms_allocators_ready())
        return (void *)syscall(SYS_mremap, start, from_size, to_size, flags, at.target);
    return remap(&at, CALLER);
}

/* ---- brk, sbrk ------------------------------------------------------------------------------- */

/* libc's malloc moves the same end of the heap, by calls that do not come by: what it takes is not told. */

EXPORT int
brk(void *end)
{
    if (!ms_allocators_ready())
        return -1;
    const ms_native_listener *listener = ms_telling_enter();
    if (listener == NULL)
        return ms_before.brk(end);
    int error = errno;
    char *before = ms_before.sbrk(0);
    size_t less = (char *)end < before ? (size_t)(before - (char *)end) : 0;
    if (less != 0)
        listener->unmapped(end, less, CALLER);
    errno = error;
    int result = ms_before.brk(end);
    error = errno;
    if (result == 0 && (char *)end > before)
        listener->mapped(before, (size_t)((char *)end - before), CALLER);
    ms_telling_leave();
    errno = error;
    return result;
}

EXPORT void *
sbrk(intptr_t change)
{
    if (!ms_allocators_ready())
        return (void *)-1;
    const ms_native_listener *listener = change == 0 ? NULL : ms_telling_enter();
    if (listener == NULL)
        return ms_before.sbrk(change);
    int error = errno;
    if (change < 0)
        listener->unmapped((char *)ms_before.sbrk(0) + change, 0 - (size_t)change, CALLER);
    errno = error;
    void *before = ms_before.sbrk(change);
    error = errno;
    if (change > 0 && before != (void *)-1)
        listener->mapped(before, (size_t)change, CALLER);
    ms_telling_leave();
    errno = error;
    return before;
}

OURS(mmap)
OURS(munmap)
OURS(mremap)
OURS(brk)
OURS(sbrk)
#ifndef mmap64
OURS(mmap64)
#endif
