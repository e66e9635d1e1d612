/* looksums.h: what is kept of every look: sums, from which reports work out the parts of resident memory over time.
 *
 *   look     ranges, groups, rows: kept of two looks, by name        ──►  memscope rss
 *     └────► 22 numbers, kept of each                                ──►  the chart over time
 *
 * Whose the live blocks were, the windows tell, one of which ends at each look. Used by the drain alone.
 */
#ifndef MS_LOOKSUMS_H
#define MS_LOOKSUMS_H

#include "capture/column.h"
#include "drain/residency.h"

/* Resident bytes of one look, by where they lie. */
typedef struct ms_look_sums {
    uint64_t time_ns, final;                           /* final: 1 or 0 */
    uint64_t libraries, files, shared, stacks, own;    /* own: the segment */
    uint64_t own_tables;                               /* memscope's, of the rest of private memory */
    uint64_t arenas, arena_blocks, older_blocks, room; /* room: of the arenas, what blocks may take */
    uint64_t outside;                                  /* private memory without arenas */
    uint64_t blocks, around;                           /* live blocks there, and what malloc adds to them */
    uint64_t heap_blocks, heap_rest;                   /* of the C library's heaps; blocks with what malloc adds */
    uint64_t small_rest, large_rest;                   /* of mappings, of less than 1 MiB and of more */
    uint64_t untouched_python, untouched_native, untouched_mapped; /* of live blocks, by domain */
} ms_look_sums;

typedef struct ms_looksums {
    ms_look_sums *items; /* in order of time */
    uint32_t count, capacity;
} ms_looksums;

/* Adds what private memory has; the caller sets the rest, which is 0. To be called at once: the ledger's rows must be
 * those of the look. ledger: NULL: no blocks are known. NULL: no memory. */
ms_look_sums *ms_looksums_add(ms_looksums *sums, const ms_residency *residency, const ms_ledger *ledger);
/* Appends the entries of a JSON object: of each number those of all looks. */
void ms_looksums_describe(const ms_looksums *sums, ms_buffer *json);
void ms_looksums_close(ms_looksums *sums);

#endif
