"""Records this process, from start to stop."""

from __future__ import annotations

import os
import sys
from _thread import start_new_thread
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

# All that a recording needs is imported before the first one. What is imported in the midst of one
# would be the program's; a child that is forked meanwhile would wait for the import for ever; and
# at the interpreter's end nothing can be imported.
import memscope.process_memory  # noqa: F401  for memstats() in what is recorded
from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.recording.meta import describe
from memscope.recording.native import attach, is_preloaded
from memscope.recording.outputs import absolute, open_output, own_name, place_output, shown
from memscope.recording.sampling import counters_of, ppm_of
from memscope.recording.starters import starters_file
from memscope.recording.switch import say, switch, unsupported
from memscope.recording.unfinished import UnfinishedCapture, is_finishing

if not unsupported:
    from memscope import _recorder
    from memscope.recording.takingsnapshots import make_place_for_snapshots

if TYPE_CHECKING:
    from types import TracebackType

    from memscope._recorder import Drain
    from memscope.capture import Capture
    from memscope.capture.description import Project

# Larger captures stay as they were written: packing is done in the program's own process, at about
# 30 MB a second, and takes twice their size in memory meanwhile.
PACKED_BYTES_MAX = 16 << 20


class ProcessRecording:
    """One recording of this process, as a block or from start() to stop().

    `problem` says in one line why the capture is missing or not whole, else it is None. `calls` and
    `calls_at_once` are for those who count calls in it.
    """

    current: ClassVar[ProcessRecording | None] = None  # the one that is on in this process

    def __init__(
        self,
        output: str | os.PathLike[str] | None,
        force: bool,
        sample_bytes: int,
        events: bool,
        imports: bool,
        user_code: tuple[str, ...] = (),
        objects: bool = True,
        labels: Mapping[str, str] | None = None,
        native: bool = False,
        budget: float = 0.0,
    ) -> None:
        self.output = None if output is None else Path(output)
        self.force = force
        self.sample_bytes = sample_bytes
        self.budget_ppm = ppm_of(budget)
        self.events = events
        self.imports = imports
        self.user_code = user_code
        self.objects = objects
        self.labels = labels or {}
        self.native = native
        self.project: Project | None = None  # metadata are for whoever reads the capture
        self.path: Path | None = None
        self.problem: str | None = None
        self.calls = 0
        self.calls_at_once = 0
        self._run: UnfinishedCapture | None = None
        self._last_run: UnfinishedCapture | None = None

    @property
    def capture(self) -> Capture:
        """The capture, read when first asked for."""
        if self.path is None:
            raise MemscopeError(self.problem or "the recording is not over yet")
        from memscope.capture import load

        return load(self.path)

    @property
    def is_on(self) -> bool:
        """Whether this recording is on, in this process."""
        run = self._run
        return run is not None and run.is_here

    def start(self) -> None:
        """Begin to record this process.

        Under `memscope run` and `pytest --memscope` the process is recorded already: this is then
        part of that, `problem` says so, and nothing is raised. Raises MemscopeError if another
        `record()` is on, or if the capture cannot be written.
        """
        if unsupported:
            raise MemscopeError(f"this interpreter cannot be recorded: {unsupported}")
        if is_finishing():
            raise MemscopeError("a finalizer cannot begin one while another capture is finished")
        while (earlier := self.earlier()) is not None and earlier.finish():
            pass
        with switch.lock:
            if switch.over:
                raise MemscopeError("the interpreter is shutting down: nothing is recorded now")
            if switch.changing is None and self._is_recorded_by_others():
                if self.native and not is_preloaded():
                    raise MemscopeError(
                        "the recording that is on already is without native memory",
                        None,
                        "start it with memscope run --native",
                    )
                self.problem = "part of the recording that is on already: no capture of its own"
                switch.say_once(f"record(): {self.problem}")
                return
            if switch.changing is not None or _recorder.is_recording():
                raise MemscopeError(
                    "a recording is already on in this process", None, "end it before the next one"
                )
            switch.changing = self
            self.problem = None
            try:
                self._begin()
            finally:
                switch.changing = None
            unwanted, switch.unwanted = switch.unwanted, False
        if unwanted:
            self.stop()

    def earlier(self) -> UnfinishedCapture | None:
        """A recording that has ended, and whose capture of the same name is still to be finished.

        Wait for that without holding the lock: finalizers of the program's may run meanwhile.
        """
        if self.output is None or not switch.writing:
            return None
        return switch.writing.get(str(absolute(self.output)))

    @staticmethod
    def _is_recorded_by_others() -> bool:
        """Whether who records this process is not `record()`."""
        return ProcessRecording.current is None and _recorder.is_recording()

    def _begin(self) -> None:
        output = None if self.output is None else absolute(self.output)
        if output is not None and str(output) in switch.writing:
            raise MemscopeError("another capture is being finished there", shown(output))
        output_fd, path = open_output(output, self.force, "force=True overwrites it")
        drain: Drain | None = None
        segment_fd = -1
        try:
            if self.native:
                attach()
            segment_fd = _recorder.segment_create()
            _recorder.attach(segment_fd)
            drain = _recorder.Drain(
                segment_fd,
                output_fd,
                describe(sys.argv, sys.argv[0] if sys.argv else "", os.getpid(), self),
                sample_bytes=self.sample_bytes,
                budget_ppm=self.budget_ppm,
                keep_events=self.events,
                keep_imports=self.imports,
                native=self.native,
            )
            drain.start()
            run = UnfinishedCapture(drain, output_fd, path, self._write_rest)
            switch.watch_exit(_stop_at_exit)
            _recorder.watch_starters(starters_file())
            budgeted = self.budget_ppm > 0
            _recorder.start(self.sample_bytes, self.objects, int(self.native), budgeted)
            self._run = run
            ProcessRecording.current = self
        except BaseException as error:  # a signal handler of the program's may raise anything
            _recorder.stop()
            if drain is not None:  # it writes into the file that is closed next
                with suppress(OSError, RuntimeError, MemoryError):
                    drain.finish("stopped")
            os.close(output_fd)
            with suppress(OSError):
                path.unlink()
            if isinstance(error, OSError | RuntimeError | MemoryError):
                raise MemscopeError(f"recording could not start: {error}") from error
            raise
        finally:
            if segment_fd >= 0:
                os.close(segment_fd)

    def snapshot(self) -> bool:
        """Take down all objects there are now, and what refers to what, into the capture.

        `memscope holders` reads it, and compares it with the others of the recording. The process
        stands still meanwhile: some 0.2 to 0.7 s for a million objects. Where this is part of the
        recording of `memscope run`, the snapshot is part of that.

        False: there is none. The capture says why, or else a line on stderr does, once. Nothing is
        raised.
        """
        why = unsupported or self._snapshot()
        if why:
            switch.say_once(f"no snapshot: {why}")
        return why is None

    def _snapshot(self) -> str | None:
        """Why there is none, empty if the capture says it; None: it was taken."""
        if is_finishing():
            return "the capture of a recording is being finished"
        with switch.lock:
            if switch.changing is not None:
                return "the recording begins or ends just now"
            if self.is_on:
                why = self._open_snapshots()
            else:
                why = "" if self._is_recorded_by_others() else "the recording is not on"
            return why or _recorder.snapshot_take()

    def _open_snapshots(self) -> str:
        """Before the first one. Why there can be none; empty: there can be."""
        run = self._run
        if run is None or run.takes_snapshots:
            return ""
        why = make_place_for_snapshots(run.drain)
        run.takes_snapshots = not why
        return why

    def stop(self) -> None:
        """End the recording and finish the capture.

        Raises MemscopeError if that cannot be written in full; the recording is over all the same.
        If another thread is about to end this recording, waits until that is done. A finalizer that
        the collector runs in memscope's own thread, while another capture is finished, waits for
        nothing: a new thread ends the recording, soon.
        """
        if is_finishing():
            self._end_elsewhere()
        elif self._end() and self.problem is not None:
            raise MemscopeError(self.problem)

    def _end_elsewhere(self) -> None:
        """Whoever has `switch.lock` may wait for this thread, so it must not wait for the lock."""
        try:
            start_new_thread(self.__exit__, (None, None, None))
        except (RuntimeError, MemoryError) as error:
            why = "a finalizer cannot end it while another capture is finished"
            raise MemscopeError(f"{why}, and there is no thread for it: {error}") from error

    def _end(self) -> bool:
        """End the recording. False: somebody else has ended it, or it is another process's."""
        ended = self.unhook()
        self.finish()
        return ended

    def unhook(self) -> bool:
        """Take the hooks out. True: the capture is for the caller to finish.

        A signal handler of the program's may raise an exception here. It passes when all is done.
        """
        try:
            return self._unhook()
        except BaseException:
            self._unhook()
            self.finish()
            raise

    def _unhook(self) -> bool:
        with switch.lock:
            if switch.changing is not None:
                switch.unwanted = switch.changing is self and self._run is None
                return False
            run = self._run
            if run is None:
                return False
            here = run.is_here
            # From here on nothing calls deeper: a recursion may be at its limit. And the recording
            # is on until hooks are out: a handler that raises in between leaves all to the next.
            switch.changing = self
            try:
                if here:
                    _recorder.stop()
                    switch.writing[run.path_text] = run
                    self._last_run = run
                self._run = None
                if ProcessRecording.current is self:
                    ProcessRecording.current = None
            finally:
                switch.changing = None
        if not here:
            run.close()
        return here

    def finish(self) -> None:
        """Finish the capture of what has ended, or wait until another thread has.

        What a signal handler of the program's raises meanwhile passes when that is done.
        """
        run = self._last_run
        interruption: BaseException | None = None
        while run is not None:
            try:
                run.finish()
                break
            except RecursionError:
                raise
            except BaseException as error:
                interruption = error
        if interruption is not None:
            raise interruption

    def _write_rest(self, run: UnfinishedCapture) -> None:
        """Write what is left of the capture. Raises nothing; `problem` says what went wrong."""
        self.path, self.problem = None, "the capture could not be finished"
        try:
            self.path, self.problem = self._finish(run)
        except Exception as error:
            self.problem = f"{run.path}: the capture could not be finished: {error}"
        finally:
            switch.writing.pop(run.path_text, None)

    def _finish(self, run: UnfinishedCapture) -> tuple[Path | None, str | None]:
        problem = None
        try:
            run.drain.finish("stopped")
        except (OSError, MemoryError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            problem = f"{shown(run.path)}: the capture could not be written in full: {reason}"
        finally:
            there = run.is_at_its_path()
            run.close()
        if not there:
            gone = f"{run.path}: the capture was moved, replaced or deleted while recording"
            return None, problem or gone
        if problem is None and run.path.stat().st_size <= PACKED_BYTES_MAX:
            pack(run.path)
        if self.output is not None:
            return run.path, problem
        return place_output(run.path, own_name(), run.pid), problem

    def counters(self) -> dict[str, int] | None:
        """Counts and bytes so far, up to the drain's last poll; None when this is not recording."""
        run = self._run
        if run is None or not _recorder.is_recording():  # in a forked child it is not
            return None
        return counters_of(run.drain, self.sample_bytes)

    def __enter__(self) -> Self:
        try:
            self.start()
        except MemscopeError:
            raise
        except BaseException:  # of a signal handler of the program's, when recording was on already
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the recording. Raises nothing: what went wrong is on stderr and in `problem`."""
        if is_finishing():  # the end of a block that a finalizer has in it
            with suppress(MemscopeError):
                self._end_elsewhere()
        elif self._end() and self.problem is not None:
            say(self.problem)

    def again(self) -> ProcessRecording:
        """Another recording like this one."""
        return ProcessRecording(
            self.output,
            self.force,
            self.sample_bytes,
            self.events,
            self.imports,
            self.user_code,
            self.objects,
            self.labels,
            self.native,
            self.budget_ppm / 1e6,
        )

    def take_over(self, ended: ProcessRecording) -> None:
        """Say of a recording that has ended what is said of this one."""
        self.path, self.problem = ended.path, ended.problem
        self.calls, self.calls_at_once = ended.calls, ended.calls_at_once


def _stop_at_exit() -> None:
    switch.over = True
    current = ProcessRecording.current
    if current is not None and current._end() and current.problem is not None:
        say(current.problem)


def _forget() -> None:
    """In a forked child: the recording is its parent's."""
    ProcessRecording.current = None


os.register_at_fork(after_in_child=_forget)
