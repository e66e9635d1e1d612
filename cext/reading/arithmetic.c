/* arithmetic.c: a column made of others, value by value. */
#include "reading/arithmetic.h"

#include <string.h>

#define EXCEPTION_BYTES 12

bool
ms_copy(const ms_numbers *out, size_t place, const ms_numbers *numbers)
{
    if (place > out->count || numbers->count > out->count - place)
        return false;
    if (out->type == numbers->type) {
        size_t width = ms_width(out->type);
        memcpy((char *)out->data + place * width, numbers->data, numbers->count * width);
        return true;
    }
    if (out->type == MS_F64) {
        for (size_t i = 0; i < numbers->count; i++)
            ((double *)out->data)[place + i] = ms_real_at(numbers, i);
        return true;
    }
    int64_t values[MS_PART];
    for (size_t begin = 0, count; begin < numbers->count; begin += count) {
        count = ms_part_from(begin, numbers->count);
        ms_read_part(values, numbers, begin, count);
        ms_write_part(out, place + begin, values, count);
    }
    return true;
}

static uint64_t
read_little(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

bool
ms_put_exceptions(const ms_numbers *out, const uint8_t *pairs, size_t count)
{
    uint64_t next = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t index = read_little(pairs + i * EXCEPTION_BYTES, 4);
        if (index < next || index >= out->count)
            return false;
        ms_number_put(out, index, (int64_t)read_little(pairs + i * EXCEPTION_BYTES + 4, 8));
        next = index + 1;
    }
    return true;
}

uint64_t
ms_largest_exception(const uint8_t *pairs, size_t count)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = read_little(pairs + i * EXCEPTION_BYTES + 4, 8);
        if (value > largest)
            largest = value;
    }
    return largest;
}

bool
ms_unzigzag(const ms_numbers *out, const ms_numbers *numbers)
{
    if (out->count != numbers->count)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        uint64_t value =
            numbers->type == MS_U64 ? ((const uint64_t *)numbers->data)[i] : (uint64_t)ms_number_at(numbers, i);
        ms_number_put(out, i, (int64_t)(value >> 1 ^ (0 - (value & 1))));
    }
    return true;
}

bool
ms_accumulate(const ms_numbers *out, const ms_numbers *gaps, int64_t start)
{
    if (out->count != gaps->count)
        return false;
    int64_t values[MS_PART];
    for (size_t begin = 0, count; begin < out->count; begin += count) {
        count = ms_part_from(begin, out->count);
        ms_read_part(values, gaps, begin, count);
        for (size_t i = 0; i < count; i++)
            values[i] = start = ms_sum_of_two(start, values[i]);
        ms_write_part(out, begin, values, count);
    }
    return true;
}

bool
ms_scale(const ms_numbers *out, const ms_numbers *numbers, double divisor)
{
    if (out->count != numbers->count || out->type != MS_F64)
        return false;
    for (size_t i = 0; i < out->count; i++)
        ((double *)out->data)[i] = ms_real_at(numbers, i) / divisor;
    return true;
}

bool
ms_balance(const ms_numbers *out, const ms_numbers *a, const ms_numbers *b, const ms_numbers *c, const ms_numbers *d)
{
    size_t count = out->count;
    if (a->count != count || b->count != count || c->count != count || d->count != count)
        return false;
    if (out->type == MS_F64) {
        for (size_t i = 0; i < count; i++)
            ((double *)out->data)[i] = ms_real_at(a, i) - ms_real_at(b, i) + ms_real_at(c, i) - ms_real_at(d, i);
        return true;
    }
    const ms_numbers *columns[] = {a, b, c, d};
    int64_t of[4][MS_PART];
    for (size_t begin = 0, part; begin < count; begin += part) {
        part = ms_part_from(begin, count);
        for (int column = 0; column < 4; column++)
            ms_read_part(of[column], columns[column], begin, part);
        for (size_t i = 0; i < part; i++)
            of[0][i] = ms_sum_of_two(ms_difference(of[0][i], of[1][i]), ms_difference(of[2][i], of[3][i]));
        ms_write_part(out, begin, of[0], part);
    }
    return true;
}

/* Copies one value from column to column. */
static void
put_value(const ms_numbers *out, size_t place, const ms_numbers *numbers, size_t index)
{
    if (out->type == MS_F64)
        ((double *)out->data)[place] = ms_real_at(numbers, index);
    else
        ms_number_put(out, place, ms_number_at(numbers, index));
}

