/* thresholds.h: when a program is near a limit of its memory: shares of it that are told as they are passed. Pure.
 *
 * As memscope/recording/thresholds.py, which supervisors with Python use.
 */
#ifndef MS_THRESHOLDS_H
#define MS_THRESHOLDS_H

#include "supervising/limits.h"

/* Tells each threshold as it is passed, and again once there was clearly less in between, or once live bytes have
 * fallen and come back to where they were: what a program frees often stays with its allocators. */
typedef struct ms_thresholds {
    bool passed[2];
    uint64_t live_then; /* most that was live when one was told */
    bool fell;
} ms_thresholds;

/* The highest threshold that is passed now, in per cent; 0: none. */
int ms_thresholds_passed(ms_thresholds *thresholds, const ms_limit *limit, uint64_t live_bytes);
/* How long until the next look. */
int64_t ms_thresholds_wait_ns(const ms_limit *limit);
/* Whether so much more is taken of one than at the look before that it soon may be full. */
bool ms_thresholds_grows_fast(const ms_limits *limits, const ms_limits *before);

#endif
