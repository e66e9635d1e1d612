/* pressure.h: looks at a program's memory limits, and has a capture written before it is killed for them.
 *
 * As memscope/recording/pressure.py and nearlimits.py, which supervisors with Python use. As each threshold is passed
 * for the first time a capture is written, two at most; each time that one is passed the program is told, where it has
 * asked for that.
 */
#ifndef MS_PRESSURE_H
#define MS_PRESSURE_H

#include "supervising/control.h"
#include "supervising/thresholds.h"

struct ms_pressure;

/* One capture that is written, while looks go on. */
typedef struct ms_pressed {
    struct ms_pressure *pressure;
    int threshold;
    ms_limit limit;
    bool told, running;
    pthread_t thread;
} ms_pressed;

typedef struct ms_pressure {
    ms_watched *watched;
    ms_control *control;
    bool started;
    pthread_t thread;
    ms_limits limits; /* as of the last look */
    uint64_t kills_before;
    uint64_t live_then; /* as the last snapshot was asked for */
    int highest;        /* threshold at which a capture was written */
    ms_pressed pressed[MS_HANDOVER_WRITTEN];
    int count;
    pthread_mutex_t noting; /* guards what is noted for the end */
    ms_ended *ended;
} ms_pressure;

/* What it sees goes into ended: the limits, which captures were written, whether one was killed. */
void ms_pressure_start(ms_pressure *pressure, ms_watched *watched, ms_control *control, ms_ended *ended);
void ms_pressure_stop(ms_pressure *pressure);

#endif
