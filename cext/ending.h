/* ending.h: the END object of a capture: what was recorded in all, and whether that is everything.
 *
 *   segment   the program's own counters       intake   what was taken, and lost
 *   ledger    sums of all domains      ──►      {"reason": …, "complete": …, …} ◄──   heap, watch
 *
 * docs/capture-format.md says what each key means. A recording is complete only if nothing of it is missing: no
 * event, no stack, no memory for either, and no reason to doubt what the program wrote. Used by the drain alone.
 */
#ifndef MS_ENDING_H
#define MS_ENDING_H

#include "intake.h"
#include "watch.h"

typedef struct ms_ending {
    const char *reason; /* why recording ended, unless one of the parts knows of a worse one */
    const ms_segment *segment;
    const ms_ledger *ledger; /* its peak is settled */
    const ms_heap *heap;
    const ms_intake *intake;
    const ms_watch *watch;
    uint64_t poll_ns, duration_ns;
} ms_ending;

/* Leaves the object in text as JSON, NUL-terminated. 4096 bytes are enough. */
void ms_ending_describe(const ms_ending *ending, char *text, size_t text_bytes);

#endif
