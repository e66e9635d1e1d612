/* symbols.h: which function of a library made a native request.
 *
 *   code of the library, address in its file ──► number of a function ──► its name
 *
 * The program tells addresses and no more. Who drains reads the library's file, when the first request of it comes, and
 * so long before the end: a library that is closed keeps its names, unless its file is gone. The number takes the place
 * of the line in the tree of stacks, so all calls from one function are one.
 *
 * Only a function that has the address counts. What lies behind the last function that a library exports is not that
 * function's: a hidden one is "the library".
 */
#ifndef MS_SYMBOLS_H
#define MS_SYMBOLS_H

#include "shared/segment.h"

typedef struct ms_symbols ms_symbols;

/* The number of the function that an address of a library lies in. 0: no function that the file names, or no memory.
 * *symbols is NULL at first: it is made at the first call. */
uint32_t ms_symbols_number(ms_symbols **symbols, const ms_segment *segment, uint32_t code, uint32_t address);
/* Of such a number. */
const char *ms_symbols_name(const ms_symbols *symbols, uint32_t number);
/* Numbers that were given. */
uint32_t ms_symbols_count(const ms_symbols *symbols);
uint64_t ms_symbols_bytes(const ms_symbols *symbols);
void ms_symbols_close(ms_symbols *symbols);

#endif
