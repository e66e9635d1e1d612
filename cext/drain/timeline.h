/* timeline.h: samples of live and resident memory at regular times.
 *
 *   every 10 ms   . . . . . . . .     at 2048 samples every other one is dropped, and the distance doubles;
 *   every 20 ms   .   .   .   .       the next sample takes over the highest live bytes of a dropped one
 *
 * Used by the drain alone.
 */
#ifndef MS_TIMELINE_H
#define MS_TIMELINE_H

#include "capture/writer.h"

typedef struct ms_timeline {
    ms_timeline_sample *samples;
    uint32_t count;
    uint64_t tick_ns; /* from one sample to the next */
} ms_timeline;

ms_status ms_timeline_open(ms_timeline *timeline);
void ms_timeline_close(ms_timeline *timeline);
/* Adds a sample. */
void ms_timeline_add(ms_timeline *timeline, const ms_timeline_sample *sample);

#endif
