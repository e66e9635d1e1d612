/* snapshotmemory.h: what a snapshot takes in the program, and how the kernel's peak is kept apart from that.
 *
 *   resident        ╭──╮ within: a snapshot's tables and file
 *          ╭─╮     ╭╯  ╰╮
 *   ───────╯ ╰─────╯    ╰─────  outside: the program's own
 *
 * The kernel keeps one peak. A snapshot may raise it: what the program needs later hides below. So what the kernel says
 * is read before each snapshot and after it, when its memory has been given back.
 */
#ifndef MS_SNAPSHOTMEMORY_H
#define MS_SNAPSHOTMEMORY_H

#include "shared/segment.h"

#define MS_PEAK_OPEN (UINT64_C(1) << 62) /* a snapshot is being taken: what its peak will be is not known */

/* The program: before it takes one; while it does, as much as it has of each; when it has. */
void ms_snapshotmemory_begin(ms_segment_header *header, uint32_t pid);
void ms_snapshotmemory_tell(ms_segment_header *header, uint64_t file_bytes, uint64_t tables_bytes);
void ms_snapshotmemory_taken(ms_segment_header *header, uint32_t pid);
/* The drain: the file's memory has been given back. */
void ms_snapshotmemory_emptied(ms_segment_header *header, uint32_t pid);

#endif
