/* windows.h: the pieces of time that a capture tells changes of.
 *
 *   0    20 ms   40 ms                   a window lasts a sixteenth of the run so far:
 *   ├──────┼──────┼────────┼──────────┤   16 windows for each e-fold of its length
 *
 * Used by the drain alone.
 */
#ifndef MS_WINDOWS_H
#define MS_WINDOWS_H

#include "drain/cohorts.h"

typedef struct ms_windows {
    ms_cohorts cohorts;             /* the ends of all windows */
    uint64_t start_ns, first_event; /* of the open one */
} ms_windows;

/* Whether the open window has lasted long enough. */
bool ms_windows_due(const ms_windows *windows, uint64_t time_ns);
/* Writes what changed in the open window, and begins the next. event: the number of events so far. */
void ms_windows_next(ms_windows *windows, ms_ledger *ledger, ms_writer *writer, uint64_t time_ns, uint64_t event);
void ms_windows_close(ms_windows *windows);

#endif
