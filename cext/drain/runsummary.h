/* runsummary.h: the run summary, which a capture ends with (its END frame): what was recorded, and whether that is all.
 *
 *   segment   the program's own counters       dispatch   events taken, and lost
 *   ledger    counters of all domains     ──►  {"reason": …, "complete": …, …}  ◄──   heap, process sampler, children
 *
 * docs/capture-format.md says what each key means. A recording is complete only if nothing of it is missing: no
 * event, no stack, no memory for either, and no reason to doubt what the program wrote. Used by the drain alone.
 */
#ifndef MS_RUNSUMMARY_H
#define MS_RUNSUMMARY_H

#include "drain/asking.h"
#include "drain/budget.h"
#include "drain/children.h"
#include "drain/dispatch.h"
#include "drain/processsampler.h"
#include "drain/snapshotpolicy.h"

typedef struct ms_runsummary {
    const char *reason; /* why recording ended, unless one of the parts knows of a worse one */
    const ms_segment *segment;
    const ms_ledger *ledger; /* its peak is settled */
    const ms_heap *heap;
    const ms_dispatch *dispatch;
    const ms_processsampler *process;
    const ms_children *children;
    const ms_asking *asking;
    const ms_snapshotpolicy *peaks;
    const ms_budget *budget;
    int domains; /* that the recording tells of */
    uint64_t poll_ns, started_ns, duration_ns;
} ms_runsummary;

/* Why a capture ends whose recording goes on. */
#define MS_REASON_INTERIM "interim"

/* Enough for the object: each process that is listed takes 250 at most, a switch 22. */
#define MS_RUNSUMMARY_BYTES (48u << 10)

/* Leaves the object in text as JSON, NUL-terminated. */
void ms_runsummary_describe(const ms_runsummary *summary, char *text, size_t text_bytes);

#endif
