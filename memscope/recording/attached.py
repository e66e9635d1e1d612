"""In a process that `memscope attach` has come to: be recorded from outside, until that goes.

The hooks are here, and nothing else: the drain and the counters are in the process that attached.
All is done on one thread, which is there as long as that is.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.plain import dataclass, field
from memscope.recording.meeting import MOST_REASON, Link, peer_of
from memscope.recording.meta import describe
from memscope.recording.starters import starters_file
from memscope.recording.switch import is_recorded, switch, unsupported
from memscope.version import __version__

if not unsupported:
    from memscope import _recorder

if TYPE_CHECKING:
    from memscope.capture.description import Project

_MOST_HOW = 4096
_PIECE_BYTES = 64  # room for a word: it is waited for with, and counts in the recording


@dataclass(frozen=True, slots=True)
class _How:
    """How this process is recorded, as its capture says."""

    sample_bytes: int
    objects: bool
    budget_ppm: int
    imports: bool = True
    events: bool = False
    native: bool = False
    force: bool = False
    output: Path | None = None
    user_code: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    project: Project | None = None


def be_recorded(fd: int) -> None:
    """Hold the conversation of memscope.recording.meeting at this connected socket. Raises nothing
    that is not a defect.
    """
    with suppress(OSError):
        connected = socket.socket(fileno=fd)
        connected.setblocking(True)
        link = Link(connected, _PIECE_BYTES)
        try:
            if peer_of(connected)[1] in (os.geteuid(), 0):
                words, fds, _, _ = socket.recv_fds(connected, _MOST_HOW, 2, socket.MSG_CMSG_CLOEXEC)
                _converse(link, words, fds)
        finally:
            link.close()


def _converse(link: Link, words: bytes, fds: list[int]) -> None:
    segment = _Segment(fds)
    try:
        why = _begin(link, json.loads(words), segment)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    if why is not None:
        segment.close()
        link.say("no", why.replace("\n", " ")[:MOST_REASON])
        return
    word, _ = link.hear()
    if not word:  # gone without a word: nobody takes what is in the rings, or what is asked for
        segment.refuse()
    segment.close()
    _end()
    link.say("off")


class _Segment:
    """The segment's descriptor, and that of the file for snapshots, if there is one."""

    def __init__(self, fds: list[int]) -> None:
        self._fds = fds
        self._files = [os.fstat(fd).st_ino for fd in fds]

    @property
    def fds(self) -> list[int]:
        return self._fds

    def refuse(self) -> None:
        with suppress(OSError, RuntimeError):
            if self._is_ours(0):
                _recorder.refuse(self._fds[0])

    def close(self) -> None:
        for place, fd in enumerate(self._fds):
            if self._is_ours(place):
                os.close(fd)
        self._fds = []

    def _is_ours(self, place: int) -> bool:
        """Whether the program has not closed it, and opened another file under its number."""
        with suppress(OSError, IndexError):
            return os.fstat(self._fds[place]).st_ino == self._files[place]
        return False


def _begin(link: Link, asked: dict[str, object], segment: _Segment) -> str | None:
    """None: this process is recorded now. Else why not."""
    if asked["memscope"] != __version__:
        return f"memscope {__version__} is what it has, and this is {asked['memscope']}"
    if unsupported:
        return unsupported
    if is_recorded():
        return _ALREADY
    how = _How(
        int(str(asked["sample_bytes"])), bool(asked["objects"]), int(str(asked["budget_ppm"]))
    )
    command = list(map(str, sys.argv))
    link.say("meta", describe(command, command[0] if command else "", os.getpid(), how).decode())
    if link.hear()[0] != "go":
        return "nobody waits for it any more"
    return _start(link, how, segment)


_ALREADY = "it is being recorded already"


def _start(link: Link, how: _How, segment: _Segment) -> str | None:
    with switch.lock:
        if switch.over or sys.is_finalizing():
            return "it is ending"
        if switch.changing is not None or is_recorded():
            return _ALREADY
        switch.changing = link
        try:
            switch.watch_exit(_end_at_exit)
            _recorder.attach(segment.fds[0])
            if len(segment.fds) > 1:
                _recorder.snapshot_into(segment.fds[1], False, False)
            _recorder.watch_starters(starters_file())
            _recorder.start(how.sample_bytes, how.objects, 0, how.budget_ppm > 0)
            _Current.is_on = True
        finally:
            switch.changing = None
    why = _recorder.snapshot_take() if len(segment.fds) > 1 else None
    link.say("on", why or "")
    return None


class _Current:
    """Whether the recording that is on in this process is one of these."""

    is_on = False


def _end() -> None:
    """Take the hooks out."""
    with switch.lock:
        if _Current.is_on:
            _Current.is_on = False
            _recorder.stop()


def _end_at_exit() -> None:
    switch.over = True
    _end()


def _forget() -> None:
    """In a forked child: the recording is its parent's."""
    _Current.is_on = False


os.register_at_fork(after_in_child=_forget)
