/* extent.h: a part of a shared file that is large and mostly a hole, mapped only as far as it is used.
 *
 *   file       |.... used ....|............. hole .............................|
 *   addresses  |.... mapped ......|· · · · · nobody's · · · · · · · · · · · · ·|
 *              base               mapped_bytes                         most_bytes
 *
 * It grows in place, by mremap of its last piece. That needs no descriptor, moves nothing that another thread may be
 * reading, and is no write to the file, so a limit of file sizes does not matter. There is room to grow because extents
 * lie where nobody maps anything: half-way down to address 0 from where the kernel puts libraries, in the middle of
 * dozens of terabytes.
 *
 * One without a file is private memory that is zeroed.
 *
 * The program's own limits hold for what it adds: growth may fail at any time (RLIMIT_AS, RLIMIT_MEMLOCK after
 * mlockall, seccomp). Then everything stays as it was.
 */
#ifndef MS_EXTENT_H
#define MS_EXTENT_H

#include "shared/platform.h"
#include "shared/status.h"

/* Extents begin and end at multiples of this in their file: no processor has larger pages. */
#define MS_EXTENT_UNIT ((uint64_t)64 << 10)
#define MS_EXTENT_STEP ((uint64_t)1 << 20) /* by which it grows */

typedef struct ms_extent {
    char *base; /* NULL: closed */
    uint64_t most_bytes;
    _Atomic uint64_t mapped_bytes;
    _Atomic bool growing; /* a thread is at it; others wait */
    uint32_t refusals;    /* asked for more in vain; whoever is growing */
} ms_extent;

static inline uint64_t
ms_extent_round_up(uint64_t bytes)
{
    return (bytes + MS_EXTENT_UNIT - 1) & ~(MS_EXTENT_UNIT - 1);
}

/* An address from which nobody's memory lies in 4 GiB, most likely; another one each time. NULL: none is known, as
 * under ThreadSanitizer, which has its own order of addresses. */
char *ms_extent_place(void);
/* Maps the beginning of a file's part that starts at offset; fd -1: of no file. place: where; NULL: anywhere, and
 * whether it can grow there is left to chance. first_bytes and most_bytes are multiples of the unit. MS_BUSY: something
 * else is there. */
ms_status ms_extent_open(ms_extent *extent, int fd, uint64_t offset, uint64_t first_bytes, uint64_t most_bytes,
                         char *place);
void ms_extent_close(ms_extent *extent);

/* Slow half of ms_extent_reach. */
bool ms_extent_grow(ms_extent *extent, uint64_t bytes);

/* Whether the first bytes may be read and written. By any thread. */
MS_INLINE bool
ms_extent_reach(ms_extent *extent, uint64_t bytes)
{
    /* pairs with the release in ms_extent_grow */
    return MS_LIKELY(bytes <= atomic_load_explicit(&extent->mapped_bytes, memory_order_acquire)) ||
           ms_extent_grow(extent, bytes);
}

#endif
