"""Records forked children: each hands its segment over and gets a drain and a capture of its own.

    forked child ── pid, files ──► socket ──► Drain ──► <name>-<pid>.mscope

The files are its segment and, where its parent takes snapshots, one for its own.
A child tells of itself before it runs anything of the program's, so its capture begins with it. Its
end shows on a pidfd; how it ended is its parent's to know. Captures are finished by other threads
than the one that takes children on: packing a large one takes seconds, and a child whose events
nobody takes waits.
"""

from __future__ import annotations

import array
import json
import os
import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.recording.child import usage_json
from memscope.recording.childrenasked import take_question
from memscope.recording.meta import HowToRecord, describe
from memscope.recording.outputs import open_output, place_output
from memscope.recording.usage import OwnShare, Usage, own_share
from memscope.recording.watched import write_copy

if TYPE_CHECKING:
    from memscope._recorder import Drain

# Each live child costs a thread and a ledger; those beyond this number go unrecorded.
MOST_AT_ONCE = 64
_FINISHING_THREADS = 2
_FILES = 2  # of a child, at most


@dataclass(frozen=True, slots=True)
class Program:
    """The program whose children are recorded, as their captures name it, and how to."""

    how: HowToRecord
    snapshot_budget_ppm: int  # of a child's time, for snapshots at peaks
    command: list[str]
    main: str
    name: str


