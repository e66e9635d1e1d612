/* asking.h: when the program says that it waits for questions, asks it what lies in the live blocks.
 *
 * The program stands still meanwhile. So this is bounded: a second, or a quarter of the recording, but at most ten
 * seconds. A million blocks take 0.15 seconds.
 */
#ifndef MS_ASKING_H
#define MS_ASKING_H

#include "capture/totals.h"
#include "ledger/ledger.h"
#include "shared/segment.h"

typedef struct ms_asking {
    const ms_segment *segment;
    bool (*is_over)(void *context); /* whether nobody is there any more to answer */
    void *context;
    uint64_t until_ns, answered; /* batches */
    bool begun, whole;
} ms_asking;

/* offered: whether questions are asked at all. */
void ms_asking_init(ms_asking *asking, const ms_segment *segment, bool offered);
/* Whether the program waits for questions. */
bool ms_asking_is_wanted(const ms_asking *asking);
/* Asks them; all events of the program must have been taken. started_ns: when the recording began. The program waits on
 * until it is let go. */
void ms_asking_ask(ms_asking *asking, ms_ledger *ledger, uint64_t started_ns);
/* Hands the questions in the table over, and waits until they are answered, until_ns at most. */
bool ms_asking_put(ms_asking *asking);
void ms_asking_let_go(ms_asking *asking);
/* What is not known of the recording's objects: of ms_doubt. */
uint32_t ms_asking_doubts(const ms_asking *asking, bool sampled);
/* "asked", "asked in part" or "not asked"; why: the reason, or empty. */
const char *ms_asking_outcome(const ms_asking *asking, const char **why);

#endif
