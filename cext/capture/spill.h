/* spill.h: rows that have left the ledger, in a file without a name beside the capture, until TOTALS is written.
 *
 *   spilled once   row 3  row 7  row 8  row 12                 each a stretch of the file, by rising ids of the capture
 *   and again      row 5  row 13  row 20
 *   at the end     3 5 7 8 12 13 20                            all stretches are read at once, the lowest first
 *
 * An entry has the numbers that are not 0, in groups of 7 bits: some 20 bytes. Used by the writer alone.
 */
#ifndef MS_SPILL_H
#define MS_SPILL_H

#include "capture/column.h"
#include "shared/descriptor.h"

#define MS_SPILL_VALUES 18u /* of a row's totals: those that do not hang on what is live */

typedef struct ms_spilled_row {
    uint32_t number; /* the capture's */
    uint32_t type;   /* the segment's */
    uint8_t domain;
    bool gap;      /* frames of its stack are left out */
    uint64_t peak; /* the number of the peak that is among its values */
    uint64_t values[MS_SPILL_VALUES];
} ms_spilled_row;

typedef struct ms_spill_stretch {
    uint64_t from, to;     /* of the file */
    ms_spilled_row row;    /* the next, while they are read */
    uint32_t used, filled; /* of the bytes */
    unsigned char *bytes;
} ms_spill_stretch;

typedef struct ms_spill {
    ms_descriptor file;
    bool open, failed;
    uint64_t bytes;
    ms_buffer pending;
    uint32_t last; /* in the open stretch */
    ms_spill_stretch *stretches;
    uint32_t count, capacity;
    uint32_t *heap; /* of those that are not read to their end, the one with the lowest row on top */
    uint32_t heap_count;
} ms_spill;

void ms_spill_close(ms_spill *spill);
/* Puts rows by rising numbers into a new stretch; beside: the capture's descriptor. */
void ms_spill_put(ms_spill *spill, int beside, const ms_spilled_row *row);
/* Ends the stretch. False: it could not be written, and none of it counts; nor will any other be. */
bool ms_spill_end_stretch(ms_spill *spill);

/* Begins to read. False: no memory, or no file. */
bool ms_spill_rewind(ms_spill *spill);
/* The lowest row that is left; NULL: there is none. */
const ms_spilled_row *ms_spill_first(const ms_spill *spill);
/* Goes on to the next. */
void ms_spill_next(ms_spill *spill);

#endif