bool
ms_choose(const ms_numbers *out, const ms_numbers *flags, const ms_numbers *yes, const ms_numbers *no)
{
    if (out->count != flags->count || out->count != yes->count || out->count != no->count)
        return false;
    if (out->type == MS_F64) {
        for (size_t i = 0; i < out->count; i++)
            put_value(out, i, ms_number_at(flags, i) ? yes : no, i);
        return true;
    }
    int64_t set[MS_PART], values[MS_PART], others[MS_PART];
    for (size_t begin = 0, count; begin < out->count; begin += count) {
        count = ms_part_from(begin, out->count);
        ms_read_part(set, flags, begin, count);
        ms_read_part(values, yes, begin, count);
        ms_read_part(others, no, begin, count);
        for (size_t i = 0; i < count; i++)
            values[i] = set[i] ? values[i] : others[i];
        ms_write_part(out, begin, values, count);
    }
    return true;
}

#define LOOK_UP(as)                                           \
    for (size_t i = 0; i < count; i++)                        \
        if (places[i] >= 0)                                   \
            places[i] = ((const as *)table->data)[places[i]]; \
    return;

/* Values of a table in place of their places; -1 stays. */
static void
look_up(int64_t *places, size_t count, const ms_numbers *table)
{
    switch (table->type) {
    case MS_U8:
        LOOK_UP(uint8_t)
    case MS_U16:
        LOOK_UP(uint16_t)
    case MS_U32:
        LOOK_UP(uint32_t)
    case MS_I32:
        LOOK_UP(int32_t)
    case MS_I64:
        LOOK_UP(int64_t)
    case MS_U64:
    case MS_F64:
        break;
    }
    for (size_t i = 0; i < count; i++) {
        if (places[i] >= 0)
            places[i] = ms_number_at(table, (size_t)places[i]);
    }
}

static bool
are_places(const int64_t *places, size_t count, size_t size)
{
    bool all = true;
    for (size_t i = 0; i < count; i++)
        all &= places[i] >= -1 && places[i] < (int64_t)size;
    return all;
}

static bool
gather_reals(const ms_numbers *out, const ms_numbers *table, const ms_numbers *index)
{
    double *values = out->data;
    for (size_t i = 0; i < out->count; i++) {
        int64_t place = ms_number_at(index, i);
        if (place >= (int64_t)table->count || place < -1)
            return false;
        values[i] = place < 0 ? -1 : ms_real_at(table, (size_t)place);
    }
    return true;
}

bool
ms_gather(const ms_numbers *out, const ms_numbers *table, const ms_numbers *index)
{
    if (out->count != index->count)
        return false;
    if (out->type == MS_F64)
        return gather_reals(out, table, index);
    int64_t places[MS_PART];
    for (size_t begin = 0, count; begin < out->count; begin += count) {
        count = ms_part_from(begin, out->count);
        ms_read_part(places, index, begin, count);
        if (!are_places(places, count, table->count))
            return false;
        look_up(places, count, table);
        ms_write_part(out, begin, places, count);
    }
    return true;
}

bool
ms_scatter(const ms_numbers *out, const ms_numbers *index, const ms_numbers *numbers)
{
    if (index->count != numbers->count)
        return false;
    for (size_t i = 0; i < index->count; i++) {
        uint64_t place = (uint64_t)ms_number_at(index, i);
        if (place >= out->count)
            return false;
        put_value(out, place, numbers, i);
    }
    return true;
}

bool
ms_mark_at_least(const ms_numbers *flags, const ms_numbers *numbers, double least)
{
    if (flags->count != numbers->count)
        return false;
    for (size_t i = 0; i < flags->count; i++) {
        if (ms_real_at(numbers, i) >= least)
            ms_number_put(flags, i, 1);
    }
    return true;
}

bool
ms_pack(const ms_numbers *out, const ms_numbers *left, const ms_numbers *right, unsigned bits)
{
    if (out->count != left->count || out->count != right->count || bits > 32)
        return false;
    int64_t above[MS_PART], below[MS_PART];
    for (size_t begin = 0, count; begin < out->count; begin += count) {
        count = ms_part_from(begin, out->count);
        ms_read_part(above, left, begin, count);
        ms_read_part(below, right, begin, count);
        for (size_t i = 0; i < count; i++)
            above[i] = (int64_t)((uint64_t)above[i] << bits | (uint64_t)below[i]);
        ms_write_part(out, begin, above, count);
    }
    return true;
}

uint64_t
ms_largest(const ms_numbers *numbers)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < numbers->count; i++) {
        uint64_t value =
            numbers->type == MS_U64 ? ((const uint64_t *)numbers->data)[i] : (uint64_t)ms_number_at(numbers, i);
        if (value > largest)
            largest = value;
    }
    return largest;
}

int64_t
ms_total(const ms_numbers *numbers)
{
    int64_t sum = 0;
    for (size_t i = 0; i < numbers->count; i++)
        sum = ms_sum_of_two(sum, ms_number_at(numbers, i));
    return sum;
}

double
ms_real_total(const ms_numbers *numbers)
{
    double sum = 0;
    for (size_t i = 0; i < numbers->count; i++)
        sum += ms_real_at(numbers, i);
    return sum;
}
