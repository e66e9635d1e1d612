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
    for (size_t i = 0; i < numbers->count; i++) {
        if (out->type == MS_F64)
            ((double *)out->data)[place + i] = ms_real_at(numbers, i);
        else
            ms_number_put(out, place + i, ms_number_at(numbers, i));
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
    for (size_t i = 0; i < out->count; i++) {
        start = ms_sum_of_two(start, ms_number_at(gaps, i));
        ms_number_put(out, i, start);
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
    for (size_t i = 0; i < count; i++) {
        if (out->type == MS_F64)
            ((double *)out->data)[i] = ms_real_at(a, i) - ms_real_at(b, i) + ms_real_at(c, i) - ms_real_at(d, i);
        else
            ms_number_put(out, i,
                          ms_sum_of_two(ms_difference(ms_number_at(a, i), ms_number_at(b, i)),
                                        ms_difference(ms_number_at(c, i), ms_number_at(d, i))));
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
    for (size_t i = 0; i < out->count; i++)
        put_value(out, i, ms_number_at(flags, i) ? yes : no, i);
    return true;
}

bool
ms_gather(const ms_numbers *out, const ms_numbers *table, const ms_numbers *index)
{
    if (out->count != index->count)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        int64_t place = ms_number_at(index, i);
        if (place >= (int64_t)table->count || place < -1)
            return false;
        if (place < 0)
            ms_number_put(out, i, -1);
        else
            put_value(out, i, table, (size_t)place);
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
    for (size_t i = 0; i < out->count; i++) {
        uint64_t value = (uint64_t)ms_number_at(left, i) << bits | (uint64_t)ms_number_at(right, i);
        ms_number_put(out, i, (int64_t)value);
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
