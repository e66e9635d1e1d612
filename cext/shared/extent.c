#include "shared/extent.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* After growth was refused, so many further requests are refused without asking the kernel: each would cost the
 * program a system call for every new stack. */
#define REFUSALS 256u
#define SPAN_BITS 32 /* 4 GiB */

char *
ms_extent_place(void)
{
    static _Atomic uint32_t asked;
    uint32_t turn = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);
    /* Where this library lies, the kernel puts other mappings as well. With addresses of 47 bits there are some 16,000
     * spans below the middle, with 39 bits 63: from the middle down to its half they are used in turn. */
    uintptr_t middle = (uintptr_t)&asked >> 1 >> SPAN_BITS;
    uintptr_t spans = middle / 2;
    return MS_UNDER_TSAN || spans == 0 ? NULL : (char *)((middle - turn % spans) << SPAN_BITS);
}

ms_status
ms_extent_open(ms_extent *extent, int fd, uint64_t offset, uint64_t first_bytes, uint64_t most_bytes, char *place)
{
    memset(extent, 0, sizeof *extent);
    int kind = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    int fixed = place == NULL ? 0 : MAP_FIXED_NOREPLACE;
    void *base = mmap(place, first_bytes, PROT_READ | PROT_WRITE, kind | MAP_NORESERVE | fixed, fd, (off_t)offset);
    if (base == MAP_FAILED)
        return errno == EEXIST ? MS_BUSY : MS_IO;
    if (place != NULL && base != place) { /* a kernel of before 4.17, or none, takes the place for a wish */
        munmap(base, first_bytes);
        return MS_BUSY;
    }
    /* What is never in the program's core file without us need not be there with us. */
    (void)madvise(base, first_bytes, MADV_DONTDUMP);
    extent->base = base;
    extent->most_bytes = most_bytes;
    atomic_store(&extent->mapped_bytes, first_bytes);
    return MS_OK;
}

void
ms_extent_close(ms_extent *extent)
{
    if (extent->base != NULL)
        munmap(extent->base, atomic_load(&extent->mapped_bytes));
    memset(extent, 0, sizeof *extent);
}

/* Makes the mapping longer by its last piece; it stays where it is. */
static bool
stretch(char *base, uint64_t from_bytes, uint64_t to_bytes)
{
    char *last = base + from_bytes - MS_EXTENT_UNIT;
    return mremap(last, MS_EXTENT_UNIT, MS_EXTENT_UNIT + (to_bytes - from_bytes), 0) != MAP_FAILED;
}

/* The same, also where the program has locked all its memory and may lock no more: ours need not be. */
static bool
stretch_unlocked(char *base, uint64_t from_bytes, uint64_t to_bytes)
{
    if (stretch(base, from_bytes, to_bytes))
        return true;
    return errno == EAGAIN && munlock(base, from_bytes) == 0 && stretch(base, from_bytes, to_bytes);
}

/* How far to map for so many bytes. */
static uint64_t
step_up(const ms_extent *extent, uint64_t bytes)
{
    uint64_t stepped = (bytes + MS_EXTENT_STEP - 1) & ~(MS_EXTENT_STEP - 1);
    return stepped < extent->most_bytes ? stepped : extent->most_bytes;
}

MS_COLD bool
ms_extent_grow(ms_extent *extent, uint64_t bytes)
{
    if (bytes > extent->most_bytes)
        return false;
    /* pairs with the release below; threads without the GIL may come here at once */
    while (atomic_exchange_explicit(&extent->growing, true, memory_order_acquire))
        ms_sleep_ns(1000);
    uint64_t mapped = atomic_load_explicit(&extent->mapped_bytes, memory_order_relaxed);
    bool reached = bytes <= mapped;
    if (!reached && extent->refusals % REFUSALS == 0) {
        int error = errno;
        uint64_t wanted = step_up(extent, bytes), least = ms_extent_round_up(bytes);
        uint64_t grown = stretch_unlocked(extent->base, mapped, wanted)  ? wanted
                         : stretch_unlocked(extent->base, mapped, least) ? least
                                                                         : mapped;
        errno = error; /* the program's, which is within an allocation */
        reached = grown > mapped;
        /* pairs with the acquire in ms_extent_reach */
        atomic_store_explicit(&extent->mapped_bytes, grown, memory_order_release);
    }
    extent->refusals = reached ? 0 : extent->refusals + 1;
    atomic_store_explicit(&extent->growing, false, memory_order_release);
    return reached;
}
