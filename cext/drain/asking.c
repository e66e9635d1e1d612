#include "drain/asking.h"

#include "ledger/questions.h"

#define LEAST_NS UINT64_C(1000000000)
#define MOST_NS UINT64_C(10000000000)
#define SHARE 4u                         /* of the recording */
#define PATIENCE_NS UINT64_C(2000000000) /* for one answer */
#define LOOK_NS UINT64_C(20000)

void
ms_asking_init(ms_asking *asking, const ms_segment *segment, bool offered)
{
    *asking = (ms_asking){.segment = segment};
    atomic_store(&segment->inquiry->offered, offered ? 1 : 0);
}

bool
ms_asking_is_wanted(const ms_asking *asking)
{
    return atomic_load(&asking->segment->inquiry->offered) != 0 &&
           ms_inquiry_now(asking->segment->inquiry) == MS_INQUIRY_READY;
}

bool
ms_asking_put(ms_asking *asking)
{
    ms_inquiry *table = asking->segment->inquiry;
    uint64_t now_ns = ms_now_ns(), until_ns = now_ns + PATIENCE_NS;
    /* Looked at by a program that waits for the drain to move. */
    atomic_fetch_add_explicit(&asking->segment->header->heartbeat, 1, memory_order_relaxed);
    if (now_ns > asking->until_ns || !ms_inquiry_change(table, ms_inquiry_now(table), MS_INQUIRY_ASKED))
        return false;
    while (ms_inquiry_now(table) == MS_INQUIRY_ASKED) {
        bool over = ms_now_ns() > until_ns || asking->is_over(asking->context);
        if (over && ms_inquiry_change(table, MS_INQUIRY_ASKED, MS_INQUIRY_DONE))
            return false;
        ms_sleep_ns(LOOK_NS);
    }
    asking->answered++;
    return ms_inquiry_now(table) == MS_INQUIRY_ANSWERED;
}

static bool
ask(void *asking)
{
    return ms_asking_put(asking);
}

void
ms_asking_ask(ms_asking *asking, ms_ledger *ledger, uint64_t started_ns)
{
    ms_inquiry *table = asking->segment->inquiry;
    uint64_t now_ns = ms_now_ns(), span_ns = (now_ns - started_ns) / SHARE;
    span_ns = span_ns < LEAST_NS ? LEAST_NS : span_ns > MOST_NS ? MOST_NS : span_ns;
    asking->until_ns = now_ns + span_ns;
    asking->begun = true;
    asking->answered = 0;
    asking->whole = ms_questions_put(ledger, table, ask, asking);
}

void
ms_asking_let_go(ms_asking *asking)
{
    ms_inquiry *table = asking->segment->inquiry;
    if (!ms_inquiry_change(table, MS_INQUIRY_ANSWERED, MS_INQUIRY_DONE))
        (void)ms_inquiry_change(table, MS_INQUIRY_READY, MS_INQUIRY_DONE);
}

uint32_t
ms_asking_doubts(const ms_asking *asking, bool sampled)
{
    uint32_t objects = atomic_load(&asking->segment->header->objects), doubts = MS_DOUBT_PEAK;
    if (objects == MS_OBJECTS_NONE)
        return 0;
    if (objects != MS_OBJECTS_MADE)
        doubts |= MS_DOUBT_MADE | MS_DOUBT_TABLES;
    if (sampled || !asking->begun || !asking->whole)
        doubts |= MS_DOUBT_TABLES;
    return doubts;
}

const char *
ms_asking_outcome(const ms_asking *asking, const char **why)
{
    *why = "";
    if (asking->begun && asking->whole)
        return "asked";
    *why = asking->begun ? "it took too long" : "the program did not wait for questions";
    return asking->answered != 0 ? "asked in part" : "not asked";
}
