"""The recorder of children: a process of its own, which goes on until the last one ends.

    memscope run ──── splits off ───► background ──► Drain, Drain, … ──► <name>-<pid>.mscope
      │ starts                            ▲
      ▼                                   │ pid, files
    program ──── forks ───► child ────────┤
      └───────── executes ► Python ───────┘ by a named socket

The program's end is the end of `memscope run`, with its status, as without memscope; children that
are still running then, as a daemon does, are recorded on. The background process therefore is split
off before anything else, while there is one thread, and keeps nothing of the terminal, of pipes or
of the session: who waits for those to be closed waits no longer for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.recording.background import MOST_AT_ONCE, Background, Program
from memscope.recording.childrenasked import ChildrenAsked
from memscope.recording.followed import AtLimit, Followed
from memscope.recording.meeting import make_private, meeting_directory
from memscope.recording.memorylimits import MemoryLimit

END = b"e"
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")


class Followers:
    """The way to the background process; `far_fd` is the end of the socket that children inherit.

    To be made while this process has one thread.
    """

    def __init__(self, program: Program, executed: bool = False) -> None:
        door = _open_door() if executed else None
        self.address = "" if door is None else str(door.getsockname())
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control, remote = socket.socketpair()
        asking, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.children = ChildrenAsked(asking)
        # A key on the terminal must not find it before it has left the session.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        self.pid = os.fork()
        if self.pid == 0:
            _run_background(near, remote, asked, door, program)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if _YAMA.exists() and _YAMA.read_text().strip() == "1":
            # Only ancestors may look into a process, and whom it allows: the children need the pid.
            near.send(struct.pack("=I", self.pid))
        if door is not None:
            door.close()
        near.close()
        remote.close()
        asked.close()
        # Out of the way of the program's own files, and gone for whatever it executes.
        lowest = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2, 512)
        self.far_fd = fcntl.fcntl(far.fileno(), fcntl.F_DUPFD_CLOEXEC, lowest)
        far.close()

    def started(self) -> None:
        """The program has its own hold of the socket."""
        os.close(self.far_fd)

    def stop(self) -> Followed:
        """What was recorded; waits until the captures of children that have ended are written."""
        answer = b""
        with self._control as control:
            try:
                control.sendall(END)
                while part := control.recv(1 << 16):
                    answer += part
                told = json.loads(answer)
            except (OSError, ValueError):
                return Followed(lost=True)
        return Followed(
            captures=tuple(map(Path, told["captures"])),
            running=tuple(told["running"]),
            refused=told["refused"],
            executed={int(parent): tuple(pids) for parent, pids in told["executed"].items()},
            at_limits=tuple(
                AtLimit(
                    **{**each, "path": Path(each["path"]), "limit": MemoryLimit(*each["limit"])}
                )
                for each in told["at_limits"]
            ),
        )


def _open_door() -> socket.socket:
    """Where programs that were executed come to. Raises MemscopeError."""
    path = meeting_directory() / f"follow-{os.getpid()}"
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        make_private(path.parent)
        path.unlink(missing_ok=True)
        door.bind(str(path))
        path.chmod(0o600)
        door.listen(MOST_AT_ONCE)
    except OSError as error:
        door.close()
        raise MemscopeError(f"executed programs cannot be recorded: {error}", path) from error
    return door


def _run_background(
    near: socket.socket,
    control: socket.socket,
    asked: socket.socket,
    door: socket.socket | None,
    program: Program,
) -> None:
    """What the forked process does; does not return."""
    try:
        os.setsid()
        kept = [each.fileno() for each in (near, control, asked, door) if each is not None]
        _keep_only(*kept)
        Background(near, control, asked, door, program).serve()
    finally:
        if door is not None:
            with suppress(OSError):
                os.unlink(door.getsockname())
        os._exit(0)


def _keep_only(*kept: int) -> None:
    """Close everything else, with nothing in the place of the standard streams."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        if fd not in kept:
            os.dup2(nowhere, fd)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    low = 3
    for fd in sorted(kept):
        if fd >= low:
            os.closerange(low, fd)
            low = fd + 1
    os.closerange(low, max(soft, 1024))
    # Each child that is recorded takes a few.
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
