/* survey.h: what lies where in pymalloc's arenas at one moment.
 *
 *   arenas (heap.h)  ×  live blocks by address (blockmap.h)  ──►  arena, pool, row: how many blocks
 *
 * At the end of a recording pymalloc's own count of a pool's blocks is known as well; what it holds beyond the recorded
 * ones goes under row 0. A survey takes 25 to 75 us for each arena, so it is made at few moments: the end, and when
 * live memory in arenas has fallen far below its peak.
 */
#ifndef MS_SURVEY_H
#define MS_SURVEY_H

#include "capture/writer.h"
#include "drain/heap.h"

typedef struct ms_holding {
    uint32_t arena; /* index */
    uint32_t blocks;
    uint32_t row; /* 0: not recorded */
    uint16_t pool;
    uint16_t size_class;
} ms_holding;

typedef struct ms_survey {
    uint64_t time_ns, live_bytes, resident_bytes;
    ms_arena *arenas;
    uint32_t arena_count;
    ms_holding *holdings; /* by arena and pool */
    uint32_t holding_count, holding_capacity;
    bool counted; /* pymalloc's own counts are in it */
    bool out_of_memory;
} ms_survey;

typedef enum ms_moment { MS_AT_END = 0, MS_AT_LOW = 1 } ms_moment;

/* Takes a survey in place of an earlier one, whose memory it uses again; a survey that is all 0 is empty. Pools that
 * were told of must be sorted. */
void ms_survey_take(ms_survey *survey, ms_ledger *ledger, const ms_heap *heap);
/* Rows have new ids (renumber.h). */
void ms_survey_renumber(ms_survey *survey, const uint32_t *row_to);
/* Rows that it names must have been written. */
void ms_survey_write(const ms_survey *survey, ms_writer *writer, ms_moment moment);
/* Rows that it names do not spill (spilling.h). */
void ms_survey_keep(const ms_survey *survey, uint32_t *row_to);
void ms_survey_close(ms_survey *survey);

#endif
