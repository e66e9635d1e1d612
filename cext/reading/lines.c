/* lines.c: lines of text made of columns. */
#include "reading/lines.h"

#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 20

bool
ms_written_reserve(ms_written *written, size_t more)
{
    if (more <= written->capacity - written->bytes)
        return true;
    size_t capacity = written->capacity ? written->capacity : 4096;
    while (capacity - written->bytes < more)
        capacity *= 2;
    char *data = realloc(written->data, capacity);
    if (data == NULL)
        return false;
    written->data = data;
    written->capacity = capacity;
    return true;
}

bool
ms_written_put(ms_written *written, ms_text text)
{
    if (!ms_written_reserve(written, text.bytes))
        return false;
    if (text.bytes)
        memcpy(written->data + written->bytes, text.data, text.bytes);
    written->bytes += text.bytes;
    return true;
}

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

static ms_lines_answer
put_part(ms_written *written, const ms_part *part, size_t place)
{
    if (part->kind == MS_NUMBER || part->kind == MS_NUMBER_OR_NOTHING) {
        if (!ms_written_reserve(written, MOST_DIGITS + 1))
            return MS_LINES_NO_MEMORY;
        put_value(written, part, place);
        return MS_LINES_GOOD;
    }
    uint64_t which = part->kind == MS_SAME_TEXT ? 0 : (uint64_t)ms_number_at(&part->column, place);
    if (which >= part->count)
        return MS_LINES_BAD;
    return ms_written_put(written, part->texts[which]) ? MS_LINES_GOOD : MS_LINES_NO_MEMORY;
}

ms_lines_answer
ms_lines(ms_written *written, const ms_part *parts, size_t count, size_t *begin, size_t end, size_t most)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind != MS_SAME_TEXT && parts[i].column.count < end)
            return MS_LINES_BAD;
    }
    for (; *begin < end && written->bytes < most; ++*begin) {
        for (size_t i = 0; i < count; i++) {
            ms_lines_answer answer = put_part(written, &parts[i], *begin);
            if (answer != MS_LINES_GOOD)
                return answer;
        }
    }
    return MS_LINES_GOOD;
}
