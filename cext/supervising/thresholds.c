#include "supervising/thresholds.h"

#define SELDOM_NS INT64_C(500000000) /* between two looks, by how near it is */
#define OFTEN_NS INT64_C(50000000)
#define OFTEN_FROM 0.5
#define FAST_PER_LOOK 0.02
#define AGAIN_BELOW 10 /* per cent below a threshold: what passes it then passes it again */
/* The same of live bytes: how far they fall, and how near they come to what they were. What is freed in pieces serves
 * less than it was. */
#define FALLEN 20
#define NEAR 10

static const int PERCENT[] = {80, 90};
enum { COUNT = sizeof PERCENT / sizeof *PERCENT };

static bool
came_back(ms_thresholds *thresholds, const ms_limit *limit, uint64_t live_bytes)
{
    double below = (double)thresholds->live_then - (double)live_bytes;
    thresholds->fell = thresholds->fell || below > (double)limit->limit_bytes * FALLEN / 100;
    return thresholds->fell && below <= (double)limit->limit_bytes * NEAR / 100;
}

int
ms_thresholds_passed(ms_thresholds *thresholds, const ms_limit *limit, uint64_t live_bytes)
{
    double percent = limit->is ? ms_limit_share(limit) * 100 : 0;
    bool again = limit->is && came_back(thresholds, limit, live_bytes);
    bool any = false;
    int highest = 0;
    for (int i = 0; i < COUNT; i++) {
        thresholds->passed[i] = thresholds->passed[i] && !again && percent >= PERCENT[i] - AGAIN_BELOW;
        any = any || thresholds->passed[i];
    }
    if (!any) {
        thresholds->live_then = 0;
        thresholds->fell = false;
    }
    for (int i = 0; i < COUNT; i++) {
        if (percent >= PERCENT[i] && !thresholds->passed[i]) {
            thresholds->passed[i] = true;
            highest = PERCENT[i];
        }
    }
    if (highest > 0 && live_bytes > thresholds->live_then)
        thresholds->live_then = live_bytes;
    return highest;
}

int64_t
ms_thresholds_wait_ns(const ms_limit *limit)
{
    return limit->is && ms_limit_share(limit) >= OFTEN_FROM ? OFTEN_NS : SELDOM_NS;
}

bool
ms_thresholds_grows_fast(const ms_limits *limits, const ms_limits *before)
{
    for (int source = 0; source < MS_LIMIT_SOURCES; source++) {
        const ms_limit *now = &limits->of[source], *then = &before->of[source];
        if (now->is && then->is &&
            (double)now->used_bytes - (double)then->used_bytes > (double)now->limit_bytes * FAST_PER_LOOK)
            return true;
    }
    return false;
}
