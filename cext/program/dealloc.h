/* dealloc.h: hears of the deaths of a type's objects, by a destructor of ours in the place of its own.
 *
 * Needs the GIL.
 */
#ifndef MS_DEALLOC_H
#define MS_DEALLOC_H

#include "program/pycompat.h"

/* Puts ours in, and keeps in `before` what ours is to call; or takes it out, unless another lies on top. */
static inline void
ms_dealloc_hear(PyTypeObject *type, destructor ours, destructor *before, bool on)
{
    if (on && type->tp_dealloc != ours) {
        *before = type->tp_dealloc;
        type->tp_dealloc = ours;
    } else if (!on && type->tp_dealloc == ours) {
        type->tp_dealloc = *before;
    }
}

#endif
