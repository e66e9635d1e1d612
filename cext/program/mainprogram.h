/* mainprogram.h: runs the recorded program as the interpreter itself would have run it.
 *
 * Must be called from the start-up script, at most once. The frames below are hidden meanwhile, so that
 * tracebacks, warnings, sys._getframe() and the recursion limit are as without us.
 */
#ifndef MS_MAINPROGRAM_H
#define MS_MAINPROGRAM_H

#include "program/options.h"
#include "program/pycompat.h"

/* How the program came to its end. SystemExit does not come back at all: the interpreter has exited. */
typedef enum ms_main_end {
    MS_MAIN_DONE = 0,
    MS_MAIN_FAILED = 1,      /* an exception was printed: exit status 1 */
    MS_MAIN_INTERRUPTED = 2, /* KeyboardInterrupt was printed: to end by SIGINT */
} ms_main_end;

/* Each starts the recording once the frames below are out of sight. A recording that cannot start is let
 * go: the program runs all the same. */

/* path in the file system's encoding. -1: the file could not be opened, with an exception. */
int ms_main_run_file(const char *path, ms_options options);
int ms_main_run_command(const char *source, ms_options options);
/* As `python -m`; with set_argv0 false as for a directory or zip file with a __main__. */
int ms_main_run_module(const char *name, bool set_argv0, ms_options options);

#endif
