/* linetable.h: from an instruction to its source line.
 *
 * Reads co_linetable as CPython 3.11 and later write it (Objects/locations.md, "location table"):
 * entries of a first byte 1 | kind (4 bits) | length - 1 (3 bits), length in code units, then what the kind needs.
 */
#ifndef MS_LINETABLE_H
#define MS_LINETABLE_H

#include "platform.h"

/* The line of the instruction at position (code units), 0 if the table gives none. Any bytes are safe. */
uint32_t ms_linetable_line(const char *table, uint32_t table_bytes, int32_t first_line,
                           uint32_t position);

#endif
