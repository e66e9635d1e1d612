/* control.h: takes requests of the same user while the program runs: a capture of now, a snapshot, to be told of
 * limits.
 *
 * As memscope/recording/asked.py, which supervisors with Python use; control.py is the side that asks. The socket is
 * there already: who began the run has made it.
 */
#ifndef MS_CONTROL_H
#define MS_CONTROL_H

#include "supervising/interims.h"

#define MS_MOST_TOLD 4 /* connections of the program: one is what it needs */

typedef struct ms_control {
    ms_watched *watched;
    int listening;
    bool started;
    pthread_t thread;
    pthread_mutex_t telling;
    int client; /* that is being answered; -1: none */
    int told[MS_MOST_TOLD];
    int count;
} ms_control;

/* Where it cannot listen nobody is answered, and the recording is as always. */
void ms_control_start(ms_control *control, ms_watched *watched);
void ms_control_stop(ms_control *control);
/* Tells the program, where it has asked to be told, that it is near this limit. */
void ms_control_tell(ms_control *control, const ms_limit *limit);

#endif
