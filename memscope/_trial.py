"""Runs one program and says what it took; a script of its own, run by `memscope.trials`.

    python -I -S _trial.py REPORT_FD STDOUT_FD STDERR_FD PROGRAM [ARGUMENTS...]

The kernel counts, as a program's peak of resident memory, also what the process held that started
it: the child shares it until it executes something else. This process holds less than any Python
program does by itself, so that what is reported is the program's own.
"""

import posix
import sys
import time

CANNOT_BE_RUN = 127


def main() -> None:
    report_fd, stdout_fd, stderr_fd = map(int, sys.argv[1:4])
    command = sys.argv[4:]
    actions = [
        (posix.POSIX_SPAWN_OPEN, 0, "/dev/null", posix.O_RDONLY, 0),
        (posix.POSIX_SPAWN_DUP2, stdout_fd, 1),
        (posix.POSIX_SPAWN_DUP2, stderr_fd, 2),
    ]
    for fd in (report_fd, stdout_fd, stderr_fd):
        if fd > 2:
            posix.set_inheritable(fd, False)
    started = time.perf_counter()
    try:
        pid = posix.posix_spawn(command[0], command, posix.environ, file_actions=actions)
    except OSError:
        posix._exit(CANNOT_BE_RUN)
    _, status, usage = posix.wait4(pid, 0)
    wall_s = time.perf_counter() - started
    figures = (
        posix.waitstatus_to_exitcode(status),
        wall_s,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * 1024,
        usage.ru_minflt + usage.ru_majflt,
    )
    posix.write(report_fd, " ".join(map(str, figures)).encode())


if __name__ == "__main__":
    main()
