#include "ledger/linetable.h"

enum {
    KIND_ONE_LINE_0 = 10, /* 10, 11, 12: the line goes up by 0, 1, 2; two bytes of columns follow */
    KIND_NO_COLUMNS = 13,
    KIND_LONG = 14,
    KIND_NONE = 15,
};

typedef struct {
    const unsigned char *at, *end;
} reader;

/* A number in groups of 6 bits, lowest first; bit 6 says that more follow. */
static uint32_t
read_varint(reader *bytes)
{
    uint32_t value = 0;
    for (unsigned shift = 0; bytes->at < bytes->end; shift += 6) {
        unsigned byte = *bytes->at++;
        if (shift < 32)
            value |= (uint32_t)(byte & 63) << shift;
        if ((byte & 64) == 0)
            break;
    }
    return value;
}

static int32_t
read_signed(reader *bytes)
{
    uint32_t value = read_varint(bytes);
    int32_t half = (int32_t)(value >> 1);
    return value & 1 ? -half : half;
}

uint32_t
ms_linetable_line(const char *table, uint32_t table_bytes, ms_linecursor *cursor, uint32_t position)
{
    const unsigned char *entries = (const unsigned char *)table;
    reader bytes = {entries + cursor->offset, entries + table_bytes};
    while (bytes.at < bytes.end) {
        const unsigned char *entry = bytes.at;
        unsigned first = *bytes.at++;
        unsigned kind = first >> 3 & 15;
        uint32_t stop = cursor->start + (first & 7) + 1;
        int64_t line = cursor->line;
        if (kind == KIND_NO_COLUMNS) {
            line += read_signed(&bytes);
        } else if (kind == KIND_LONG) {
            line += read_signed(&bytes);
            read_varint(&bytes); /* end line */
            read_varint(&bytes); /* column */
            read_varint(&bytes); /* end column */
        } else if (kind >= KIND_ONE_LINE_0 && kind < KIND_NO_COLUMNS) {
            line += kind - KIND_ONE_LINE_0;
            bytes.at += 2;
        } else if (kind < KIND_ONE_LINE_0) {
            bytes.at += 1;
        }
        if (position < stop) {
            cursor->offset = (uint32_t)(entry - entries);
            bool known = kind != KIND_NONE && line > 0 && line <= INT32_MAX;
            return known ? (uint32_t)line : 0;
        }
        cursor->start = stop;
        cursor->line = line;
    }
    cursor->offset = table_bytes;
    return 0;
}
