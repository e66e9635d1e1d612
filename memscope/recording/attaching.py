"""Attach to a process of this user's, record it from here, and leave it as it was.

The drain, the counters and the capture are here, as they are under `memscope run`; the process has
the hooks, and a thread that waits for the end. What it held before is no part of the figures: an
inventory of it, a snapshot of all objects, is taken as the recording begins.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.plain import dataclass, replace
from memscope.recording.attachable import check_process, check_remote, run_script, what_it_does
from memscope.recording.child import usage_json
from memscope.recording.control import can_be_asked
from memscope.recording.meeting import (
    Link,
    attach_address,
    listen_address,
    make_private,
    meeting_directory,
    peer_of,
)
from memscope.recording.outputs import open_output, place_output, usual_name
from memscope.recording.sampling import check_budget, check_distance, distance_of, ppm_of
from memscope.recording.usage import own_share, usage_as_looked
from memscope.recording.watched import Watched
from memscope.version import __version__

if TYPE_CHECKING:
    from memscope._recorder import Drain
    from memscope.recording.watched import Watcher

ANSWER_S = 30.0  # to say what it is, and to begin: it imports what it needs
END_S = 20.0  # to answer what lies in its live blocks, and to take the hooks out


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """How to record; sample_bytes 0 is exact. `wait_s` is how long it may take to come."""

    output: Path | None = None
    force: bool = False
    sample_bytes: int = 0
    budget: float = 0.0  # as in RunOptions
    objects: bool = True
    inventory: bool = True
    wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Detached:
    """What has become of the recording. `ended`: the process has. `problem` says in one line why
    the capture is missing or not whole, `still` that the process has not answered by now.
    """

    path: Path | None
    problem: str | None = None
    ended: bool = False
    still: str | None = None


class Attachment:
    """One recording of another process: made as it begins, over with `finish`.

    Raises MemscopeError where the process cannot be recorded; then nothing of it has changed.
    """

    def __init__(self, pid: int, options: AttachOptions) -> None:
        check_budget(options.budget)
        if options.budget:
            distance = distance_of(options.sample_bytes, options.budget)
            options = replace(options, sample_bytes=distance, objects=False, inventory=False)
        check_distance(options.sample_bytes)
        self.pid = pid
        self.options = options
        self.no_inventory = ""  # why there is none
        self.started = time.monotonic()
        self._stop = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._connected = _meet(pid, options.wait_s)
        self._link = Link(self._connected)
        try:
            self._output_fd, self._draft = open_output(options.output, options.force)
        except MemscopeError:
            self._link.close()
            raise
        try:
            self._begin()
        except BaseException:
            self._link.close()
            os.close(self._output_fd)
            self._draft.unlink(missing_ok=True)
            raise
        self._pidfd = os.pidfd_open(pid)

    # ---- the begin --------------------------------------------------------------------------

    def _begin(self) -> None:
        from memscope import _recorder

        try:
            self._segment_fd = _recorder.segment_create()
        except OSError as error:
            raise MemscopeError(f"no shared memory to record into: {error.strerror}") from error
        try:
            snapshot_fd = _recorder.snapshot_create() if self.options.inventory else 0
        except OSError as error:
            snapshot_fd, self.no_inventory = 0, f"no memory for it: {error.strerror}"
        drain: Drain | None = None
        try:
            meta = self._meta(snapshot_fd)
            drain = self._drain_of(meta, snapshot_fd)
            self._link.say("go")
            why = self._expect("on")
            self.no_inventory = self.no_inventory or why
        except BaseException:
            # Whatever it does from here on, nobody takes it; and it does not wait for us.
            with suppress(OSError, RuntimeError):
                _recorder.refuse(self._segment_fd)
            if drain is not None:
                with suppress(OSError, RuntimeError, MemoryError):
                    drain.finish("stopped")
            os.close(self._segment_fd)
            raise
        finally:
            if snapshot_fd:
                os.close(snapshot_fd)
        self.drain = drain
        described = json.loads(meta)
        self.command: list[str] = described["command"]
        self.name = Path(described["main"]).stem or "python"

    def _meta(self, snapshot_fd: int) -> str:
        how = {
            "memscope": __version__,
            "sample_bytes": self.options.sample_bytes,
            "objects": self.options.objects,
            "budget_ppm": ppm_of(self.options.budget),
        }
        fds = [self._segment_fd, *([snapshot_fd] if snapshot_fd else [])]
        self._connected.settimeout(ANSWER_S)
        with suppress(OSError):
            socket.send_fds(self._connected, [json.dumps(how).encode()], fds)
        return self._expect("meta")

    def _expect(self, wanted: str) -> str:
        try:
            word, text = self._link.hear()
        except TimeoutError:
            raise MemscopeError(f"process {self.pid} does not answer") from None
        if word == "no":
            raise MemscopeError(f"process {self.pid} is not recorded: {text}")
        if word != wanted:
            raise MemscopeError(f"process {self.pid} has ended, or closed the connection")
        return text

    def _drain_of(self, meta: str, snapshot_fd: int) -> Drain:
        from memscope import _recorder

        try:
            drain = _recorder.Drain(
                self._segment_fd,
                self._output_fd,
                meta.encode(),
                sample_bytes=self.options.sample_bytes,
                budget_ppm=ppm_of(self.options.budget),
                pid=self.pid,
                snapshot=snapshot_fd,
            )
            drain.start()
        except (OSError, MemoryError, RuntimeError) as error:
            raise MemscopeError(f"recording could not start: {error}") from error
        return drain

    # ---- while it goes on -------------------------------------------------------------------

    def stop(self) -> None:
        """Have `wait` come back. May be called by any thread and by signal handlers."""
        os.eventfd_write(self._stop, 1)

    def wait(self, watchers: Sequence[Watcher], seconds: float | None) -> Detached:
        """Record until then, until it is stopped, or until the process ends; then leave it."""
        watching = [each for each in watchers if self._has_started(each)]
        try:
            poll = select.poll()
            poll.register(self._stop, select.POLLIN)
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(None if seconds is None else seconds * 1000)
            ended = self._has_ended()
            still = None if ended else self._leave()
        finally:
            for each in watching:
                each.stop()
        return self._finish(ended or self._has_ended(), still)

    def _has_started(self, watcher: Watcher) -> bool:
        output = self.options.output
        name = (
            self._draft.with_name(usual_name(self.name, self.pid))
            if output is None
            else output.with_name(output.name.removesuffix(".mscope"))
        )
        recording = Watched(
            drain=self.drain,
            pid=self.pid,
            command=tuple(self.command),
            files=(str(self._draft), str(name)),
            sample_bytes=self.options.sample_bytes,
        )
        try:
            watcher.start(recording)
        except (OSError, RuntimeError, MemoryError):
            return False
        return True

    def _has_ended(self) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(0))

    # ---- the end ----------------------------------------------------------------------------

    def _leave(self) -> str | None:
        """Have the hooks taken out. What is still to be done there, if the process is not ready."""
        from memscope import _recorder

        self._connected.settimeout(END_S)
        self._link.say("stop")
        try:
            self._link.hear()
        except TimeoutError:
            with suppress(OSError, RuntimeError):
                _recorder.refuse(self._segment_fd)
            return f"{what_it_does(self.pid)}: it takes memscope's hooks out when it is back"
        return None

    def _finish(self, ended: bool, still: str | None) -> Detached:
        self._link.close()
        os.close(self._segment_fd)
        problem = None
        try:
            if ended:
                self.drain.finish("exited", json.dumps(self._ended()))
            else:
                self.drain.finish("stopped")
        except (OSError, MemoryError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            problem = f"{self._draft}: the capture could not be written in full: {reason}"
        os.close(self._output_fd)
        os.close(self._pidfd)
        path: Path | None = self._draft
        if problem is None:
            pack(self._draft)
            if self.options.output is None:
                path = place_output(self._draft, self.name, self.pid)
        return Detached(path, problem, ended, still)

    def _ended(self) -> dict[str, object]:
        """How it ended is its parent's to know."""
        peak_bytes, cpu_ns, _ = self.drain.measured()
        usage = usage_as_looked(own_share(self.pid), peak_bytes, cpu_ns / 1e9)
        wall_s = round(time.monotonic() - self.started, 6)
        return {"status": None, "signal": None, "wall_s": wall_s, **usage_json(usage)}


