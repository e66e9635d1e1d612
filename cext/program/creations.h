/* creations.h: hears of each object that is made, also in a block of a free list, on 3.11 and 3.12.
 *
 *   _Py_NewReference ──► does tracemalloc trace? ──► _PyTraceMalloc_NewReference ──► lock ──► traces->get_entry_func
 *                                                          ╎                                        │
 *                                                          ╎ short way (shortcut.h)                 │ long way
 *                                                          ▼                                        ▼
 *                                                     note_at_once                             note_looked_up
 *
 * How. tracemalloc is started and its allocator hooks are taken out again: it then traces nothing, but its config says
 * "tracing", so that the interpreter looks each new object's block up in its table, through a function pointer that is
 * ours. We find nothing there, and the interpreter goes on.
 *
 * The long way reads a clock and takes a semaphore, some tens of nanoseconds for each object. It is gone only while the
 * program itself traces, and where the short way cannot be had.
 *
 * What the program sees. The functions of the module _tracemalloc are given ours in between (in its method table,
 * so that functions taken from it before change too): while they run, the config says what the program asked for.
 * If the program itself starts tracemalloc, our function passes the lookups on.
 *
 * What it can see all the same: PyTraceMalloc_Track and _Untrack (numpy calls them) return 0, not -2; the debug
 * allocators' last words do not say "Enable tracemalloc to get the memory block allocation traceback".
 *
 * What holds: all of this needs the main interpreter's GIL. A fork's child has it switched off; the short way stays
 * there without effect, until the program starts tracemalloc: to take it out needs system calls that it may have
 * forbidden itself.
 */
#ifndef MS_CREATIONS_H
#define MS_CREATIONS_H

#include "program/pycompat.h"

/* Called for each creation, fresh or not, by any thread that holds a GIL, at times under tracemalloc's lock: it may not
 * allocate from hooked domains. The object's type is set, its fields are not. */
typedef void (*ms_created_function)(PyObject *op);
/* Whether a block was allocated just now and is asked about for the first time since. */
typedef bool (*ms_allocated_function)(const void *block);

/* False: the interpreter is not as we know it; nothing was changed. To be called before our allocator hooks are
 * installed: what tracemalloc asks for goes to the allocators of this moment. Runs no Python code. */
bool ms_creations_start(ms_created_function created, ms_allocated_function allocated);
/* For tests: the long way alone. To be set before the start. */
extern bool ms_creations_never_short;
/* Where the recording ends with the process, the interpreter's code stays as it is: to write there takes a system call,
 * and a program may have had them forbidden to itself on pain of death. */
extern bool ms_creations_stay_short;

/* Whether creations come the short way: some nanoseconds each, else some tens. */
bool ms_creations_are_short(void);
/* After Py_Finalize's tracemalloc too. */
void ms_creations_stop(void);
/* In a forked child, async-signal-safe. */
void ms_creations_abandon(void);

#endif
