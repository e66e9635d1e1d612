/* values.c: a part of a column as whole numbers of one type, and back: one look at the type for all of them. */
#include "reading/values.h"

#define READ(as)                                            \
    {                                                       \
        const as *from = (const as *)numbers->data + begin; \
        for (size_t i = 0; i < count; i++)                  \
            values[i] = (int64_t)from[i];                   \
        return;                                             \
    }

void
ms_read_part(int64_t *values, const ms_numbers *numbers, size_t begin, size_t count)
{
    switch (numbers->type) {
    case MS_U8:
        READ(uint8_t)
    case MS_U16:
        READ(uint16_t)
    case MS_U32:
        READ(uint32_t)
    case MS_I32:
        READ(int32_t)
    case MS_I64:
        READ(int64_t)
    case MS_U64:
    case MS_F64:
        break;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = ms_number_at(numbers, begin + i);
}

#define WRITE(as)                          \
    {                                      \
        as *to = (as *)out->data + begin;  \
        for (size_t i = 0; i < count; i++) \
            to[i] = (as)values[i];         \
        return;                            \
    }

void
ms_write_part(const ms_numbers *out, size_t begin, const int64_t *values, size_t count)
{
    switch (out->type) {
    case MS_U8:
        WRITE(uint8_t)
    case MS_U16:
        WRITE(uint16_t)
    case MS_U32:
    case MS_I32:
        WRITE(uint32_t)
    case MS_U64:
    case MS_I64:
        WRITE(int64_t)
    case MS_F64:
        WRITE(double)
    }
}
