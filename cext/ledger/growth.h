/* growth.h: copy chains: a larger block takes a block's place, again and again, at one line.
 *
 *   self.s += x     block 1 ──► block 2 ──► block 3 ──► …       each link: the larger one is allocated, the old one
 *                   600 B       700 B       800 B               is copied into it, and freed before 1 KiB more comes
 *
 * The events are what a copy looks like from outside; a loop that makes ever larger blocks and drops each at once looks
 * the same. Eight links that all grow are hardly chance, and fewer are not counted. One chain at a time is followed for
 * each stack: many blocks that grow in turns at one line are not seen.
 *
 * Only blocks that are large enough to matter come here, so it costs nothing where none do. Used by the ledger alone.
 */
#ifndef MS_GROWTH_H
#define MS_GROWTH_H

#include "shared/platform.h"

#define MS_GROWTH_LEAST_BYTES 513u
#define MS_GROWTH_LINKS 8u /* of a chain that counts, at least */

/* What one stack grows; stack: its line node. */
typedef struct ms_growing {
    uint32_t stack;
    /* The chain that is being followed. */
    uint32_t misses; /* blocks of other chains since its last link */
    uint64_t links, steep_links, copied_bytes;
    uint64_t head_address, head_bytes; /* what it has grown to; address 0: there is no chain */
    /* The stack's last block that is large enough; address 0: it is gone. */
    uint64_t last_address, last_bytes, last_clock;

    uint64_t chains;
    uint64_t all_links, all_steep_links; /* steep: by a sixteenth or more */
    uint64_t all_copied_bytes;
    uint64_t longest_chain, largest_bytes;
} ms_growing;

typedef struct ms_growth {
    ms_growing *growing; /* from 1 */
    uint32_t count, capacity;
    uint32_t *of_stack; /* by line node; 0: nothing so large yet */
    uint32_t stacks;
    bool settled; /* and `growing` no longer in the places that of_stack names */
} ms_growth;

/* All 0, nothing grows. */
void ms_growth_close(ms_growth *growth);

/* Forgets all that grows. */
void ms_growth_restart(ms_growth *growth);
/* A block was allocated, not reallocated; clock: of lifetimes.h, after it. False: no memory to follow it. */
bool ms_growth_allocated(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes, uint64_t clock);
/* A block of this stack was freed. */
void ms_growth_freed(ms_growth *growth, uint32_t stack, uint64_t address, uint64_t size_bytes, uint64_t clock);
/* Stacks have new ids (renumber.h). What grows at stacks that are one now is counted as one. */
void ms_growth_renumber(ms_growth *growth, const uint32_t *to);
/* Counts the chains that are still being followed; afterwards all counters are whole. */
void ms_growth_settle(ms_growth *growth);
/* Once they are settled: moves what has chains to the front, in order; returns how many there are. */
uint32_t ms_growth_gather(ms_growth *growth);
uint64_t ms_growth_bytes(const ms_growth *growth);

#endif
