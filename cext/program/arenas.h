/* arenas.h: tells the drain which arenas pymalloc has, and at the end what it counts in each of their pools.
 *
 *   arena made, given back    a hook in place of the arena allocator, which stands where the kernel is asked
 *   arenas from before        from the interpreter's own list (3.12 and later); on 3.11 that cannot be reached
 *   pools                     their headers, read once, when recording ends
 *
 * All functions need the GIL and must be called while recording, but for ms_arenas_let_go.
 */
#ifndef MS_ARENAS_H
#define MS_ARENAS_H

#include "shared/platform.h"

void ms_arenas_start(void);
/* Tells of the pools, and takes the hook out unless another tool has put its own on top. */
void ms_arenas_stop(void);
/* In a forked child: only takes the hook out. */
void ms_arenas_let_go(void);
/* No arena is told of from now on, nor are the pools of those that were. */
void ms_arenas_forget(void);

#endif
