#include "supervising/pressure.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_NS INT64_C(1000000000) /* for a snapshot: who lets go of caches waits for it */

/* As in drain/snapshotpolicy.c, which holds those at peaks to it. */
#define OBJECT_BYTES UINT64_C(80)     /* of file and tables, for one with its references */
#define SPARSE_BYTES UINT64_C(256)    /* more, where objects are large and few of them lie in a page: */
#define SPARSE_SHARE 8                /* so much of the heap at most */
#define OLDER_OBJECTS UINT64_C(50000) /* of the interpreter and of what it has imported: not recorded */
#define SPARED 2                      /* of what is left, one in so many parts is for a snapshot */
#define LAST 3                        /* from so many parts on there soon is no room */
#define GROWN 1.25                    /* for another while there is room: so many times as much is live */

static uint64_t
left_of(const ms_limit *limit)
{
    return limit->limit_bytes > limit->used_bytes ? limit->limit_bytes - limit->used_bytes : 0;
}

static uint64_t
needed_for(const ms_counters *now)
{
    uint64_t objects = OLDER_OBJECTS + now->live_blocks;
    uint64_t sparse = objects * SPARSE_BYTES, most = now->live_bytes / SPARSE_SHARE;
    return objects * OBJECT_BYTES + (sparse < most ? sparse : most);
}

/* Has the program take a snapshot while there is room, where there soon will be none. */
static void
look_for_room(ms_pressure *pressure, const ms_counters *now)
{
    uint64_t left = UINT64_C(1) << 63, needed = needed_for(now);
    for (int source = 0; source < MS_LIMIT_SOURCES; source++) {
        const ms_limit *limit = &pressure->limits.of[source];
        if (limit->is && left_of(limit) < left)
            left = left_of(limit);
    }
    ms_drain_room_for_snapshots(pressure->watched->drain, left / SPARED);
    bool grown = (double)now->live_bytes > (double)pressure->live_then * GROWN;
    if (needed * SPARED <= left && left < needed * LAST && grown) {
        pressure->live_then = now->live_bytes;
        (void)ms_drain_ask_snapshot(pressure->watched->drain);
    }
}

/* Whether one that is asked for at a threshold would fit; it is, then. */
static bool
has_room(ms_pressure *pressure, const ms_limit *limit)
{
    ms_counters now = ms_interims_counters(pressure->watched);
    bool fits = needed_for(&now) * SPARED <= left_of(limit);
    if (fits)
        pressure->live_then = now.live_bytes;
    return fits;
}

static void
tell(void *given)
{
    ms_pressed *pressed = given;
    pressed->told = true;
    ms_control_tell(pressed->pressure->control, &pressed->limit);
}

static void *
write_one(void *given)
{
    ms_pressed *pressed = given;
    ms_pressure *pressure = pressed->pressure;
    char label[32], why[MS_ANSWER_BYTES] = "";
    if (pressure->watched->handover->numbers.snapshots != 0 && has_room(pressure, &pressed->limit))
        (void)ms_interims_snapshot(pressure->watched, PATIENCE_NS);
    (void)snprintf(label, sizeof label, "at-%d-percent", pressed->threshold);
    char *path = ms_interims_write(pressure->watched, label, (ms_begun){tell, pressed}, why);
    pthread_mutex_lock(&pressure->noting);
    if (path != NULL)
        pressure->ended->names[pressure->ended->written++] = path;
    else if (!ms_over_is_set(pressure->watched->over))
        (void)snprintf(pressure->ended->interim_problem, sizeof pressure->ended->interim_problem, "%s", why);
    pthread_mutex_unlock(&pressure->noting);
    if (!pressed->told) /* there is no capture, but memory is scarce all the same */
        ms_control_tell(pressure->control, &pressed->limit);
    return NULL;
}

static void
pass(ms_pressure *pressure, int threshold, const ms_limit *limit)
{
    if (threshold <= pressure->highest || pressure->count == MS_HANDOVER_WRITTEN) {
        ms_control_tell(pressure->control, limit);
        return;
    }
    pressure->highest = threshold;
    ms_pressed *pressed = &pressure->pressed[pressure->count++];
    *pressed = (ms_pressed){.pressure = pressure, .threshold = threshold, .limit = *limit};
    /* Looks go on meanwhile: a large capture takes seconds. */
    pressed->running = pthread_create(&pressed->thread, NULL, write_one, pressed) == 0;
    if (!pressed->running)
        (void)write_one(pressed);
}

static void *
watch(void *given)
{
    ms_pressure *pressure = given;
    const ms_handover_numbers *numbers = &pressure->watched->handover->numbers;
    ms_ended *ended = pressure->ended;
    ms_thresholds thresholds = {0};
    int64_t pause_ns = ms_thresholds_wait_ns(&ended->last);
    while (!ms_over_wait(pressure->watched->over, pause_ns)) {
        ms_limits limits = ms_limits_of((pid_t)numbers->pid, (uint64_t)numbers->limit_bytes, "");
        ms_limit limit = ms_limits_tightest(&limits, (pid_t)numbers->pid);
        ms_limit soon = {.is = true, .limit_bytes = 1, .used_bytes = 1};
        pause_ns = ms_thresholds_wait_ns(ms_thresholds_grows_fast(&limits, &pressure->limits) ? &soon : &limit);
        pressure->limits = limits;
        ms_counters now = ms_interims_counters(pressure->watched);
        if (numbers->snapshots != 0)
            look_for_room(pressure, &now);
        int threshold = ms_thresholds_passed(&thresholds, &limit, now.live_bytes);
        if (!limit.is)
            continue;
        ended->last = limit;
        if (!ended->nearest.is || ms_limit_share(&limit) > ms_limit_share(&ended->nearest))
            ended->nearest = limit;
        if (threshold > 0)
            pass(pressure, threshold, &limit);
    }
    return NULL;
}

void
ms_pressure_start(ms_pressure *pressure, ms_watched *watched, ms_control *control, ms_ended *ended)
{
    const ms_handover_numbers *numbers = &watched->handover->numbers;
    pressure->watched = watched;
    pressure->control = control;
    pressure->ended = ended;
    (void)pthread_mutex_init(&pressure->noting, NULL);
    /* Also where there is none: a program may join a cgroup, or one be limited, later. */
    pressure->limits = ms_limits_of((pid_t)numbers->pid, (uint64_t)numbers->limit_bytes, "");
    const ms_limit *group = &pressure->limits.of[MS_LIMIT_CGROUP];
    pressure->kills_before = group->is ? group->kills : UINT64_MAX;
    ended->last = ms_limits_tightest(&pressure->limits, (pid_t)numbers->pid);
    pressure->started = pthread_create(&pressure->thread, NULL, watch, pressure) == 0;
}

void
ms_pressure_stop(ms_pressure *pressure)
{
    if (!pressure->started)
        return;
    (void)pthread_join(pressure->thread, NULL);
    for (int i = 0; i < pressure->count; i++) {
        if (pressure->pressed[i].running)
            (void)pthread_join(pressure->pressed[i].thread, NULL);
    }
    /* The process is gone; what is left tells whether it was killed for its cgroup's limit. */
    ms_limits left = ms_limits_of(getpid(), 0, "");
    const ms_limit *group = &left.of[MS_LIMIT_CGROUP];
    if (group->is && group->kills > pressure->kills_before) {
        pressure->ended->killed = true;
        if (!pressure->ended->last.is || pressure->ended->last.source != MS_LIMIT_CGROUP)
            pressure->ended->last = *group;
    }
}
