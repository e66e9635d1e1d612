/* lines.h: lines of text made of columns: a CSV file has as many as a capture
 * has rows.
 *
 * A line is a sequence of parts: a text that is the same in all lines, a text
 * of a table that a column chooses, a column's number, or all frames of the
 * stack that a column's node ends.
 */
#ifndef MS_LINES_H
#define MS_LINES_H

#include "reading/values.h"
#include "reading/written.h"

typedef enum ms_part_kind {
    MS_SAME_TEXT,
    MS_CHOSEN_TEXT,
    MS_NUMBER,
    MS_NUMBER_OR_NOTHING,
    MS_VARINT,
    MS_STACK,
} ms_part_kind;

typedef struct ms_part {
    ms_part_kind kind;
    const ms_text *texts; /* of a table, or the one; of a stack's frames, NULL: they are numbers */
    size_t count;
    ms_numbers column; /* not of MS_SAME_TEXT; a number of -1 is nothing for
                          MS_NUMBER_OR_NOTHING */
    /* Of MS_STACK alone: each node's caller, which comes before it; its frame's
     * number, 0: it has none; what stands between two frames. */
    ms_numbers parent, frame;
    ms_text between;
} ms_part;

typedef enum ms_lines_answer { MS_LINES_GOOD, MS_LINES_BAD, MS_LINES_NO_MEMORY } ms_lines_answer;

/* Writes the lines from `begin` up to `end`, or fewer once there are `most`
 * bytes; `begin` is then what comes next. Bad where a column ends before, or
 * chooses a text that is not there. */
ms_lines_answer ms_lines(ms_written *written, const ms_part *parts, size_t count, size_t *begin, size_t end,
                         size_t most);

/* The same as messages of protocol buffers: before each stand the tag of the field that it is in and its length. */
ms_lines_answer ms_messages(ms_written *written, unsigned tag, const ms_part *parts, size_t count, size_t *begin,
                            size_t end, size_t most);

#endif
