/* The witness: notes which signals reach everybody. A program of its own, run by memscope/recording/witness.py.
 *
 * It runs in the process group of memscope and the recorded program, and has no part in what they do. Nobody has a
 * reason to signal it alone, so what reaches it was sent to the whole group, or to each process in turn. Its words and
 * its name are the recorded program's: who picks processes by these (`pkill`) picks both or neither. It takes
 * memscope's news from its standard input, and writes its records to its standard output.
 *
 * Where it cannot run, memscope/recording/_witness.py does the same.
 */
#include "shared/platform.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "shared/procfs.h"
#include "witness/record.h"
#include "witness/stops.h"

#define LOOK_NS 50000000

/* The kernel's name of a process is by its file, unless it says otherwise. */
static void
take_name_of(uint32_t program)
{
    char path[64], name[64] = "";
    (void)snprintf(path, sizeof path, "/proc/%u/comm", program);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t count = read(fd, name, sizeof name - 1);
    close(fd);
    if (count > 1) {
        name[count - 1] = '\0'; /* its end of line */
        (void)prctl(PR_SET_NAME, name);
    }
}

/* False: memscope is gone. */
static bool
hear(ms_stops *stops)
{
    char news[4096];
    ssize_t count = read(STDIN_FILENO, news, sizeof news - 1);
    if (count <= 0)
        return count < 0;
    news[count] = '\0';
    uint32_t before = stops->program;
    ms_stops_hear(stops, news);
    if (stops->program != before)
        take_name_of(stops->program);
    return true;
}

static void
look(ms_stops *stops, pid_t memscope)
{
    bool stopped = stops->program != 0 && ms_procfs_is_stopped((uint32_t)memscope);
    switch (ms_stops_look(stops, stopped, stopped && ms_procfs_is_stopped(stops->program))) {
    case MS_STOPS_STOP_PROGRAM:
        (void)kill((pid_t)stops->program, SIGSTOP);
        break;
    case MS_STOPS_CONTINUE_MEMSCOPE:
        (void)kill(memscope, SIGCONT);
        break;
    case MS_STOPS_LEAVE:
        break;
    }
}

/* False: nobody reads it any more. */
static bool
note(const siginfo_t *info, pid_t memscope)
{
    char text[MS_RECORD_BYTES];
    bool stopped = ms_procfs_is_stopped((uint32_t)memscope);
    size_t length = ms_record(info, memscope, stopped, ms_now_ns(), text);
    return length == 0 || write(STDOUT_FILENO, text, length) >= 0;
}

int
main(void)
{
    pid_t memscope = getppid();
    sigset_t everything;
    sigfillset(&everything);
    sigprocmask(SIG_SETMASK, &everything, NULL);
    (void)fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    ms_stops stops = {0};
    /* Where memscope ended before the first line of this, its parent is and stays who takes in orphans. */
    while (getppid() == memscope && hear(&stops)) {
        siginfo_t info;
        if (sigtimedwait(&everything, &info, &(struct timespec){.tv_nsec = LOOK_NS}) < 0) {
            if (errno == EAGAIN)
                look(&stops, memscope);
            continue;
        }
        if (!note(&info, memscope))
            break;
        if (info.si_signo == SIGCONT)
            stops.apart = 0; /* the others are about to go on */
    }
    return 0;
}
