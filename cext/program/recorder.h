/* recorder.h: one recording of this process, from attach to stop.
 *
 *   attach (map the segment) ──► start (hooks on) ──► stop (hooks off) ──► attach …
 *                                 pause ──► resume    between two sections nothing is recorded
 *
 * All functions need the GIL.
 */
#ifndef MS_RECORDER_H
#define MS_RECORDER_H

#include "program/options.h"
#include "shared/platform.h"
#include "shared/status.h"

ms_status ms_recorder_attach(int segment_fd);
ms_status ms_recorder_start(ms_options options);
/* Ends the recording and gives the segment up. Without a recording: nothing. */
void ms_recorder_stop(void);
bool ms_recorder_is_on(void);
/* Nothing of the program's began, and the interpreter has said why. */
void ms_recorder_note_nothing_ran(void);
/* The main program's own code has ended; the interpreter's end, and its threads, may go on. */
void ms_recorder_note_main_ended(void);
/* False: there is no recording, or its hooks were taken out; it is to be stopped. */
bool ms_recorder_pause(void);
bool ms_recorder_resume(void);
/* Takes a snapshot of all objects (snapshots.h). NULL, or why not; empty: the capture says why. */
const char *ms_recorder_snapshot(void);

/* The interpreter compiles the program's source from here on, until its module runs or ms_recorder_compiled: no Python
 * frame says so. filename in UTF-8. Without a recording: nothing. */
void ms_recorder_compiles(const char *filename);
void ms_recorder_compiled(void);

/* For forked children to be recorded too: remembers the socket on which the supervisor waits to be told of
 * them. In each child, ms_recorder_follow makes a segment, hands it over, and starts. It fails if the program has
 * closed the socket meanwhile, even if another file has taken its number. */
ms_status ms_recorder_remember(int socket_fd);
/* The same where the program was executed: comes to a socket of this name, and waits until it is let in. */
ms_status ms_recorder_meet(const char *path);
ms_status ms_recorder_follow(ms_options options);
/* Tells whoever writes into the segment that nobody will read it. */
ms_status ms_recorder_refuse(int segment_fd);

#endif