class Background:
    """Serves until the program is over, its last child has ended, and nobody can fork another.

    `near` is where children tell of themselves; on `control` the program's end is told, and what
    was recorded so far is answered; on `asked` come questions about children that are recorded now.
    """

    def __init__(
        self,
        near: socket.socket,
        control: socket.socket,
        asked: socket.socket,
        program: Program,
    ) -> None:
        self._near = near
        self._control = control
        self._asked = asked
        self._program = program
        self._live: dict[int, _Child] = {}
        self._captures: list[str] = []
        self._refused = 0
        self._selector = selectors.DefaultSelector()
        self._over: SimpleQueue[_Child | None] = SimpleQueue()
        self._unfinished = 0
        self._finished = threading.Condition()
        self._threads = [
            threading.Thread(target=self._finish_all) for _ in range(_FINISHING_THREADS)
        ]

    def serve(self) -> None:
        for thread in self._threads:
            thread.start()
        self._selector.register(self._near, selectors.EVENT_READ)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(self._asked, selectors.EVENT_READ)
        while self._live or len(self._selector.get_map()) > 0:
            self._step(None)
        for _ in self._threads:
            self._over.put(None)
        for thread in self._threads:
            thread.join()

    def _step(self, timeout: float | None) -> bool:
        """Take on who has come and let go who has ended; whether there was anything."""
        events = self._selector.select(timeout)
        # Ends first: their places are free for others.
        for key, _ in events:
            if key.fd in self._live:
                self._let_go(key.fd)
        files = [key.fileobj for key, _ in events]
        if self._near in files and not self._accept():
            self._selector.unregister(self._near)
        if self._asked in files and not take_question(self._asked, self._tell):
            self._selector.unregister(self._asked)
        if self._control in files:
            self._selector.unregister(self._control)
            self._answer()
        return bool(events)

    def _answer(self) -> None:
        """The program is over: say what was recorded, when what has ended is written."""
        with suppress(OSError), self._control as control:
            if not control.recv(1):
                return  # who would be told has gone
            while self._step(0):
                pass
            with self._finished:
                self._finished.wait_for(lambda: self._unfinished == 0)
                captures = list(self._captures)
            running = [child.pid for child in self._live.values()]
            told = {"captures": captures, "running": running, "refused": self._refused}
            control.sendall(json.dumps(told).encode())

    def _tell(self, question: dict[str, Any], fd: int) -> None:
        """Answer a question, on a thread of its own. Raises MemscopeError."""
        children = {child.pid: child for child in list(self._live.values())}
        if question["do"] == "list":
            told = [
                {"pid": pid, "summary": child.drain.summary().decode()}
                for pid, child in sorted(children.items())
            ]
            with open(fd, "wb", closefd=False) as file:
                file.write(json.dumps(told).encode())
            return
        child = children.get(question["pid"])
        if child is None:
            raise MemscopeError(f"no forked child {question['pid']} is being recorded")
        child.write_interim(fd)

    def _accept(self) -> bool:
        """Take one child on; False when nobody is left who could send one."""
        room = socket.CMSG_SPACE(_FILES * array.array("i").itemsize)
        try:
            data, ancillary, _, _ = self._near.recvmsg(4, room, 0)
        except ConnectionError:  # the last of them has closed it, with something unread
            return False
        if len(data) != 4:
            return False
        (pid,) = struct.unpack("=I", data)
        taken = False
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                files = array.array("i", content)
                try:
                    taken = self._take_on(pid, *files)
                finally:
                    for fd in files:
                        os.close(fd)
        self._refused += not taken
        return True

    def _take_on(self, pid: int, segment_fd: int, snapshot_fd: int = 0) -> bool:
        """Record a child; or tell it that nobody will, so that it goes on alone."""
        from memscope import _recorder

        if len(self._live) < MOST_AT_ONCE:
            with suppress(OSError, MemoryError, RuntimeError, MemscopeError):
                self._record(pid, segment_fd, snapshot_fd)
                return True
        with suppress(OSError, RuntimeError):
            _recorder.refuse(segment_fd)
        return False

    def _record(self, pid: int, segment_fd: int, snapshot_fd: int) -> None:
        from memscope import _recorder

        program, how = self._program, self._program.how
        output = how.output
        if output is not None:
            output = output.with_name(f"{output.stem}-{pid}{output.suffix}")
        output_fd, path = open_output(output, how.force)
        try:
            drain = _recorder.Drain(
                segment_fd,
                output_fd,
                describe(program.command, program.main, pid, how),
                sample_bytes=how.sample_bytes,
                keep_events=how.events,
                keep_imports=how.imports,
                native=how.native,
                pid=pid,
                snapshot=snapshot_fd,
                snapshot_budget_ppm=program.snapshot_budget_ppm,
            )
            drain.start()
        except BaseException:
            os.close(output_fd)
            path.unlink(missing_ok=True)
            raise
        child = _Child(pid, drain, output_fd, path, named=output is not None)
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # it is over already; all it did is in the segment
            self._finish_later(child)
            return
        self._live[pidfd] = child
        self._selector.register(pidfd, selectors.EVENT_READ)

    def _let_go(self, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        os.close(pidfd)
        child = self._live.pop(pidfd)
        child.ended()
        self._finish_later(child)

    # ---- the end of a child ---------------------------------------------------------------------

    def _finish_later(self, child: _Child) -> None:
        with self._finished:
            self._unfinished += 1
            waiting = self._unfinished
        if waiting <= MOST_AT_ONCE:
            self._over.put(child)
        else:  # children end faster than captures are written: one more hand
            self._finish(child)

    def _finish_all(self) -> None:
        while (child := self._over.get()) is not None:
            self._finish(child)

    def _finish(self, child: _Child) -> None:
        path = None
        try:
            path = child.finish(self._program.name)
        finally:
            with self._finished:
                self._unfinished -= 1
                if path is not None:
                    self._captures.append(str(path))
                self._finished.notify_all()


@dataclass(slots=True)
class _Child:
    """One forked child that is being recorded.

    `own` is what /proc told when it had ended, if nobody had waited for it yet.
    """

    pid: int
    drain: Drain
    output_fd: int
    path: Path
    named: bool
    started: float = field(default_factory=time.monotonic)
    wall_s: float = 0.0
    own: OwnShare | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)  # while a capture is written

    def ended(self) -> None:
        self.wall_s = time.monotonic() - self.started
        self.own = own_share(self.pid)

    def write_interim(self, fd: int) -> None:
        """All that was recorded by now, into an empty file. Raises MemscopeError."""
        with self.lock:
            write_copy(self.drain, fd)

    def finish(self, name: str) -> Path | None:
        """Write what is left and give the capture its name; None where that failed."""
        told = {"status": None, "signal": None, "wall_s": round(self.wall_s, 6)}
        told |= usage_json(self._usage())
        try:
            with self.lock:
                self.drain.finish("exited", json.dumps(told))
        except (OSError, MemoryError):
            return None  # a partial capture is still one, and says so
        finally:
            os.close(self.output_fd)
        pack(self.path)
        return self.path if self.named else place_output(self.path, name, self.pid)

    def _usage(self) -> Usage:
        """Its own part: more is told while nobody has waited for it, else as of the last look."""
        peak_bytes, cpu_ns, replaced = self.drain.measured()
        own = None if replaced else self.own
        seen_cpu_s = cpu_ns / 1e9
        return Usage(
            cpu_s=seen_cpu_s if own is None else max(own.cpu_s, seen_cpu_s),
            system_s=0.0 if own is None else own.system_s,
            minor_faults=0 if own is None else own.minor_faults,
            major_faults=0 if own is None else own.major_faults,
            peak_resident_bytes=peak_bytes,
            peak_resident_from="looks",
            waited=own is not None and own.waited,
            waited_cpu_s=0.0,
        )
