/* over.h: whether the program is over, for the threads that look on meanwhile, and a way to wait for it. */
#ifndef MS_OVER_H
#define MS_OVER_H

#include "shared/platform.h"

#include <pthread.h>

typedef struct ms_over {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool over;
} ms_over;

void ms_over_init(ms_over *over);
void ms_over_set(ms_over *over);
bool ms_over_is_set(ms_over *over);
/* Waits so long at most; whether it is over. */
bool ms_over_wait(ms_over *over, int64_t wait_ns);

#endif
