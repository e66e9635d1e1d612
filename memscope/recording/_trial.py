"""Runs one program and says what it took; a script of its own, run by `memscope.recording.trials`.

    python -I -S _trial.py REPORT_FD STDOUT_FD STDERR_FD PROGRAM [ARGUMENTS...]

The kernel counts, as a program's peak of resident memory, also what the process held that started
it: the child shares it until it executes something else. This process holds less than any Python
program does by itself, so that what is reported is the program's own.
"""

import _thread
import posix
import sys
import time

LOOK_EVERY_S = 0.02

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
    highest_bytes = [0]
    _thread.start_new_thread(look, (pid, highest_bytes))
    posix.waitid(posix.P_PID, pid, posix.WEXITED | posix.WNOWAIT)
    wall_s = time.perf_counter() - started
    # Until it is waited for, its own share can be told from that of its children.
    stat, clock_s = read(f"/proc/{pid}/stat"), cpu_clock(pid)
    _, status, usage = posix.wait4(pid, 0)
    figures = (
        posix.waitstatus_to_exitcode(status),
        wall_s,
        usage.ru_utime,
        usage.ru_stime,
        usage.ru_maxrss,
        usage.ru_minflt,
        usage.ru_majflt,
        highest_bytes[0],
        clock_s,
    )
    posix.write(report_fd, " ".join(map(str, figures)).encode() + b"\n" + stat)


def cpu_clock(pid: int) -> float:
    """CPU time of all threads of a process, without its children's; -1: not known."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return -1.0


def look(pid: int, highest_bytes: list[int]) -> None:
    """Notes the high-water mark of resident memory: with children, the kernel's is not its own."""
    while True:
        _, found, rest = read(f"/proc/{pid}/status").partition(b"\nVmHWM:")
        if found:
            highest_bytes[0] = int(rest.split()[0]) * 1024
        time.sleep(LOOK_EVERY_S)


def read(path: str) -> bytes:
    try:
        file = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return posix.read(file, 4096)
    except OSError:
        return b""
    finally:
        posix.close(file)


if __name__ == "__main__":
    main()
