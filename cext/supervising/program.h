/* program.h: the recorded program as a child of this process: waited for, told of in the capture, and ended like. */
#ifndef MS_PROGRAM_H
#define MS_PROGRAM_H

#include "supervising/handover.h"
#include "supervising/relay.h"

#define MS_EXIT_BYTES 1024

typedef struct ms_program_end {
    int status; /* as wait4 has it */
    ms_ownshare own;
    struct rusage total;
} ms_program_end;

/* Passes signals on until the program is over. */
ms_program_end ms_program_wait(ms_relay *relay);
/* A capture's EXIT object. limit: as it was seen last. */
void ms_program_exit_json(int status, const ms_usage *usage, double wall_s, const ms_limit *limit,
                          char text[MS_EXIT_BYTES]);
/* Ends this process as the program ended: with its status, or by the same signal. */
_Noreturn void ms_program_end_like(int status);

#endif
