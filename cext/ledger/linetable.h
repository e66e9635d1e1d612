/* linetable.h: from an instruction to its source line.
 *
 * Reads co_linetable as CPython 3.11 and later write it (Objects/locations.md, "location table"):
 * entries of a first byte 1 | kind (4 bits) | length - 1 (3 bits), length in code units, then what the kind needs.
 */
#ifndef MS_LINETABLE_H
#define MS_LINETABLE_H

#include "shared/platform.h"

/* Where reading stands: before an entry of the table. */
typedef struct ms_linecursor {
    uint32_t offset; /* of the entry, in bytes */
    uint32_t start;  /* position of its first instruction */
    int64_t line;    /* of the entry before */
} ms_linecursor;

MS_INLINE ms_linecursor
ms_linetable_begin(int32_t first_line)
{
    return (ms_linecursor){.line = first_line};
}

/* The line of the instruction at position (code units), 0 if the table gives none. Reads on from the cursor, which must
 * not stand behind the position, and leaves it before the entry of the position. Any bytes are safe. */
uint32_t ms_linetable_line(const char *table, uint32_t table_bytes, ms_linecursor *cursor, uint32_t position);

#endif
