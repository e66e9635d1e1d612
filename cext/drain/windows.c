#include "drain/windows.h"

#include "capture/changes.h"

#define FIRST_WINDOW_NS UINT64_C(20000000)
#define WINDOW_SHARE 16u /* of the run so far: the length of a window */

bool
ms_windows_due(const ms_windows *windows, uint64_t time_ns)
{
    uint64_t window_ns = time_ns / WINDOW_SHARE;
    if (window_ns < FIRST_WINDOW_NS)
        window_ns = FIRST_WINDOW_NS;
    return time_ns - windows->start_ns >= window_ns;
}

void
ms_windows_next(ms_windows *windows, ms_ledger *ledger, ms_writer *writer, uint64_t time_ns, uint64_t event)
{
    ms_writer_stacks(writer, ms_ledger_lines(ledger));
    ms_writer_rows(writer, ledger);
    ms_stretch stretch = {windows->start_ns, time_ns, windows->first_event, event};
    ms_changes_write(writer, ledger, &stretch);
    ms_ledger_next_window(ledger);
    ms_cohorts_mark(&windows->cohorts, time_ns, ms_ledger_clock(ledger));
    windows->start_ns = time_ns;
    windows->first_event = event;
}

void
ms_windows_close(ms_windows *windows)
{
    ms_cohorts_close(&windows->cohorts);
}
