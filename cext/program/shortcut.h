/* shortcut.h: has a function of the interpreter's answer at once, by a jump over its first instructions.
 *
 * The function is not known by name: it is found on the stack of a call, by the tables that C++ exceptions are
 * unwound with, and must be the target of a call instruction there. Nobody may be in it while it is changed.
 *
 * The page is written through /proc/self/mem, which copies it for this process; its protection stays as it is at
 * each moment. Where that is forbidden nothing happens and the way stays the long one.
 */
#ifndef MS_SHORTCUT_H
#define MS_SHORTCUT_H

#include "shared/platform.h"

/* The first caller of this function outside its own library that is not in skipped and is called by a call
 * instruction; NULL: none such. */
const void *ms_shortcut_caller(const void *skipped);

/* From now on a call of the function jumps to `to`. False: it cannot be, nothing has changed. */
bool ms_shortcut_set(const void *function, const void *to);
/* The function is as it was. Async-signal-safe. */
bool ms_shortcut_clear(void);

#endif
