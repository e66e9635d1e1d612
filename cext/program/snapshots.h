/* snapshots.h: takes down which objects there are and which refer to which (shared/snapshot.h).
 *
 *   roots ──► objects that the collector knows ──► what these refer to, and so on ──► names, sizes, who is held by C
 *
 * No object is made and no Python code runs. It is left out, and said why, where that could go wrong: while the
 * collector runs, and where other interpreters have a GIL of their own.
 */
#ifndef MS_SNAPSHOTS_H
#define MS_SNAPSHOTS_H

#include "program/types.h"
#include "shared/segment.h"
#include "shared/snapshot.h"

/* Snapshots go here from now on. Whether the file is one for them. values: with names of what is a value; end: one is
 * taken when the recording ends. */
bool ms_snapshots_open(int fd, bool values, bool end);
void ms_snapshots_close(void);
/* In a forked child: where its parent took snapshots, a new file for the child's own. The caller owns it; -1: none. */
int ms_snapshots_renew(void);
#define MS_LEFT_OUT "" /* the capture says why */

/* Takes one. NULL, MS_LEFT_OUT, or why not. Unless it is the end, waits until the drain knows whose blocks the objects
 * are. The caller is at the SPSC ring, where the collector could run: nothing is half made that it would follow. */
const char *ms_snapshots_take(ms_types *types, ms_snapshot_moment moment, ms_segment_header *segment);

bool ms_snapshots_are_on(void);
/* Whether the drain wishes for one, and that is news. */
bool ms_snapshots_hear_wish(void);
/* Whether it still does, and no more from here on. */
bool ms_snapshots_fulfil_wish(void);

#endif
