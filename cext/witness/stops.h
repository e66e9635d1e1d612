/* stops.h: has memscope and the recorded program stop together, and go on together.
 *
 * SIGSTOP sent to memscope alone is meant for the program, and memscope cannot see it come. A memscope that has stopped
 * with its program is not to stay so when somebody has the program alone continued.
 */
#ifndef MS_STOPS_H
#define MS_STOPS_H

#include "shared/platform.h"

typedef enum ms_stops_act { MS_STOPS_LEAVE, MS_STOPS_STOP_PROGRAM, MS_STOPS_CONTINUE_MEMSCOPE } ms_stops_act;

typedef struct ms_stops {
    uint32_t program; /* its process id; 0: not known yet */
    bool follows;     /* memscope has stopped because its program has */
    int apart;        /* for how many looks memscope has been stopped and the program has not */
} ms_stops;

/* What memscope tells, in words: the program's process id, that it "follows" its stop, that it "goes-on". */
void ms_stops_hear(ms_stops *stops, const char *words);
/* What is to be done, by a look at both. */
ms_stops_act ms_stops_look(ms_stops *stops, bool memscope_stopped, bool program_stopped);

#endif
