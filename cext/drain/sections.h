/* sections.h: sections of one recording. Each is written as if it were a recording of its own.
 *
 *   begin ── events ── end ── write        begin ── events ── end …        one drain, one stack tree for all
 *
 * All three are for whoever records, and only while the program is paused or is the caller. They hold the drain's lock.
 */
#ifndef MS_SECTIONS_H
#define MS_SECTIONS_H

#include "drain/drain.h"

/* Begins a section: forgets all blocks and counters. Where it may be written, what the process holds before is
 * measured: that takes as long as all the rest. */
void ms_section_begin(ms_drain *drain, bool may_be_written);
/* Takes what is there of the section. While the program goes on, nobody else may run in it. False: something of it, or
 * of one before, is missing. */
bool ms_section_end(ms_drain *drain);
/* Writes the section that has ended as a capture, with the snapshot that was taken in it last. The descriptor stays the
 * caller's. */
ms_status ms_section_write(ms_drain *drain, int output_fd, const char *meta, size_t meta_bytes);

#endif
