/* surveypolicy.h: when the arenas are surveyed (survey.h).
 *
 *   live bytes in arenas   peak ─╮
 *                                ╰─╮ half of it: a survey
 *                                  ╰── a quarter less again: another, in its place if there are as many arenas
 *                                       end of the recording: a survey of its own
 *
 * What is left when live memory in arenas has fallen far below its peak keeps arenas from being returned. There is no
 * survey while it falls: what is about to go keeps nothing. Large blocks do not count: there may be more of them than
 * ever. While the program runs, at most a fiftieth of the time goes to surveys. Used by the drain alone.
 */
#ifndef MS_SURVEYPOLICY_H
#define MS_SURVEYPOLICY_H

#include "drain/processsampler.h"
#include "drain/survey.h"

typedef struct ms_surveypolicy {
    ms_ledger *ledger;
    ms_heap *heap;
    const ms_processsampler *process;
    ms_survey low;                  /* when live memory in arenas was far below its peak; empty: never */
    uint64_t live_bytes, event;     /* in arenas at the last look, and the event that it was at */
    uint64_t peak_bytes, low_bytes; /* the most at a look; what calls for the next survey */
    uint64_t took_ns;               /* all surveys */
} ms_surveypolicy;

void ms_surveypolicy_init(ms_surveypolicy *policy, ms_ledger *ledger, ms_heap *heap, const ms_processsampler *process);
/* Takes a survey if now is a moment for one. event: the number of events so far. Not for sampled recordings: of a
 * sample alone arenas would look far too empty. At the end pymalloc's own counts make up for that. */
void ms_surveypolicy_look(ms_surveypolicy *policy, uint64_t time_ns, uint64_t event);
/* At the end: takes the last survey and writes both. Rows must have been written. */
void ms_surveypolicy_write(ms_surveypolicy *policy, ms_writer *writer, uint64_t time_ns);
void ms_surveypolicy_close(ms_surveypolicy *policy);

#endif
