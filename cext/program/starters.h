/* starters.h: notes the processes that Python's own functions start: subprocess, multiprocessing, os.posix_spawn,
 * os.system, os.exec*.
 *
 *   os.execv ──► PyMethodDef of the module posix ──► ours ──► the interpreter's own
 *
 * The entry of each of these functions in its module's table of methods is led through one of ours. An audit hook would
 * not do: multiprocessing raises no event where it starts a process, and as soon as there is a hook, every audited call
 * of the program (id(), open(), …) makes a tuple in its heap. Nobody can see the change from within Python, and nothing
 * but these calls takes longer. Forks are noted by processes.h.
 */
#ifndef MS_STARTERS_H
#define MS_STARTERS_H

#include "program/pycompat.h"

#include "program/processes.h"

/* From now on. subprocess_file: of the extension module _posixsubprocess; NULL or empty where it is built in. Functions
 * that cannot be reached are left as they are. Needs the GIL. */
void ms_starters_watch(const char *subprocess_file);

#endif
