"""Records children: each hands its segment over and gets a drain and a capture of its own.

    forked child ── pid, files ──► inherited socket ──► Drain ──► <name>-<pid>.mscope
    executed one ── pid, files ──► named socket ──────► Drain ──► <name>-<role>-<pid>.mscope

What an executed program forks comes over the connection of that program.
The files are its segment and, where its parent takes snapshots, one for its own.
A child tells of itself before it runs anything of the program's, so its capture begins with it. Its
end shows on a pidfd; how it ended is its parent's to know, and told here where the kernel still
knows. Captures are finished by other threads than the one that takes children on: packing a large
one takes seconds, and a child whose events nobody takes waits.
"""

from __future__ import annotations

import array
import json
import os
import selectors
import shutil
import socket
import struct
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.plain import dataclass, field
from memscope.recording.child import usage_json
from memscope.recording.childlimits import ChildLimits
from memscope.recording.childrenasked import take_question
from memscope.recording.howended import wait_status
from memscope.recording.meeting import peer_of
from memscope.recording.meta import HowToRecord, describe
from memscope.recording.outputs import open_output, place_output
from memscope.recording.roles import ProcessRole, role_of
from memscope.recording.sampling import counters_of
from memscope.recording.usage import OwnShare, Usage, own_share, parent_of, usage_as_looked
from memscope.recording.watched import write_copy

if TYPE_CHECKING:
    from memscope._recorder import Drain
    from memscope.recording.memorylimits import MemoryLimit

# Each live child costs a thread and a ledger; those beyond this number go unrecorded.
MOST_AT_ONCE = 64
MOST_ENDINGS = 256  # of whom captures can still be asked for
MOST_EXECUTED = 1000  # that a capture names
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
    how_executed: HowToRecord


@dataclass(slots=True)
class _Executed:
    """A program that was executed and has come by itself, and the role that it has."""

    pid: int
    role: ProcessRole
    announced: bool = False


