#include "drain/surveypolicy.h"

#define LOW_ARENAS 8u     /* fewer are not worth a survey while the program runs */
#define LEAST_EVENTS 256u /* fewer between two looks at the arenas: it may be that the program was not running */
#define FALLING_BYTES 4u  /* an event: a freed block of pymalloc's has 16 to 512 */
#define SURVEY_SHARE 50u  /* of the run so far may go to surveys */

void
ms_surveypolicy_init(ms_surveypolicy *policy, ms_ledger *ledger, ms_heap *heap, const ms_processsampler *process)
{
    *policy = (ms_surveypolicy){.ledger = ledger, .heap = heap, .process = process};
}

static void
take_survey(ms_surveypolicy *policy, ms_survey *survey, uint64_t time_ns)
{
    uint64_t before_ns = ms_now_ns();
    survey->time_ns = time_ns;
    survey->resident_bytes = ms_processsampler_resident_bytes(policy->process);
    ms_survey_take(survey, policy->ledger, policy->heap);
    policy->took_ns += ms_now_ns() - before_ns;
}

void
ms_surveypolicy_look(ms_surveypolicy *policy, uint64_t time_ns, uint64_t event)
{
    bool ending = policy->heap->pool_count != 0;
    if (ending || policy->heap->most < LOW_ARENAS || policy->took_ns > time_ns / SURVEY_SHARE)
        return;
    uint64_t events = event - policy->event;
    if (events < LEAST_EVENTS)
        return;
    uint64_t live = ms_ledger_pooled_bytes(policy->ledger), before = policy->live_bytes;
    policy->event = event;
    policy->live_bytes = live;
    if (live > policy->peak_bytes) {
        policy->peak_bytes = live;
        policy->low_bytes = live / 2;
    }
    bool falls = live + FALLING_BYTES * events < before;
    if (falls || live > policy->low_bytes)
        return;
    policy->low_bytes = live / 4 * 3;
    ms_survey low = {0};
    take_survey(policy, &low, time_ns);
    /* As a program ends less and less is live, and hardly an arena is left: that tells nothing of how it was. */
    bool tells_more = low.arena_count >= policy->low.arena_count;
    ms_survey_close(tells_more ? &policy->low : &low);
    if (tells_more)
        policy->low = low;
}

void
ms_surveypolicy_write(ms_surveypolicy *policy, ms_writer *writer, uint64_t time_ns)
{
    if (policy->low.arena_count != 0)
        ms_survey_write(&policy->low, writer, MS_AT_LOW);
    if (policy->heap->count == 0)
        return;
    ms_survey end = {0};
    ms_heap_sort_pools(policy->heap);
    take_survey(policy, &end, time_ns);
    ms_survey_write(&end, writer, MS_AT_END);
    ms_survey_close(&end);
}

void
ms_surveypolicy_close(ms_surveypolicy *policy)
{
    ms_survey_close(&policy->low);
}
