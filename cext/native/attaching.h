/* attaching.h: in a process that runs already, our functions get into the tables of imports of its libraries.
 */
#ifndef MS_ATTACHING_H
#define MS_ATTACHING_H

#include "shared/platform.h"

/* Attaches what is loaded now, and what will be, but the library of an address. False: it cannot be done here. */
bool ms_attach(const void *recorder);

/* Another name for a function of ours, by which nobody else's is found: such a process has one of that name before. */
#define OURS(name) extern __typeof__(name) ms_our_##name MS_HIDDEN_ALIAS(name);

#endif