class Background:
    """Serves until the program is over, its last child has ended, and nobody can fork another.

    `near` is where forked children tell of themselves, at the `door` come executed ones; on
    `control` the program's end is told, and what was recorded so far is answered; on `asked` come
    questions about children that are recorded now.
    """

    def __init__(
        self,
        near: socket.socket,
        control: socket.socket,
        asked: socket.socket,
        door: socket.socket | None,
        program: Program,
    ) -> None:
        self._door = door
        self._links: dict[socket.socket, _Executed] = {}
        self._executed: defaultdict[int, list[int]] = defaultdict(list)  # by parent
        self._near = near
        self._control = control
        self._asked = asked
        self._program = program
        self._live: dict[int, _Child] = {}
        self._captures: list[str] = []
        self._endings: dict[int, _Ending] = {}
        self._refused = 0
        self._limits = ChildLimits(snapshots=program.snapshot_budget_ppm > 0)
        self._at_limits: list[dict[str, Any]] = []
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
        if self._door is not None:
            self._selector.register(self._door, selectors.EVENT_READ)
        # Whoever could still come to the door is started by one of the others.
        waits = 0 if self._door is None else 1
        while self._live or len(self._selector.get_map()) > waits:
            self._step(self._patience_s())
        for _ in self._threads:
            self._over.put(None)
        for thread in self._threads:
            thread.join()

    def _patience_s(self) -> float | None:
        """Until somebody comes, or until the next look at memory limits."""
        if not self._live:
            return None
        return self._limits.look(list(self._live.values()))

    def _step(self, timeout: float | None) -> bool:
        """Take on who has come and let go who has ended; whether there was anything."""
        events = self._selector.select(timeout)
        # Ends first: their places are free for others.
        for key, _ in events:
            if key.fd in self._live:
                self._let_go(key.fd)
        files = [key.fileobj for key, _ in events]
        if self._door is not None and self._door in files:
            self._let_in(self._door)
        if self._near in files and not self._accept(self._near, None):
            self._selector.unregister(self._near)
        for link in [link for link in self._links if link in files]:
            if not self._accept(link, self._links[link]):
                self._selector.unregister(link)
                del self._links[link]
                link.close()
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
                captures, at_limits = list(self._captures), list(self._at_limits)
            running = [child.pid for child in self._live.values()]
            told = {
                "captures": captures,
                "running": running,
                "refused": self._refused,
                "executed": self._executed,
                "at_limits": at_limits,
            }
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
        if child is not None:
            child.write_interim(fd)
            return
        ending = self._endings.get(question["pid"])
        if ending is None:
            raise MemscopeError(f"no forked child {question['pid']} is being recorded")
        ending.copy_to(fd)

    def _let_in(self, door: socket.socket) -> None:
        """A program that was executed has come: it is told who records it."""
        with suppress(OSError):
            link, _ = door.accept()
            pid, user = peer_of(link)
            if user != os.geteuid():
                link.close()
                return
            words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            self._links[link] = _Executed(pid, role_of([os.fsdecode(word) for word in words]))
            self._selector.register(link, selectors.EVENT_READ)
            link.send(struct.pack("=I", os.getpid()))

    def _accept(self, near: socket.socket, executed: _Executed | None) -> bool:
        """Take one child on; False when nobody is left who could send one."""
        room = socket.CMSG_SPACE(_FILES * array.array("i").itemsize)
        try:
            data, ancillary, _, _ = near.recvmsg(4, room, 0)
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
                    taken = self._take_on(pid, executed, *files)
                finally:
                    for fd in files:
                        os.close(fd)
        self._refused += not taken
        return True

    def _take_on(
        self, pid: int, executed: _Executed | None, segment_fd: int, snapshot_fd: int = 0
    ) -> bool:
        """Record a child; or tell it that nobody will, so that it goes on alone."""
        from memscope import _recorder

        if len(self._live) < MOST_AT_ONCE:
            with suppress(OSError, MemoryError, RuntimeError, MemscopeError):
                self._record(pid, executed, segment_fd, snapshot_fd)
                if executed is not None and not executed.announced and executed.pid == pid:
                    executed.announced = True
                    self._executed[parent_of(pid)].append(pid)
                return True
        with suppress(OSError, RuntimeError):
            _recorder.refuse(segment_fd)
        return False

    def _record(
        self, pid: int, executed: _Executed | None, segment_fd: int, snapshot_fd: int
    ) -> None:
        from memscope import _recorder

        program, how = self._program, self._program.how
        name, command, main = program.name, program.command, program.main
        told = ""
        if executed is not None:
            how, role = program.how_executed, executed.role
            told, command, main = f"-{role.file_name}", list(role.command), role.main
            name = f"{name}{told}"
        output = how.output
        if output is not None:
            output = output.with_name(f"{output.stem}{told}-{pid}{output.suffix}")
        output_fd, path = open_output(output, how.force)
        try:
            drain = _recorder.Drain(
                segment_fd,
                output_fd,
                describe(command, main, pid, how),
                sample_bytes=how.sample_bytes,
                budget_ppm=how.budget_ppm,
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
        named = output is not None
        child = _Child(pid, drain, output_fd, path, name, named, how.sample_bytes, told[1:])
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # it is over already; all it did is in the segment
            self._finish_later(child)
            return
        self._live[pidfd] = child
        self._limits.begin(child)
        self._selector.register(pidfd, selectors.EVENT_READ)

    def _let_go(self, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        child = self._live[pidfd]
        child.status = wait_status(child.pid, pidfd)
        child.at_limit = self._limits.end(child.pid, child.status)
        os.close(pidfd)
        self._endings.pop(child.pid, None)  # of another one that had its number
        self._endings[child.pid] = _Ending()
        if len(self._endings) > MOST_ENDINGS:
            del self._endings[next(iter(self._endings))]
        del self._live[pidfd]
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
            path = child.finish(tuple(self._executed.get(child.pid, ())))
        finally:
            with self._finished:
                self._unfinished -= 1
                if path is not None:
                    self._captures.append(str(path))
                    if child.at_limit is not None:
                        self._at_limits.append(child.told_of_limit(path, *child.at_limit))
                self._finished.notify_all()
            ending = self._endings.get(child.pid)
            if ending is not None:
                ending.path = path
                ending.over.set()


@dataclass(slots=True)
class _Ending:
    """What becomes of the capture of a child that has ended."""

    over: threading.Event = field(default_factory=threading.Event)
    path: Path | None = None

    def copy_to(self, fd: int) -> None:
        """The whole capture, once it is written. Raises MemscopeError where it was not."""
        self.over.wait()
        if self.path is None:
            raise MemscopeError("the capture of the child could not be written")
        with self.path.open("rb") as source, open(fd, "wb", closefd=False) as file:
            shutil.copyfileobj(source, file)


@dataclass(slots=True)
class _Child:
    """One forked child that is being recorded.

    `own` is what /proc told when it had ended, if nobody had waited for it yet; `status` how it
    ended, as waitpid gives it. `role` is what an executed one runs.
    """

    pid: int
    drain: Drain
    output_fd: int
    path: Path
    name: str
    named: bool
    sample_bytes: int
    role: str
    status: int | None = None
    at_limit: tuple[MemoryLimit, bool] | None = None  # that it ended at; whether it was killed
    started: float = field(default_factory=time.monotonic)
    wall_s: float = 0.0
    own: OwnShare | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)  # while a capture is written

    def counters(self) -> dict[str, int]:
        return counters_of(self.drain, self.sample_bytes)

    def ended(self) -> None:
        self.wall_s = time.monotonic() - self.started
        self.own = own_share(self.pid)

    def write_interim(self, fd: int) -> None:
        """All that was recorded by now, into an empty file. Raises MemscopeError."""
        with self.lock:
            write_copy(self.drain, fd)

    def finish(self, executed: tuple[int, ...]) -> Path | None:
        """Write what is left and give the capture its name; None where that failed."""
        code = None if self.status is None else os.waitstatus_to_exitcode(self.status)
        told: dict[str, Any] = {
            "status": code if code is not None and code >= 0 else None,
            "signal": -code if code is not None and code < 0 else None,
            "wall_s": round(self.wall_s, 6),
        }
        if executed:
            told["executed"] = executed[:MOST_EXECUTED]
        told |= usage_json(self._usage())
        try:
            with self.lock:
                self.drain.finish("exited", json.dumps(told))
        except (OSError, MemoryError):
            return None  # a partial capture is still one, and says so
        finally:
            os.close(self.output_fd)
        pack(self.path)
        return self.path if self.named else place_output(self.path, self.name, self.pid)

    def told_of_limit(self, path: Path, limit: MemoryLimit, killed: bool) -> dict[str, Any]:
        """As `AtLimit` has it."""
        return {
            "pid": self.pid,
            "role": self.role,
            "path": str(path),
            "status": self.status,
            "limit": [limit.source, limit.limit_bytes, limit.used_bytes, limit.kills],
            "killed": killed,
        }

    def _usage(self) -> Usage:
        """Its own part: more is told while nobody has waited for it, else as of the last look."""
        peak_bytes, cpu_ns, replaced = self.drain.measured()
        return usage_as_looked(None if replaced else self.own, peak_bytes, cpu_ns / 1e9)
