/* drain.h: the native thread that empties the rings. It never takes the GIL and knows nothing of Python.
 *
 *   rings ──► intake ──► ledger ──► windows, points ──► writer ──► capture file
 *   program's memory ──► watch ─────────────┘
 *
 * Under `memscope run` it lives in the supervising process: the ledger then costs the recorded program no
 * memory, and when that program is killed, what is left in the rings is still taken and written.
 * Within memscope.record() it lives in the recorded process itself.
 */
#ifndef MS_DRAIN_H
#define MS_DRAIN_H

#include "cohorts.h"
#include "extract.h"
#include "intake.h"
#include "survey.h"
#include "watch.h"

#include <pthread.h>

/* Each wake-up of the drain costs the program 5-10 % at 200 us, and nothing that can be measured at 2 ms. */
#define MS_POLL_NS UINT64_C(2000000)
#define MS_IDLE_POLL_NS UINT64_C(10000000)
/* Laps are shorter than a poll, and what is left of one when it ends is waited for. */
#define MS_LAP_POLL_NS UINT64_C(500000)

typedef struct ms_drain_options {
    uint64_t sample_bytes; /* 0: exact */
    bool keep_events, keep_imports;
    bool laps; /* nothing is written but the laps that are asked for */
    int pid; /* of the recorded process */
} ms_drain_options;

typedef struct ms_drain {
    ms_segment segment;
    ms_ledger ledger;
    ms_writer writer;
    ms_heap heap;
    ms_cohorts cohorts;
    ms_drain_options options;

    ms_intake intake;
    ms_watch watch;

    uint64_t started_ns, next_tick_ns, tick_ns;
    ms_point *points;
    uint32_t point_count;
    uint64_t window_start_ns, window_first_event;

    ms_survey low; /* when live memory in arenas was far below its peak; empty: never */
    uint64_t pooled_bytes, pooled_event; /* in arenas at the last look, and the event that it was at */
    uint64_t pooled_peak_bytes, pooled_low_bytes; /* the most at a look; what calls for the next survey */
    uint64_t survey_ns; /* spent on surveys */

    pthread_t thread;
    pthread_mutex_t mutex; /* guards stopping; the drain sleeps on the condition */
    pthread_mutex_t taking; /* held while events are taken: the ledger is for its holder */
    pthread_cond_t wake;
    bool running, stopping;
    int home; /* process that the thread runs in; a forked child has none */
} ms_drain;

/* Maps the segment and writes the capture's first frame. The descriptors stay the caller's. */
ms_status ms_drain_open(ms_drain *drain, int segment_fd, int output_fd, const char *meta,
                        size_t meta_bytes, const ms_drain_options *options);
ms_status ms_drain_start(ms_drain *drain);
/* All sums as of the last poll; waits for one that is under way. */
ms_tally ms_drain_total(ms_drain *drain);
/* Laps: pieces of one recording, each as if it were one of its own. All three only while the program is paused. */
/* Begins a lap: forgets all blocks and sums. */
void ms_drain_begin_lap(ms_drain *drain);
/* Takes what is left of the lap. False: something of it, or of one before, is missing. */
bool ms_drain_end_lap(ms_drain *drain);
/* Writes the lap that has ended as a capture. The descriptor stays the caller's. */
ms_status ms_drain_write_lap(ms_drain *drain, int output_fd, const char *meta, size_t meta_bytes);
/* Takes what is left, writes the last frames, and leaves the END object (JSON) in end, NUL-terminated.
 * exit_json: the EXIT object, or NULL. MS_IO: the capture could not be written in full. */
ms_status ms_drain_finish(ms_drain *drain, const char *reason, const char *exit_json, char *end,
                          size_t end_bytes);
void ms_drain_close(ms_drain *drain);
/* Ends the thread and closes, with the capture left as it is. */
void ms_drain_abort(ms_drain *drain);

#endif
