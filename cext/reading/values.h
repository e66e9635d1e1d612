/* values.h: columns of numbers as a reader of captures holds them, each in the width that its values need.
 *
 * Counters are whole numbers below 2^63, or doubles in a sampled capture. A hostile capture may say more: such a value
 * is taken as 2^63 - 1, and a sum stops there.
 */
#ifndef MS_VALUES_H
#define MS_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ms_number_type { MS_U8, MS_U16, MS_U32, MS_I32, MS_U64, MS_I64, MS_F64 } ms_number_type;

typedef struct ms_numbers {
    void *data;
    size_t count;
    ms_number_type type;
} ms_numbers;

static inline size_t
ms_width(ms_number_type type)
{
    static const unsigned char widths[] = {1, 2, 4, 4, 8, 8, 8};
    return widths[type];
}

static inline int64_t
ms_number_at(const ms_numbers *numbers, size_t index)
{
    switch (numbers->type) {
    case MS_U8:
        return ((const uint8_t *)numbers->data)[index];
    case MS_U16:
        return ((const uint16_t *)numbers->data)[index];
    case MS_U32:
        return ((const uint32_t *)numbers->data)[index];
    case MS_I32:
        return ((const int32_t *)numbers->data)[index];
    case MS_U64: {
        uint64_t value = ((const uint64_t *)numbers->data)[index];
        return value > INT64_MAX ? INT64_MAX : (int64_t)value;
    }
    case MS_F64:
        return (int64_t)((const double *)numbers->data)[index];
    case MS_I64:
        break;
    }
    return ((const int64_t *)numbers->data)[index];
}

static inline double
ms_real_at(const ms_numbers *numbers, size_t index)
{
    if (numbers->type == MS_F64)
        return ((const double *)numbers->data)[index];
    if (numbers->type == MS_U64)
        return (double)((const uint64_t *)numbers->data)[index];
    return (double)ms_number_at(numbers, index);
}

/* The caller knows that the value fits. */
static inline void
ms_number_put(const ms_numbers *numbers, size_t index, int64_t value)
{
    switch (numbers->type) {
    case MS_U8:
        ((uint8_t *)numbers->data)[index] = (uint8_t)value;
        return;
    case MS_U16:
        ((uint16_t *)numbers->data)[index] = (uint16_t)value;
        return;
    case MS_U32:
    case MS_I32:
        ((uint32_t *)numbers->data)[index] = (uint32_t)value;
        return;
    case MS_F64:
        ((double *)numbers->data)[index] = (double)value;
        return;
    case MS_U64:
    case MS_I64:
        ((int64_t *)numbers->data)[index] = value;
    }
}

static inline int64_t
ms_sum_of_two(int64_t left, int64_t right)
{
    int64_t sum;
    if (__builtin_add_overflow(left, right, &sum))
        return right > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

static inline int64_t
ms_difference(int64_t left, int64_t right)
{
    int64_t difference;
    if (__builtin_sub_overflow(left, right, &difference))
        return right < 0 ? INT64_MAX : INT64_MIN;
    return difference;
}

/* So many are worked on at a time, where all that is done to a value is little beside a look at its column's type. */
#define MS_PART 512

/* Whole numbers of a column, and as many put into one whose type holds them. */
void ms_read_part(int64_t *values, const ms_numbers *numbers, size_t begin, size_t count);
void ms_write_part(const ms_numbers *out, size_t begin, const int64_t *values, size_t count);

/* How many of a column are left to be worked on, at most a part. */
static inline size_t
ms_part_from(size_t begin, size_t end)
{
    return end - begin < MS_PART ? end - begin : MS_PART;
}

/* What is added to a column: as doubles if that holds them, else as whole numbers. */
static inline void
ms_number_add(const ms_numbers *sums, size_t index, const ms_numbers *numbers, size_t of)
{
    if (sums->type == MS_F64)
        ((double *)sums->data)[index] += ms_real_at(numbers, of);
    else
        ms_number_put(sums, index, ms_sum_of_two(ms_number_at(sums, index), ms_number_at(numbers, of)));
}

#endif
