/* processes.h: the program's account of the processes that it starts, kept in the segment.
 *
 *   fork()            the child notes itself, before anything else runs in it
 *   a program spawned the parent notes it, by the name of the executable
 *   exec              a forked child turns into a spawned one; the recorded process itself is "replaced"
 *
 * A forked child keeps the mapping, so that its own children are noted too: a daemon is the grandchild of the process
 * that was recorded. Counts are exact, the list is bounded. No lock is taken and nothing is allocated: a child may have
 * been forked by a thread while another held any lock. Names are those of executables alone; arguments may hold
 * secrets.
 */
#ifndef MS_PROCESSES_H
#define MS_PROCESSES_H

#include "shared/segment.h"

/* From here on processes are noted in this segment; NULL: nowhere. */
void ms_processes_note_in(ms_segment_header *header);
/* Notes each process that is forked, from now on. False: out of memory. */
bool ms_processes_watch_forks(void);

/* While this thread is within a call that forks to execute at once: that child does not note itself. */
void ms_processes_spawning(bool spawning);
/* pid 0: not known. */
void ms_processes_spawned(uint32_t pid, const char *name);
/* This process is about to execute another program in its place; and: it could not. */
void ms_processes_replace(const char *name);
void ms_processes_keep(void);
/* This forked process has a recording of its own: from here on that of its parent is no concern of it. */
void ms_processes_followed(void);

#endif
