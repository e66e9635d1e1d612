/* residency.h: whose the resident pages of private memory are.
 *
 *   a range of smaps     ├── arena ──┤ block ┤├── block, half of it touched ──┤    the rest: nobody knows yet
 *   /proc/PID/pagemap    ████████░░░░████████████████████░░░░░░░░░░░░░░░░░░░░██████
 *   heads of pools          ▲   ▲   ▲                                                how many blocks are in use
 *
 * A page that several share counts for each by its bytes on it. A block of less than 16 KiB is taken to be resident: it
 * was touched when it was made. Pages that were only read, and never written, are the kernel's one page of zeros: they
 * are in the page map and not in what smaps counts. Where the two differ, only pages that are this process's alone
 * count.
 *
 * The page map of a GiB takes 20 ms; a range of which all is resident is not looked up. The heads of an arena's pools
 * take 50 us. So those of all older arenas are read, and of some 128 of the others, evenly spread; what is in the rest
 * is estimated from these. Used by the drain alone.
 */
#ifndef MS_RESIDENCY_H
#define MS_RESIDENCY_H

#include "drain/heap.h"
#include "ledger/view.h"

typedef enum ms_mapping_kind {
    MS_MAP_HEAP,      /* the C library's, grown by brk() */
    MS_MAP_ANONYMOUS, /* pymalloc's arenas, large blocks of malloc(), what libraries mapped */
    MS_MAP_STACK,     /* of threads */
    MS_MAP_FILE,      /* code and data of libraries, and other files */
    MS_MAP_SHARED,    /* shared memory */
    MS_MAP_MEMSCOPE,  /* the segment */
} ms_mapping_kind;

/* What lies in pymalloc's arenas. `bytes` is all of them, the other sizes are of resident memory; those of blocks,
 * headers, free blocks and free pools sum up to resident_bytes. */
typedef struct ms_arena_pages {
    uint64_t count, bytes, resident_bytes;
    uint64_t used_pools;
    uint64_t blocks_bytes;      /* in use, by pymalloc's count, rounded up as it does */
    uint64_t headers_bytes;     /* of pools in use */
    uint64_t free_blocks_bytes; /* other bytes of pools in use */
    uint64_t free_pools_bytes;  /* other pools, and the ends of arenas */
    uint64_t read;              /* arenas of which the heads of pools were read; what the others hold is estimated */
    uint64_t older_bytes;       /* of blocks_bytes, those in arenas from before the recording: always counted */
    bool counted;               /* the heads of pools could be read; else all is among the free pools */
} ms_arena_pages;

typedef struct ms_range {
    uint64_t start, end, resident_bytes;
    uint64_t arena_bytes;                       /* resident */
    uint64_t blocks, block_bytes, around_bytes; /* live blocks; their resident bytes; what malloc adds to them */
    uint64_t untouched_bytes;                   /* bytes of these blocks that are not resident */
    uint8_t kind;                               /* ms_mapping_kind */
    uint16_t group;                             /* of the look */
    bool of_thread;                             /* the C library's heap for a thread */
} ms_range;

/* Of a row's live blocks, what is not resident. */
typedef struct ms_untouched {
    uint32_t row;
    uint64_t bytes;
} ms_untouched;

typedef struct ms_residency {
    ms_arena_pages arenas;
    ms_range *ranges;
    uint32_t range_count, range_capacity;
    ms_untouched *untouched; /* a row comes once */
    uint32_t untouched_count, untouched_capacity;
} ms_residency;

/* Fills in all but what the ranges had before: bounds, kind, and resident bytes. ledger: NULL: no blocks are known. */
void ms_residency_measure(ms_residency *residency, int pid, ms_ledger *ledger, const ms_heap *heap);
/* Keeps so many ranges, those of which most is not known; all others of a kind become one, without bounds. */
void ms_residency_shorten(ms_residency *residency, uint32_t most);
/* Copies all of it. False: no memory; nothing is in it then. */
bool ms_residency_copy(ms_residency *to, const ms_residency *from);
/* Rows that are named do not spill (spilling.h). */
void ms_residency_keep(const ms_residency *residency, uint32_t *row_to);
/* Rows have new ids (renumber.h). */
void ms_residency_renumber(ms_residency *residency, const uint32_t *row_to);
void ms_residency_close(ms_residency *residency);

/* Counts of two moments: the part may be more. */
static inline uint64_t
ms_bytes_without(uint64_t bytes, uint64_t part_bytes)
{
    return bytes > part_bytes ? bytes - part_bytes : 0;
}

/* Resident bytes that are neither an arena's nor a live block's. */
static inline uint64_t
ms_range_rest(const ms_range *range)
{
    return ms_bytes_without(range->resident_bytes, range->arena_bytes + range->block_bytes + range->around_bytes);
}

#endif
