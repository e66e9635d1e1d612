/* anchor.h: objects that mark a frame for as long as its activation lasts (CPython 3.11 and 3.12).
 *
 *   frame.f_func ──► anchor ──► function          instead of          frame.f_func ──► function
 *
 * In pure Python recursion no caller can be trusted by its stacktop (pycompat.h), and to confirm 450 frames at each
 * event cost 0.5 us. An anchor every few frames bounds the walk. It takes the frame's reference to the function over
 * and gives it back to nobody: when the frame ends, the interpreter drops the anchor and the anchor
 * drops the function. Anchors live in a range of their own, so that telling one is a comparison; they are no
 * PyMem blocks, no garbage-collected objects, and on no free list: the program's allocations stay what they were.
 *
 * Anchors are lifted, and the function put back, before anybody could meet one: from a frame that comes to the top
 * again (an exception that passes through it may keep it, and the collector does not see through anchors), from
 * all frames when sys._getframemodulename is called (it reads the function, and names a namedtuple's module by it),
 * and from all frames when recording ends.
 *
 * Needs the GIL.
 */
#ifndef MS_ANCHOR_H
#define MS_ANCHOR_H

#include "program/pycompat.h"

#define MS_ANCHORS_BYTES (UINT64_C(1) << 25) /* of addresses that may be anchors'; memory comes with need */

extern char *ms_anchors; /* the range; NULL: none could be had */

/* Finds the range, once. Without it frames are confirmed one by one. */
void ms_anchor_prepare(void);
/* Anchors a frame, if it is of a kind that can be and there is room. */
void ms_anchor_frame(ms_frame *frame);
/* Gives an anchored frame its function back; leaves other frames alone. */
void ms_anchor_lift(ms_frame *frame);
/* The same for all frames of a thread. */
void ms_anchor_lift_all(PyThreadState *tstate);

MS_INLINE bool
ms_frame_anchored(ms_frame *frame)
{
    if (!MS_HAVE_ANCHORS)
        return false;
    PyObject **function = ms_frame_function(frame);
    return function != NULL && (uint64_t)((char *)*function - ms_anchors) < MS_ANCHORS_BYTES;
}

#endif