def _meet(pid: int, wait_s: float) -> socket.socket:
    """A connection to the process. Raises MemscopeError, with the reason, where none can be had."""
    interpreter = check_process(pid)
    if can_be_asked(pid):
        raise MemscopeError(
            f"process {pid} is being recorded already",
            None,
            f"memscope top {pid}, memscope snapshot {pid}",
        )
    connected = _of_listener(pid)
    if connected is not None:
        return connected
    check_remote(pid, interpreter)
    address = attach_address(pid)
    try:
        make_private(meeting_directory())
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            address.unlink(missing_ok=True)
            listening.bind(str(address))
            try:
                address.chmod(0o600)
                listening.listen(4)
                run_script(pid)
                return _accepted(listening, pid, wait_s)
            finally:
                address.unlink(missing_ok=True)
    except OSError as error:
        raise MemscopeError(f"nothing can listen: {error}", address) from error


def _of_listener(pid: int) -> socket.socket | None:
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connecting.connect(str(listen_address(pid)))
        if peer_of(connecting) == (pid, os.geteuid()):
            return connecting
    except OSError:
        pass
    connecting.close()
    return None


def _accepted(listening: socket.socket, pid: int, wait_s: float) -> socket.socket:
    until = time.monotonic() + wait_s
    while (left := until - time.monotonic()) > 0:
        listening.settimeout(left)
        try:
            client, _ = listening.accept()
        except TimeoutError:
            break
        if peer_of(client) == (pid, os.geteuid()):
            return client
        client.close()
    raise MemscopeError(
        f"process {pid} did not come within {wait_s:g} s: {what_it_does(pid)}",
        None,
        "--wait takes longer; memscope.listen() in the program needs no main thread",
    )
