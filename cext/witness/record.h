/* record.h: what the witness writes down of a signal.
 *
 *     <monotonic ns> <number> <si_code> <sender's pid> <1 if memscope was stopped at that moment>
 *
 * and a line with a dot when memscope asks, with the highest signal, whether that was all.
 */
#ifndef MS_RECORD_H
#define MS_RECORD_H

#include "shared/platform.h"

#include <signal.h>
#include <sys/types.h>

#define MS_RECORD_BYTES ((size_t)96)

/* The line, NUL-terminated; its length. 0: nothing is to be written. */
size_t ms_record(const siginfo_t *info, pid_t memscope, bool memscope_stopped, uint64_t now_ns,
                 char text[MS_RECORD_BYTES]);

#endif
