/* recorder.h: one recording of this process, from attach to stop.
 *
 *   attach (map the segment) ──► start (hooks on) ──► stop (hooks off) ──► attach …
 *                                 pause ──► resume    between two laps nothing is recorded
 *
 * All functions need the GIL.
 */
#ifndef MS_RECORDER_H
#define MS_RECORDER_H

#include "platform.h"
#include "status.h"

ms_status ms_recorder_attach(int segment_fd);
ms_status ms_recorder_start(uint64_t sample_bytes);
/* Ends the recording and gives the segment up. Without a recording: nothing. */
void ms_recorder_stop(void);
bool ms_recorder_is_on(void);
/* False: there is no recording, or its hooks were taken out; it is to be stopped. */
bool ms_recorder_pause(void);
bool ms_recorder_resume(void);

/* For forked children to be recorded too: remembers the socket on which the supervisor waits to be told of
 * them. In each child, ms_recorder_follow makes a segment, hands it over, and starts. It fails if the program has
 * closed the socket meanwhile, even if another file has taken its number. */
ms_status ms_recorder_remember(int socket_fd);
ms_status ms_recorder_follow(uint64_t sample_bytes);
/* Tells whoever writes into the segment that nobody will read it. */
ms_status ms_recorder_refuse(int segment_fd);

#endif
