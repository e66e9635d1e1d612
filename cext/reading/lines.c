/* lines.c: lines of text made of columns. */
#include "reading/lines.h"

#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 20

/* Room for the digits and a sign has been reserved. */
static void
put_number(ms_written *written, uint64_t value, bool negative)
{
    char digits[MOST_DIGITS];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    char *to = written->data + written->bytes;
    if (negative)
        *to++ = '-';
    written->bytes += count + negative;
    while (count > 0)
        *to++ = digits[--count];
}

static void
put_value(ms_written *written, const ms_part *part, size_t place)
{
    if (part->column.type == MS_U64) {
        put_number(written, ((const uint64_t *)part->column.data)[place], false);
        return;
    }
    int64_t value = ms_number_at(&part->column, place);
    if (value == -1 && part->kind == MS_NUMBER_OR_NOTHING)
        return;
    put_number(written, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

static inline size_t
digits_of(uint64_t value)
{
    size_t count = 1;
    for (; value > 9; value /= 10)
        count++;
    return count;
}

/* The node's frame, after which the node is its caller. False: it is 0 or leads anywhere but upwards. */
static inline bool
frame_of(const ms_part *part, uint64_t *node, uint64_t *frame)
{
    uint64_t at = *node;
    if (at == 0 || at >= part->parent.count || at >= part->frame.count)
        return false;
    *frame = (uint64_t)ms_number_at(&part->frame, at);
    *node = (uint64_t)ms_number_at(&part->parent, at);
    return *node < at;
}

/* How long all frames of a stack are, each with what stands before it; false where columns do not go together. */
static bool
stack_bytes(const ms_part *part, uint64_t node, size_t *bytes)
{
    uint64_t frame;
    *bytes = 0;
    while (frame_of(part, &node, &frame)) {
        if (frame == 0)
            continue;
        if (part->texts != NULL && frame >= part->count)
            return false;
        *bytes += part->between.bytes + (part->texts != NULL ? part->texts[frame].bytes : digits_of(frame));
    }
    return node == 0;
}

/* What ends at `end`; answers where it begins. */
static inline char *
put_before(char *end, ms_text text)
{
    char *begin = end - text.bytes;
    if (text.bytes)
        memcpy(begin, text.data, text.bytes);
    return begin;
}

static inline char *
put_digits_before(char *end, uint64_t value)
{
    for (; value > 9; value /= 10)
        *--end = (char)('0' + value % 10);
    *--end = (char)('0' + value);
    return end;
}

/* Outermost frame first, and the way leads from the innermost one: so it is written from its end. A stack without
 * frames has frame 0. */
static ms_lines_answer
put_stack(ms_written *written, const ms_part *part, uint64_t node)
{
    size_t bytes;
    uint64_t frame;
    if (!stack_bytes(part, node, &bytes) || (part->texts != NULL && part->count == 0))
        return MS_LINES_BAD;
    if (bytes == 0)
        return ms_written_put(written, part->texts != NULL ? part->texts[0] : (ms_text){"0", 1}) ? MS_LINES_GOOD
                                                                                                 : MS_LINES_NO_MEMORY;
    bytes -= part->between.bytes;
    if (!ms_written_reserve(written, bytes))
        return MS_LINES_NO_MEMORY;
    char *begin = written->data + written->bytes, *end = begin + bytes;
    while (frame_of(part, &node, &frame)) {
        if (frame == 0)
            continue;
        end = part->texts != NULL ? put_before(end, part->texts[frame]) : put_digits_before(end, frame);
        if (end > begin)
            end = put_before(end, part->between);
    }
    written->bytes += bytes;
    return MS_LINES_GOOD;
}

static ms_lines_answer
put_part(ms_written *written, const ms_part *part, size_t place)
{
    if (part->kind == MS_NUMBER || part->kind == MS_NUMBER_OR_NOTHING) {
        if (!ms_written_reserve(written, MOST_DIGITS + 1))
            return MS_LINES_NO_MEMORY;
        put_value(written, part, place);
        return MS_LINES_GOOD;
    }
    if (part->kind == MS_VARINT) {
        uint64_t value = (uint64_t)ms_number_at(&part->column, place);
        return ms_written_put_varint(written, value) ? MS_LINES_GOOD : MS_LINES_NO_MEMORY;
    }
    if (part->kind == MS_STACK)
        return put_stack(written, part, (uint64_t)ms_number_at(&part->column, place));
    uint64_t which = part->kind == MS_SAME_TEXT ? 0 : (uint64_t)ms_number_at(&part->column, place);
    if (which >= part->count)
        return MS_LINES_BAD;
    return ms_written_put(written, part->texts[which]) ? MS_LINES_GOOD : MS_LINES_NO_MEMORY;
}

static ms_lines_answer
put_line(ms_written *written, const ms_part *parts, size_t count, size_t place)
{
    ms_lines_answer answer = MS_LINES_GOOD;
    for (size_t i = 0; i < count && answer == MS_LINES_GOOD; i++)
        answer = put_part(written, &parts[i], place);
    return answer;
}

static bool
reach(const ms_part *parts, size_t count, size_t end)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind != MS_SAME_TEXT && parts[i].column.count < end)
            return false;
    }
    return true;
}

ms_lines_answer
ms_lines(ms_written *written, const ms_part *parts, size_t count, size_t *begin, size_t end, size_t most)
{
    ms_lines_answer answer = reach(parts, count, end) ? MS_LINES_GOOD : MS_LINES_BAD;
    for (; answer == MS_LINES_GOOD && *begin < end && written->bytes < most; ++*begin)
        answer = put_line(written, parts, count, *begin);
    return answer;
}

ms_lines_answer
ms_messages(ms_written *written, unsigned tag, const ms_part *parts, size_t count, size_t *begin, size_t end,
            size_t most)
{
    ms_written message = {NULL, 0, 0};
    ms_lines_answer answer = reach(parts, count, end) ? MS_LINES_GOOD : MS_LINES_BAD;
    for (; answer == MS_LINES_GOOD && *begin < end && written->bytes < most; ++*begin) {
        message.bytes = 0;
        answer = put_line(&message, parts, count, *begin);
        if (answer == MS_LINES_GOOD && !ms_written_put_piece(written, tag, &message))
            answer = MS_LINES_NO_MEMORY;
    }
    free(message.data);
    return answer;
}
