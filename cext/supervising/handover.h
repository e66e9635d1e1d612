/* handover.h: what the interpreter that began a run leaves to this process, and what this one leaves to the next.
 *
 *   memscope run (Python) ── exec ──► this process ── starts, at the end ──► memscope run (Python) packs and reports
 *            └── file of numbers, names, META ──┘ └──── numbers, names, run summary ────┘
 *
 * The other side is memscope/recording/handing.py; the order of fields is the same there.
 */
#ifndef MS_HANDOVER_H
#define MS_HANDOVER_H

#include "supervising/limits.h"
#include "supervising/usage.h"

#define MS_HANDOVER_VARIABLE "_MEMSCOPE_HANDOVER"
#define MS_HANDOVER_WORDS 4096

typedef struct ms_handover_numbers {
    int64_t interface; /* the Python files' number, as in memscope/compiled.py */
    int64_t segment, output, snapshot, state, result, listening; /* descriptors; -1: none */
    int64_t pid, witness, records, news, parent;
    int64_t sample_bytes, budget_ppm, snapshot_budget_ppm, keep_events, keep_imports, native;
    int64_t started_ns, starter_peak_bytes, limit_bytes, snapshots, mask;
    int64_t words, meta_bytes;
} ms_handover_numbers;

typedef struct ms_handover {
    ms_handover_numbers numbers;
    const char *process; /* what the kernel called the process */
    const char *name;    /* of the capture in the end, without its suffix */
    const char *socket;  /* path that is to be removed; "" where nothing listens */
    const char *python;  /* and what it is executed with, to pack a capture: as `python -P -c pack PATH` */
    const char *pack;
    char *words[MS_HANDOVER_WORDS + 1]; /* of the next interpreter, NULL-terminated */
    const char *meta;
} ms_handover;

#define MS_HANDOVER_WRITTEN 2
#define MS_HANDOVER_PROBLEM 256

typedef struct ms_ended {
    int64_t status; /* as wait4 has it */
    bool waited, nothing_ran, killed;
    ms_limit last, nearest;
    char problem[MS_HANDOVER_PROBLEM], interim_problem[MS_HANDOVER_PROBLEM];
    int written;
    char *names[MS_HANDOVER_WRITTEN];
    const char *summary;
} ms_ended;

/* False: it is not there, or of another version; then at most the numbers are known. What it names lies in memory that
 * stays. */
bool ms_handover_take(ms_handover *handover);
void ms_handover_leave(int fd, const ms_ended *ended);

#endif
