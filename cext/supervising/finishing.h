/* finishing.h: the interpreter that packs the capture and says what is to be said, once the program is over. */
#ifndef MS_FINISHING_H
#define MS_FINISHING_H

#include "supervising/handover.h"

/* Starts it and waits for it; what tells this process to end is told to it, too. */
void ms_finishing_run(const ms_handover *handover);

#endif
