/* unwinding.h: from a return address within a library to the one of the function's caller, by the library's own table
 * of frames, which is there for exceptions.
 *
 *   stack pointer after the return ──► │ saved registers, variables │ return address │ the caller's …
 *                                      ├───────── to_return ────────┤
 *                                      ├────────────────── to_caller ────────────────┤
 *
 * Of functions whose frame has a size that the stack pointer alone tells; of others nothing is known. Reads the
 * library's memory, takes no lock, and requests nothing.
 */
#ifndef MS_UNWINDING_H
#define MS_UNWINDING_H

#include "shared/platform.h"

#define MS_UNWOUND_MOST 2040u /* bytes of a frame */

typedef struct ms_unwound {
    uint32_t to_return, to_caller; /* bytes from the stack pointer; 0: not known */
} ms_unwound;

/* table: the library's index of frames (PT_GNU_EH_FRAME); address: within the call. */
ms_unwound ms_unwinding_at(const void *table, uintptr_t address);

#endif
