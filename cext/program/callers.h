/* callers.h: which library made a native request, by the address that it returns to.
 *
 *   return address ──► place in a small table ──► code of the library, address in its file     nearly always
 *                         └─ not there: the loader's own index of what is loaded, which needs no lock
 *
 * A library is a code without lines: its file is the library's, its function the file's name. It is the leaf of the
 * stacks of what it requests. Which of its functions that was, the drain finds (symbols.h). Used by all threads at
 * once.
 */
#ifndef MS_CALLERS_H
#define MS_CALLERS_H

#include "program/stacktable.h"
#include "shared/nativelink.h"

/* Before others are called; by the thread that starts the recording. allocator: the malloc in use. */
void ms_callers_open(ms_segment *segment, const void *allocator);

typedef struct ms_caller {
    uint32_t code;     /* of the library; 0: of none, or not known: the loader has no such index before glibc 2.35 */
    uint32_t position; /* in the library's file, as its symbols have it; 0: not known */
} ms_caller;

/* How often a library has gone: what is known of addresses is true of one generation alone. */
extern _Atomic uint32_t ms_callers_generation;

/* The address that a request returns to; behind the C++ runtime, if that asks: "new" is what all C++ libraries call.
 * False: it lies in the runtime, and is of whoever called that, which cannot be told. */
bool ms_caller_address(ms_asker from, uintptr_t *address);
/* Where an address lies that a call returns to. */
ms_caller ms_caller_at(uintptr_t address);
/* Where a function lies that a thread was started with: its code is "the thread of that library". */
ms_caller ms_caller_of_start(const void *function);

/* Where a library lies. */
typedef struct ms_span {
    uintptr_t start, end;
} ms_span;

extern ms_span ms_callers_loader;

MS_INLINE bool
ms_span_has(const ms_span *library, const void *address)
{
    return (uintptr_t)address - library->start < library->end - library->start;
}

/* Whether the loader itself asks: while it makes thread-local memory, nobody may ask for such. */
MS_INLINE bool
ms_caller_is_loader(const void *caller)
{
    return ms_span_has(&ms_callers_loader, caller);
}

/* Whether it is one of those whose mappings are told otherwise, or are no request of the program's: the loader, the
 * library of malloc, the recorder. */
bool ms_caller_maps_untold(const void *caller);

/* A library has gone. */
void ms_callers_forget(void);

#endif
