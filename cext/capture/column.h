/* column.h: tables as columns of small numbers, the way the capture stores them.
 *
 * The layout stands in docs/capture-format.md, "Columns". A buffer grows as needed; after memory
 * ran out it stays marked as failed and takes no more, so that callers check once, at the end.
 */
#ifndef MS_COLUMN_H
#define MS_COLUMN_H

#include "shared/platform.h"

typedef struct ms_buffer {
    char *bytes;
    size_t used, capacity;
    bool failed;
} ms_buffer;

void ms_buffer_put(ms_buffer *buffer, const void *bytes, size_t count);
void ms_buffer_put_u32(ms_buffer *buffer, uint32_t value);
void ms_buffer_put_u64(ms_buffer *buffer, uint64_t value);
void ms_buffer_close(ms_buffer *buffer);

/* Gives the value of one column at an index. */
typedef uint64_t (*ms_column_value)(const void *context, uint32_t column, uint32_t index);
/* Appends a table of count entries; each column takes the width that makes it smallest. */
void ms_table_put(ms_buffer *buffer, uint32_t count, uint32_t columns, ms_column_value value, const void *context);

/* CRC-32 as in zlib and PNG (polynomial 0xedb88320). */
uint32_t ms_crc32(const void *bytes, size_t count);

#endif
