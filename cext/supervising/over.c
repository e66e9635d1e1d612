#include "supervising/over.h"

void
ms_over_init(ms_over *over)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&over->mutex, NULL);
    (void)pthread_cond_init(&over->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    over->over = false;
}

void
ms_over_set(ms_over *over)
{
    pthread_mutex_lock(&over->mutex);
    over->over = true;
    pthread_cond_broadcast(&over->wake);
    pthread_mutex_unlock(&over->mutex);
}

bool
ms_over_is_set(ms_over *over)
{
    pthread_mutex_lock(&over->mutex);
    bool set = over->over;
    pthread_mutex_unlock(&over->mutex);
    return set;
}

bool
ms_over_wait(ms_over *over, int64_t wait_ns)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ns / 1000000000);
    until.tv_nsec += (long)(wait_ns % 1000000000);
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&over->mutex);
    while (!over->over && pthread_cond_timedwait(&over->wake, &over->mutex, &until) == 0) {
    }
    bool set = over->over;
    pthread_mutex_unlock(&over->mutex);
    return set;
}
