/* samples.c: the samples of a pprof profile made of columns. */
#include "reading/samples.h"

#include <stdlib.h>

/* Fields of Profile and Sample, each of bytes. */
#define PROFILE_SAMPLE (2 << 3 | 2)
#define SAMPLE_LOCATIONS (1 << 3 | 2)
#define SAMPLE_VALUES (2 << 3 | 2)

/* What one row is made of, whose memory the next one uses again. */
typedef struct buffers {
    ms_written locations, values, sample;
    int64_t stack; /* that the locations are of; -1: none yet */
} buffers;

static ms_lines_answer
find_locations(buffers *at, const ms_samples *samples, uint64_t stack)
{
    if (at->stack == (int64_t)stack)
        return MS_LINES_GOOD;
    at->locations.bytes = 0;
    at->stack = (int64_t)stack;
    for (uint64_t node = stack; node != 0;) {
        if (node >= samples->parent.count || node >= samples->frame.count)
            return MS_LINES_BAD;
        int64_t frame = ms_number_at(&samples->frame, node);
        uint64_t parent = (uint64_t)ms_number_at(&samples->parent, node);
        if (frame != 0 && !ms_written_put_varint(&at->locations, (uint64_t)frame + 1))
            return MS_LINES_NO_MEMORY;
        if (parent >= node)
            return MS_LINES_BAD;
        node = parent;
    }
    /* Without Python frames: that of frame 0. */
    return at->locations.bytes != 0 || ms_written_put_varint(&at->locations, 1) ? MS_LINES_GOOD : MS_LINES_NO_MEMORY;
}

/* Whether any is not 0; all are in at->values then. */
static bool
find_values(buffers *at, const ms_samples *samples, size_t row, ms_lines_answer *answer)
{
    bool any = false;
    at->values.bytes = 0;
    for (size_t i = 0; i < samples->values_count; i++) {
        int64_t value = ms_number_at(&samples->values[i].column, row);
        value = value == INT64_MIN ? -INT64_MAX : value;
        any |= value != 0;
        if (!ms_written_put_varint(&at->values, (uint64_t)value))
            *answer = MS_LINES_NO_MEMORY;
    }
    return any;
}

static ms_lines_answer
put_sample(ms_written *written, buffers *at, const ms_samples *samples, size_t row)
{
    ms_lines_answer answer = MS_LINES_GOOD;
    if (!find_values(at, samples, row, &answer) || answer != MS_LINES_GOOD)
        return answer;
    answer = find_locations(at, samples, (uint64_t)ms_number_at(&samples->stack, row));
    if (answer != MS_LINES_GOOD)
        return answer;
    at->sample.bytes = 0;
    if (!ms_written_put_piece(&at->sample, SAMPLE_LOCATIONS, &at->locations) ||
        !ms_written_put_piece(&at->sample, SAMPLE_VALUES, &at->values))
        return MS_LINES_NO_MEMORY;
    for (size_t i = 0; i < samples->labels_count; i++) {
        const ms_part *label = &samples->labels[i];
        uint64_t which = (uint64_t)ms_number_at(&label->column, row);
        if (which >= label->count)
            return MS_LINES_BAD;
        if (!ms_written_put(&at->sample, label->texts[which]))
            return MS_LINES_NO_MEMORY;
    }
    return ms_written_put_piece(written, PROFILE_SAMPLE, &at->sample) ? MS_LINES_GOOD : MS_LINES_NO_MEMORY;
}

static bool
reach(const ms_part *parts, size_t count, size_t end)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].column.count < end)
            return false;
    return true;
}

ms_lines_answer
ms_samples_write(ms_written *written, const ms_samples *samples, size_t *begin, size_t end, size_t most)
{
    if (samples->stack.count < end || !reach(samples->values, samples->values_count, end) ||
        !reach(samples->labels, samples->labels_count, end))
        return MS_LINES_BAD;
    buffers at = {.stack = -1};
    ms_lines_answer answer = MS_LINES_GOOD;
    for (; *begin < end && written->bytes < most && answer == MS_LINES_GOOD; ++*begin)
        answer = put_sample(written, &at, samples, *begin);
    free(at.locations.data);
    free(at.values.data);
    free(at.sample.data);
    return answer;
}
