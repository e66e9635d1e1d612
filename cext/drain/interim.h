/* interim.h: interim captures: a recording so far as a whole capture, while it goes on.
 *
 *   supervisor     drain ── drain ── drain ── drain ──►     goes on, and is none the wiser
 *                     └─ fork
 *   copy of it          capture so far, then window, totals, … and the end, as if the recording were over ──► file
 *
 * What is written at the end of a recording uses its counters up. So a forked copy of the process does it: it has the
 * ledger of the moment of the fork, and the kernel copies the pages that the drain changes meanwhile. Only for a drain
 * in another process than the program's: a forked copy of the program would be a child of its own.
 */
#ifndef MS_INTERIM_H
#define MS_INTERIM_H

#include "drain/drain.h"

/* Begins an interim capture of all events that the program has written by now. Returns the process that writes it: it
 * ends with status 0, or with an errno. -1: there is none, errno says why. The descriptor stays the caller's. */
int ms_interim_begin(ms_drain *drain, int output_fd);
/* Leaves the run summary as of now in text, NUL-terminated; waits for a poll that is under way. */
void ms_interim_summarize(ms_drain *drain, char *text, size_t text_bytes);

#endif
