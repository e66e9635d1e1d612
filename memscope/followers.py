"""Record forked children: each hands its segment over and gets a drain and a capture of its own.

    forked child ── pid, segment ──► socket ──► Followers ──► Drain ──► <name>-<pid>.mscope

A child tells of itself before it runs anything of the program's, so its capture begins with it. Its
end shows on a pidfd; how it ended is its parent's to know.
"""

from __future__ import annotations

import array
import fcntl
import os
import resource
import selectors
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.recording import HowToRecord, describe, open_output, place_output

if TYPE_CHECKING:
    from memscope._recorder import Drain

# Each live child costs a thread and a ledger; those beyond this number go unrecorded.
_MOST_AT_ONCE = 64


class Followers:
    """The recorded children of one run; `far_fd` is the end of the socket that they inherit."""

    def __init__(self, options: HowToRecord, command: list[str], main: str, name: str) -> None:
        self._options = options
        self._command = command
        self._main = main
        self._name = name
        self._near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Out of the way of the program's own files, and gone for whatever it executes.
        lowest = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2, 512)
        self.far_fd = fcntl.fcntl(far.fileno(), fcntl.F_DUPFD_CLOEXEC, lowest)
        far.close()
        self._live: dict[int, _Child] = {}
        self._paths: list[Path] = []
        self._wake_read, self._wake_write = os.pipe()
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._serve, name="memscope followers", daemon=True)

    def start(self) -> None:
        os.close(self.far_fd)
        self._selector.register(self._near, selectors.EVENT_READ)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._thread.start()

    def stop(self) -> tuple[Path, ...]:
        """Finish what is being recorded, also of children that still run; their captures."""
        os.close(self._wake_write)
        self._thread.join()
        with suppress(BlockingIOError):
            while self._accept(socket.MSG_DONTWAIT):
                pass
        for pidfd in list(self._live):
            self._finish(pidfd, "left running")
        self._near.close()
        os.close(self._wake_read)
        self._selector.close()
        return tuple(self._paths)

    def _serve(self) -> None:
        open_for_more = True
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._near:
                    open_for_more = open_for_more and self._accept(0)
                    if not open_for_more:
                        self._selector.unregister(self._near)
                elif key.fd == self._wake_read:
                    return
                else:
                    self._finish(key.fd, "exited")

    def _accept(self, flags: int) -> bool:
        """Take one child on; False when nobody is left who could send one."""
        room = socket.CMSG_SPACE(array.array("i").itemsize)
        data, ancillary, _, _ = self._near.recvmsg(4, room, flags)
        if len(data) != 4:
            return False
        (pid,) = struct.unpack("=I", data)
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                segment_fd = array.array("i", content)[0]
                try:
                    self._record(pid, segment_fd)
                finally:
                    os.close(segment_fd)
        return True

    def _record(self, pid: int, segment_fd: int) -> None:
        from memscope import _recorder

        if len(self._live) >= _MOST_AT_ONCE:
            with suppress(OSError, RuntimeError):
                _recorder.refuse(segment_fd)
            return
        output = self._options.output
        if output is not None:
            output = output.with_name(f"{output.stem}-{pid}{output.suffix}")
        try:
            output_fd, path = open_output(output, self._options.force)
        except MemscopeError:
            _recorder.refuse(segment_fd)
            return
        meta = describe(self._command, self._main, pid, self._options)
        drain = _recorder.Drain(
            segment_fd,
            output_fd,
            meta,
            sample_bytes=self._options.sample_bytes,
            keep_events=self._options.events,
            keep_imports=self._options.imports,
            pid=pid,
        )
        drain.start()
        child = _Child(pid, drain, output_fd, path, named=output is not None)
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # it is over already; all it did is in the segment
            self._write(child, "exited")
            return
        self._live[pidfd] = child
        self._selector.register(pidfd, selectors.EVENT_READ)

    def _finish(self, pidfd: int, reason: str) -> None:
        self._selector.unregister(pidfd)
        os.close(pidfd)
        self._write(self._live.pop(pidfd), reason)

    def _write(self, child: _Child, reason: str) -> None:
        try:
            child.drain.finish(reason)
        except (OSError, MemoryError):
            return  # a partial capture is still one, and says so
        finally:
            os.close(child.output_fd)
        pack(child.path)
        path = child.path
        if not child.named:
            path = place_output(path, self._name, child.pid)
        self._paths.append(path)


class _Child:
    """One forked child that is being recorded."""

    __slots__ = ("drain", "named", "output_fd", "path", "pid")

    def __init__(self, pid: int, drain: Drain, output_fd: int, path: Path, *, named: bool) -> None:
        self.pid = pid
        self.drain = drain
        self.output_fd = output_fd
        self.path = path
        self.named = named
