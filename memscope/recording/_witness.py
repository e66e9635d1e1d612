"""Notes which signals reach everybody; a script of its own, run by `memscope.recording.witness`.

    python -S -s -P _witness.py RECORD_FD NEWS_FD WORDS…

It takes the place of cext/witness/witness.c where that cannot be executed, and does the same.

It runs in the process group of memscope and the recorded program, and has no part in what they do.
Nobody has a reason to signal it alone, so what reaches it was sent to the whole group, or to each
process in turn. It writes a line for each signal:

    <monotonic ns> <number> <si_code> <sender's pid> <1 if memscope was stopped at that moment>

and a line with a dot when memscope asks, with the highest signal, whether that was all. WORDS are
the recorded program's command line: who picks processes by it (`pkill -f`) picks both or neither.

It also looks after stops of one of the two alone. SIGSTOP sent to memscope alone is meant for the
program, and memscope cannot see it come; and a memscope that stopped with its program is not to
stay so when somebody has the program alone continued.
"""

import _signal  # type: ignore[import-not-found]
import posix
import sys
import time

LOOK_S = 0.05
STOPS = {_signal.SIGTSTP, _signal.SIGTTIN, _signal.SIGTTOU}


def main() -> None:
    records, news = int(sys.argv[1]), int(sys.argv[2])
    memscope = posix.getppid()
    everything = _signal.valid_signals()
    _signal.pthread_sigmask(_signal.SIG_BLOCK, everything)
    posix.set_blocking(news, False)
    stops = Stops(memscope, news)
    # Where memscope ended before our first line, its parent is and stays who takes in orphans.
    while posix.getppid() == memscope and stops.hear():
        info = _signal.sigtimedwait(everything, LOOK_S)
        try:
            if info is None:
                stops.look()
                continue
            record = record_of(info, memscope)
            if record:
                posix.write(records, record)
        except OSError:  # they have ended
            return
        if info.si_signo == _signal.SIGCONT:
            stops.apart = 0  # the others are about to go on


def record_of(info: _signal.struct_siginfo, memscope: int) -> bytes:
    if info.si_pid == memscope and info.si_code <= 0:
        return b".\n" if info.si_signo == _signal.SIGRTMAX else b""
    stopped = is_stopped(memscope)
    if stopped and info.si_signo in STOPS:
        return b""  # the SIGCONT to come takes it away from who is stopped
    sender = info.si_pid if info.si_code <= 0 else 0
    now = time.monotonic_ns()
    return b"%d %d %d %d %d\n" % (now, info.si_signo, info.si_code, sender, stopped)


class Stops:
    """Has memscope and the program stopped together, and going on together."""

    def __init__(self, memscope: int, news: int) -> None:
        self.apart = 0  # for how many looks memscope has been stopped and the program has not
        self._memscope = memscope
        self._news = news
        self._program = 0  # its process id, once it is known
        self._follows = False  # memscope has stopped because its program has

    def look(self) -> None:
        if not self._program or not is_stopped(self._memscope) or is_stopped(self._program):
            self.apart = 0
            return
        self.apart += 1
        if self.apart == 1:  # one of them may have gone on between the two looks
            return
        self.apart = 0
        if self._follows:
            posix.kill(self._memscope, _signal.SIGCONT)
        else:
            posix.kill(self._program, _signal.SIGSTOP)

    def hear(self) -> bool:
        """Takes in what memscope tells; false: it is gone."""
        try:
            news = posix.read(self._news, 4096)
        except BlockingIOError:
            return True
        for word in news.split():
            if word in (b"follows", b"goes-on"):
                self._follows = word == b"follows"
            else:
                self._program = int(word)
        return bool(news)


def is_stopped(pid: int) -> bool:
    try:
        fd = posix.open(b"/proc/%d/stat" % pid, posix.O_RDONLY)
    except OSError:
        return False
    try:
        return posix.read(fd, 1024).rpartition(b") ")[2][:1] == b"T"
    except OSError:
        return False
    finally:
        posix.close(fd)


if __name__ == "__main__":
    main()
