"""How somebody else's child ended is known while the kernel still tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from memscope.recording.howended import wait_status


@pytest.mark.parametrize(
    ("end", "expected"),
    [("pass", 0), ("os._exit(7)", 7 << 8), ("os.kill(os.getpid(), 9)", signal.SIGKILL)],
)
def test_until_it_was_waited_for_and_where_it_can_be_later(end: str, expected: int) -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", f"import os; {end}"])
    pid = process.pid
    pidfd = os.pidfd_open(pid)
    os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
    assert wait_status(pid, pidfd) == expected
    process.wait()
    # Linux 6.15 and later keep it for who has the descriptor.
    assert wait_status(pid, pidfd) in (expected, None)
    os.close(pidfd)


def test_of_who_still_runs_nothing_is_known() -> None:
    pidfd = os.pidfd_open(os.getpid())
    assert wait_status(os.getpid(), pidfd) is None
    os.close(pidfd)
