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

#include "program/options.h"
#include "shared/segment.h"

#include <stdio.h>

/* Both need the GIL. After stop no hook touches the segment any more. */
ms_status ms_hooks_start(ms_segment *segment, ms_options options);
void ms_hooks_stop(void);
bool ms_hooks_recording(void);
/* The hooks stay and pass everything on, until resumed; arenas are not followed any more. Both need the GIL.
 * False: somebody took the hooks out meanwhile, or the recording is over. */
bool ms_hooks_pause(void);
bool ms_hooks_resume(void);
/* Has pymalloc print its statistics, as if our hooks were not there. Needs the GIL.
 * False: it is not in use, or cannot be asked now. */
bool ms_hooks_print_pymalloc(FILE *stream);

#endif
