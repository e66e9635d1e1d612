/* valuelook.h: what objects are worth near the peak: how many of a row's are equal, and how much of their room they
 * use.
 *
 *   live bytes   ──► a quarter more than at any look before, or as much for twice the time
 *   drain        ──► goes through small blocks, and chooses some by chance
 *   program      ──► comes by at a safe moment, and tells what lies in these (shared/inquiry.h)
 *   answers      ──► by row and type: asked, distinct, seen once, seen twice; room held, room needed
 *
 * At most MS_VALUELOOK_MOST blocks of the rows with many are asked about. A row with few may be of large containers,
 * which a sample of all would miss: of those at most MS_VALUELOOK_FEW are, of a container's size. So a look takes the
 * program a few milliseconds, whatever its heap. A hundredth of the run's time goes to looks. The last one stays. Used
 * by the drain alone.
 */
#ifndef MS_VALUELOOK_H
#define MS_VALUELOOK_H

#include "capture/writer.h"
#include "drain/asking.h"

#define MS_VALUELOOK_MOST 8192u
#define MS_VALUELOOK_FEW 2048u
#define MS_VALUELOOK_WAIT_NS UINT64_C(500000) /* for which the program waits before the drain comes by */

/* Of the objects of a type in a row, as far as they were asked about. */
typedef struct ms_valued {
    uint32_t row, type;
    uint64_t blocks; /* of the row, live */
    uint32_t asked;
    uint32_t distinct, once, twice; /* contents; those that came once, those that came twice. All 0: not looked at */
    uint32_t texts;                 /* lists of characters */
    uint64_t held_bytes, needed_bytes;
} ms_valued;

typedef struct ms_valuelook {
    ms_ledger *ledger;
    ms_asking asking;
    bool is_on;
    uint64_t most_bytes; /* live at a look */
    uint64_t began_ns;   /* the last one, since the recording began */
    uint64_t pause_ns, last_pause_ns;
    uint64_t wished_ns; /* 0: there is no wish */
    /* While blocks are chosen: how many of each row of many, where the next are, every how many-th MiB. */
    uint32_t each, step;
    uint64_t next, least_blocks;
    uint64_t few_blocks; /* of a container's size in rows of few */
    ms_rows rows;        /* as of this poll */
    bool choosing;
    uint64_t *chosen;                 /* addresses */
    uint32_t chosen_count, few_count; /* all, and those of rows of few */
    /* The last look. */
    uint64_t time_ns, live_bytes;
    ms_valued *found;
    uint32_t found_count;
} ms_valuelook;

/* on: looks are taken at all. asking: how questions are put. */
void ms_valuelook_init(ms_valuelook *values, ms_ledger *ledger, const ms_asking *asking, bool on);
/* At each poll: goes on choosing, wishes, takes the wish back. time_ns since the recording began. */
void ms_valuelook_look(ms_valuelook *values, uint64_t time_ns);
/* Whether the program is about to come by, or waits for these questions. */
bool ms_valuelook_expects(const ms_valuelook *values);
bool ms_valuelook_is_wanted(const ms_valuelook *values);
/* Asks, and lets the program go. All events that came before must have been taken. */
void ms_valuelook_ask(ms_valuelook *values, uint64_t time_ns);
/* Rows have new ids; rows that do not spill (survey.h). */
void ms_valuelook_renumber(ms_valuelook *values, const uint32_t *row_to);
void ms_valuelook_keep(const ms_valuelook *values, uint32_t *row_to);
/* Rows and types that it names must have been written. */
void ms_valuelook_write(const ms_valuelook *values, ms_writer *writer);
void ms_valuelook_close(ms_valuelook *values);

#endif
