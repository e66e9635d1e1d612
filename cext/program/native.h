/* native.h: what the preloaded library (cext/native/) sees of the malloc family becomes events of the domain "native".
 *
 *   library ──► here ──► within a request of Python's allocators? then it is part of that one, and told there
 *                  └───► stack of the thread + the library that asks ──► SPSC ring with the GIL, else MPSC ring
 *
 * The events take the two rings that there are, whose order is the order of the addresses (ring.h): a block that the
 * program gets from libc now may be one of Python's RAW domain later, and the other way round.
 */
#ifndef MS_NATIVE_H
#define MS_NATIVE_H

#include "program/producer.h"

/* Begins to listen to the library, and notes in the segment whether it is there. least_bytes: as in options.h. */
void ms_native_start(ms_segment *segment, uint64_t least_bytes);
void ms_native_stop(void);
/* Loads the library into a process that was not started with it, and attaches it there. False: it cannot be done. */
bool ms_native_open(const char *path);
/* What this thread requests is nobody's: it is the recorder's own. */
void ms_native_stay_out(void);

#endif
