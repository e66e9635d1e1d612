/* hooks.h: the functions that stand in for the allocators while recording.
 *
 *   program ──► hook ──► the allocator that was there before
 *                 └────► producer
 *
 * Only the outermost request counts. An object of more than 512 bytes passes through the RAW domain on its way to libc;
 * the producer knows the thread that is within an allocator, and its inner calls pass unseen.
 */
#ifndef MS_HOOKS_H
#define MS_HOOKS_H

#include "segment.h"

/* Both need the GIL. After stop no hook touches the segment any more. */
ms_status ms_hooks_start(ms_segment *segment, uint64_t sample_bytes);
void ms_hooks_stop(void);
bool ms_hooks_recording(void);
/* The hooks stay and pass everything on, until resumed; arenas are not followed any more. Both need the GIL.
 * False: somebody took the hooks out meanwhile, or the recording is over. */
bool ms_hooks_pause(void);
bool ms_hooks_resume(void);

#endif
