/* samples.h: the samples of a pprof profile made of columns, one for each row
 * of a capture.
 *
 *   row ──► stack   its frames' locations, leaf first, packed
 *       ──► values  as many as the profile has sample types, packed
 *       ──► labels  texts of tables, which columns choose: messages already
 *
 * In protocol buffers' wire format, as profile.proto has it. A row whose values
 * are all 0 has no sample.
 */
#ifndef MS_SAMPLES_H
#define MS_SAMPLES_H

#include "reading/lines.h"

#define MS_SAMPLE_VALUES_MOST 16

typedef struct ms_samples {
    ms_numbers parent, frame; /* of each node: its caller, which comes before it; its frame's number, 0: it has none */
    ms_numbers stack;         /* of each row: a node */
    const ms_part *values;
    size_t values_count;
    const ms_part *labels;
    size_t labels_count;
} ms_samples;

/* Writes the samples of the rows from `begin` up to `end`, as ms_lines() does. A location's number is that of its
 * frame, and 1. */
ms_lines_answer ms_samples_write(ms_written *written, const ms_samples *samples, size_t *begin, size_t end,
                                 size_t most);

#endif
