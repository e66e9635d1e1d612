"""`memscope run` reads its command line in a process that ends before the program starts.

    memscope run ── forks ──► click, options, the target, what is installed ──► help, an error
          ◄── what is to be done, as plain data ──────────┘
          └─► records

What is imported to read a command line takes 8 MiB. In the supervisor these would lie beside the
program as long as it runs. Where options ask for more than a recording, as `--serve` does, this
process reads the command line itself.
"""

from __future__ import annotations

import _thread
import marshal
import os
import sys
from contextlib import suppress

from memscope.cli.failing import ends
from memscope.recording.forking import forked_copy

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import NoReturn

    from memscope.cli.telling import Telling
    from memscope.recording.runoptions import Prepared

_TO_READ_HERE = b"\0"


def record() -> None:
    """Do what the command line says. Comes back where this process is to read it itself."""
    if not _is_alone():
        return
    told = _read_apart()
    if told is None:
        return
    from memscope.cli.running import record
    from memscope.cli.telling import Telling
    from memscope.recording.runoptions import of_plain

    prepared, how = marshal.loads(told)
    record(of_plain(prepared), Telling(*how), alone=True)


def _is_alone() -> bool:
    """Whether a forked copy of this process is like it: no threads, and streams of the system."""
    return (
        _thread._count() == 0
        and "_MEMSCOPE_COMPLETE" not in os.environ
        and sys.stdout is sys.__stdout__
        and sys.stderr is sys.__stderr__
    )


def _read_apart() -> bytes | None:
    """What is to be done; None: to be read here. Ends as the other process where it has ended."""
    copy = forked_copy(_read)
    if copy is None:
        return None
    pid, receiving = copy
    _import_meanwhile()
    with open(receiving, "rb") as answer:
        told = answer.read()
    status = 1 << 8
    with suppress(ChildProcessError):  # where nobody is told how children end
        _, status = os.waitpid(pid, 0)
    if not told:
        _end_like(status)
    return None if told == _TO_READ_HERE else told


def _import_meanwhile() -> None:
    """What will be needed if there is something to do; that it cannot be had is said then."""
    with suppress(ImportError):
        import memscope._recorder
        import memscope.cli.running
        import memscope.recording.asked  # noqa: F401


def _end_like(status: int) -> NoReturn:
    """It has said why on the same streams."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        import signal

        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


def _read(sending: int) -> NoReturn:
    """In the other process: read the command line, and answer or say why not."""
    from memscope.cli import commands, run

    def hand_over(wanted: tuple[Prepared, Telling] | None) -> NoReturn:
        from memscope.recording.runoptions import as_plain

        told = _TO_READ_HERE
        if wanted is not None:
            prepared, how = wanted
            telling = (how.quiet, how.no_summary, how.every_s, how.keep, how.limit_bytes)
            told = marshal.dumps((as_plain(prepared), telling))
        with open(sending, "wb") as answer:
            answer.write(told)
        os._exit(0)

    run.handed_to = hand_over
    ends(commands.start)
