/* interims.h: captures of the recording so far, while the program runs: into a file that somebody has opened, or beside
 * the recording's own. As memscope/recording/watched.py and interims.py, which supervisors with Python use.
 */
#ifndef MS_INTERIMS_H
#define MS_INTERIMS_H

#include "drain/drain.h"
#include "supervising/handover.h"
#include "supervising/over.h"

#define MS_ANSWER_BYTES 256

typedef struct ms_watched {
    ms_drain *drain;
    const ms_handover *handover;
    ms_over *over;
    pthread_mutex_t writing; /* held while one is written */
} ms_watched;

typedef struct ms_begun {
    void (*call)(void *with); /* called once it is settled what is in it; NULL: nobody is told */
    void *with;
} ms_begun;

/* Writes all that was recorded by now into an empty file; a forked copy does, and is waited for. why: of what went
 * wrong, a line; else empty. */
bool ms_interims_write_into(ms_watched *watched, int fd, ms_begun begun, char why[MS_ANSWER_BYTES]);
/* Writes one more beside the recording's own, NAME.LABEL.mscope, and packs it. Its path, which is the caller's; NULL:
 * why says what went wrong. */
char *ms_interims_write(ms_watched *watched, const char *label, ms_begun begun, char why[MS_ANSWER_BYTES]);
/* Has the program take a snapshot of its objects, into the capture. Why there is none; else empty. */
const char *ms_interims_snapshot(ms_watched *watched, int64_t patience_ns);
/* Live blocks and bytes; estimates where it samples. */
ms_counters ms_interims_counters(ms_watched *watched);

#endif
