/* view.h: what others read of a ledger, and the little that they tell it.
 *
 *   rows      by id, from 1; those that the open window touched
 *   levels    live bytes now, of all and of a domain; the most since the last timeline sample
 *   blocks    the small ones that begin in a range of addresses
 *   health    what could not be matched, what is missing
 */
#ifndef MS_VIEW_H
#define MS_VIEW_H

#include "ledger/growth.h"
#include "ledger/ledger.h"
#include "ledger/linetree.h"
#include "ledger/regions.h"

/* ---- rows ---- */
/* All rows, by id. Valid until the next event: arrays, because a function called for each number of each row would take
 * 2.5 % of what a short recording costs. */
typedef struct ms_rows {
    const ms_row *row;
    const ms_row_rest *rest;
    ms_row_extras extras;    /* by the row's rest */
    const ms_row_told *told; /* the same; at 0 all is 0; of the rows that the open window touched */
    uint32_t count;          /* ids are 1 to count */
} ms_rows;

ms_rows ms_ledger_rows(const ms_ledger *ledger);
/* The ids of the rows that the open window touched, in rising order; valid until the next event. */
const uint32_t *ms_ledger_touched(ms_ledger *ledger, uint32_t *count);

/* ---- levels ---- */
uint64_t ms_ledger_live_bytes(const ms_ledger *ledger);
uint64_t ms_ledger_domain_live_bytes(const ms_ledger *ledger, ms_domain domain);
/* The most live bytes since this was last called. */
uint64_t ms_ledger_take_most_bytes(ms_ledger *ledger);
uint64_t ms_ledger_peak_time_ns(const ms_ledger *ledger);

/* ---- stacks, growth, time ---- */
const ms_linetree *ms_ledger_lines(const ms_ledger *ledger);
/* The line node of a node of the segment; 0 of 0, and without memory. */
uint32_t ms_ledger_line_node(ms_ledger *ledger, uint32_t node);
/* Ends all copy chains; what grew in those that count, by its first large block. Nothing can be followed afterwards. */
const ms_growing *ms_ledger_grown(ms_ledger *ledger, uint32_t *count);
/* Granules allocated so far. */
uint64_t ms_ledger_clock(const ms_ledger *ledger);

/* ---- blocks ---- */
/* Is shown a live block of at most 512 bytes. */
typedef void (*ms_ledger_see_small)(void *context, uint32_t row, uint8_t size_class);
void ms_ledger_each_small(ms_ledger *ledger, uint64_t from, uint64_t to, ms_ledger_see_small see, void *context);
/* Is shown a live block of any size. */
typedef void (*ms_ledger_see_block)(void *context, uint32_t row, uint64_t address, uint64_t size_bytes);
void ms_ledger_each_block(ms_ledger *ledger, uint64_t from, uint64_t to, ms_ledger_see_block see, void *context);
/* The first MiB with blocks at or after an address, a multiple of it; UINT64_MAX: there is none. */
uint64_t ms_ledger_next_blocks(const ms_ledger *ledger, uint64_t from);
/* What libraries have mapped, by address. */
const ms_regions *ms_ledger_regions(const ms_ledger *ledger);
/* The row of the live block that begins at an address; 0: none is known there. */
uint32_t ms_ledger_row_at(ms_ledger *ledger, uint64_t address);
/* The same, with its size. */
uint32_t ms_ledger_block_at(ms_ledger *ledger, uint64_t address, uint64_t *size_bytes);
/* Many blocks will lie in a range of addresses. */
void ms_ledger_expect_blocks(ms_ledger *ledger, uint64_t from, uint64_t to);
/* Forgets whatever block lies at an address, or all blocks, before ms_ledger_restart. */
void ms_ledger_wipe_block(ms_ledger *ledger, uint64_t address);
void ms_ledger_wipe_blocks(ms_ledger *ledger);

/* ---- health ---- */
typedef struct ms_unmatched {
    uint64_t frees, reallocations; /* of blocks that were not known */
    uint64_t replaced_blocks;      /* whose free went unseen */
    uint64_t adopted_blocks;       /* from before the recording, in which an object was made in it */
} ms_unmatched;

ms_unmatched ms_ledger_unmatched(const ms_ledger *ledger);
/* Memory ran out: events are missing. */
bool ms_ledger_out_of_memory(const ms_ledger *ledger);
/* A stack was not what the program writes. */
bool ms_ledger_is_damaged(const ms_ledger *ledger);
/* Whether the program is gone: stacks that it had begun to write stay as they are, and are not waited for. */
void ms_ledger_set_program_gone(ms_ledger *ledger, bool gone);

#endif
