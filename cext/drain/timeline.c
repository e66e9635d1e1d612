#include "drain/timeline.h"

#include <string.h>

#include "shared/memory.h"

#define SAMPLES_MAX 2048u
#define FIRST_TICK_NS UINT64_C(10000000)

ms_status
ms_timeline_open(ms_timeline *timeline)
{
    *timeline = (ms_timeline){.tick_ns = FIRST_TICK_NS};
    timeline->samples = ms_memory_get(SAMPLES_MAX * sizeof *timeline->samples);
    return timeline->samples == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_timeline_close(ms_timeline *timeline)
{
    ms_memory_give(timeline->samples);
    memset(timeline, 0, sizeof *timeline);
}

static void
thin(ms_timeline *timeline)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i + 1 < timeline->count; i += 2) {
        ms_timeline_sample sample = timeline->samples[i + 1];
        if (timeline->samples[i].max_live_bytes > sample.max_live_bytes)
            sample.max_live_bytes = timeline->samples[i].max_live_bytes;
        sample.collecting |= timeline->samples[i].collecting;
        timeline->samples[kept++] = sample;
    }
    timeline->count = kept;
    timeline->tick_ns *= 2;
}

void
ms_timeline_add(ms_timeline *timeline, const ms_timeline_sample *sample)
{
    if (timeline->count == SAMPLES_MAX)
        thin(timeline);
    timeline->samples[timeline->count++] = *sample;
}
