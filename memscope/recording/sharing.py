"""Calls of decorated functions that overlap share one recording: this counts who is in it."""

from __future__ import annotations

import os
import sys
from _thread import start_new_thread
from typing import TYPE_CHECKING

from memscope.errors import MemscopeError
from memscope.recording.session import ProcessRecording
from memscope.recording.switch import is_recorded, say, switch
from memscope.recording.unfinished import UnfinishedCapture, is_finishing

if TYPE_CHECKING:
    from collections.abc import Callable


class RecordedCall:
    """A call of a decorated function. It is left once: at its end, or else when it is forgotten.

    A generator that yields where it is to be closed is forgotten without having ended, and so is
    what a signal handler's exception cuts off.
    """

    recording: ProcessRecording | None = None  # None: it is in none

    def __init__(self, sharing: Sharing, function: Callable[..., object]) -> None:
        self._sharing = sharing
        self._function = function

    def leave(self) -> None:
        if self.recording is not None:
            self._sharing.leave(self._function, self)

    __del__ = leave


class Sharing:
    """The recordings of all functions that one `memscope.record()` decorates, one after another.

    The first call to begin starts a recording, later ones join it, and the last one to end stops
    it. `enter` and `leave` raise nothing of their own, in any thread, in signal handlers and in
    finalizers. What signal handlers raise meanwhile is the program's, and passes.
    """

    def __init__(self, maker: ProcessRecording) -> None:
        self._maker = maker
        self._recording: ProcessRecording | None = None
        self._calls = 0  # in the recording, now
        self._starting = False
        self._said: set[str] = set()

    def enter(self, function: Callable[..., object]) -> RecordedCall | None:
        """Begin a call. None: it is not recorded by this."""
        try:
            if is_finishing():  # a finalizer
                return None
            call = RecordedCall(self, function)
            while (earlier := self._join(function, call)) is not None:
                if not earlier.finish():  # a finalizer, while the capture is finished
                    return None
            return None if call.recording is None else call
        except MemscopeError as error:
            self._say_once(function, f"not recorded: {error}")
        except Exception as error:
            if _is_the_program_s(error):
                raise
            self._say_once(function, f"not recorded: {type(error).__name__}: {error}")
        return None

    def _join(
        self, function: Callable[..., object], call: RecordedCall
    ) -> UnfinishedCapture | None:
        """Begin a call, unless there is something else to wait for before."""
        with switch.lock:
            recording = self._recording
            if recording is None or not recording.is_on:
                if switch.over or switch.changing is not None or sys.is_finalizing():
                    return None
                if self._starting:  # this is a signal handler or a finalizer meanwhile
                    return None
                if is_recorded():
                    what = "called while a recording was on, and part of that one"
                    self._say_once(function, what)
                    return None
                if (earlier := self._maker.earlier()) is not None:
                    return earlier
                recording = self._start()
            # Nothing can come between these, and a call that is known is left in any case.
            self._calls += 1
            call.recording = recording
            recording.calls += 1
            recording.calls_at_once = max(recording.calls_at_once, self._calls)
        return None

    def _start(self) -> ProcessRecording:
        self._starting = True
        recording = self._maker.again()
        try:
            recording.start()
            self._recording = recording
            self._calls = 0
        except BaseException:
            recording.unhook()
            recording.finish()
            raise
        finally:
            self._starting = False
        return recording

    def leave(self, function: Callable[..., object], call: RecordedCall) -> None:
        """End a call."""
        try:
            if is_finishing():  # the collector has found it
                start_new_thread(self._leave, (function, call))
            else:
                self._leave(function, call)
        except Exception as error:
            if _is_the_program_s(error):
                raise
            self._say_once(function, f"recording ended badly: {type(error).__name__}: {error}")

    def _leave(self, function: Callable[..., object], call: RecordedCall) -> None:
        """May be cut off anywhere by a signal handler's exception, and called again."""
        recording = call.recording
        if recording is None:
            return
        with switch.lock:
            # Not on: it has ended at the interpreter's exit, or is that of a parent process.
            if self._recording is recording and recording.is_on:
                if self._calls > 1:
                    self._calls -= 1
                    call.recording = None
                    return
                recording.unhook()  # the last one is in it until the hooks are out
        recording.finish()
        call.recording = None
        self._maker.take_over(recording)
        if recording.problem is not None:
            self._say_once(function, recording.problem)

    def _say_once(self, function: Callable[..., object], text: str) -> None:
        try:
            if text not in self._said:
                self._said.add(text)
                say(f"{_name_of(function)}: {text}")
        except Exception:  # a recursion is at its limit
            return


def _is_the_program_s(error: BaseException) -> bool:
    """Whether a signal handler of the program's has raised it: its frames are in the trace."""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(_NOT_THE_PROGRAM_S) or file.startswith(_PACKAGES):
            return True
        trace = trace.tb_next
    return False


_OWN = os.path.dirname(os.path.dirname(__file__))  # all of memscope
_STDLIB = os.path.dirname(os.__file__)
_NOT_THE_PROGRAM_S = (f"{_OWN}/", f"{_STDLIB}/", "<frozen ")
_PACKAGES = tuple(
    f"{_STDLIB}/{name}/"
    for name in ("site-packages", "dist-packages")
    if not _OWN.startswith(f"{_STDLIB}/{name}/")
)


def _name_of(function: Callable[..., object]) -> str:
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{getattr(function, '__module__', None) or '?'}.{name}"
