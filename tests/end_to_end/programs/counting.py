"""Counts the signals that it gets until the file `over` is there, and tells what came.

Its arguments name what it does beside that: `own-group` leaves its group, `killpg NAME` signals
its group, `parent NAME` signals its parent, `queued` takes real-time signals one by one.
"""

import os
import signal
import sys
import time

NAMES = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "WINCH", "CONT", "ABRT", "PIPE",
         "VTALRM", "PROF", "URG", "IO", "TSTP", "TTIN", "PWR", "SEGV"]  # fmt: skip
counts: dict[str, int] = {}


def count(number: int, frame: object = None) -> None:
    name = signal.Signals(number).name
    counts[name] = counts.get(name, 0) + 1


for name in NAMES:
    if f"default-{name}" not in sys.argv:
        signal.signal(getattr(signal, f"SIG{name}"), count)
QUEUED = {signal.SIGRTMIN, signal.SIGRTMIN + 3}
signal.pthread_sigmask(signal.SIG_BLOCK, QUEUED)
if "own-group" in sys.argv:
    os.setpgid(0, 0)
print("ready", os.getpid(), flush=True)
for do, name in zip(sys.argv, sys.argv[1:], strict=False):
    if do == "killpg":
        os.killpg(0, getattr(signal, f"SIG{name}"))
    if do == "parent":
        os.kill(os.getppid(), getattr(signal, f"SIG{name}"))
queued: list[int] = []
while not os.path.exists("over"):
    time.sleep(0.01)
    while (info := signal.sigtimedwait(QUEUED, 0)) is not None:
        queued.append(info.si_signo)
print(sorted(counts.items()), queued, flush=True)
