"""The plugin at work: records the phases of tests, and says what came of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from typing import Any

import pytest

from memscope.errors import MemscopeError
from memscope.pytest_plugin.baseline import KEPT_FUNCTIONS, PYTHON, Entry, limits_from
from memscope.pytest_plugin.figures import (
    differences,
    exceeded,
    explain,
    heaviest_lines,
    leaks,
    shares,
)
from memscope.pytest_plugin.folder import CaptureFolder
from memscope.pytest_plugin.laps import Laps
from memscope.pytest_plugin.limits import Limit, limits_of
from memscope.pytest_plugin.options import SORTS, Options
from memscope.pytest_plugin.phases import Phase
from memscope.pytest_plugin.results import PROPERTY, Results

GROWTH_RUNS = 3


class Session:
    """One run of pytest in one process; registered once something is to be measured."""

    def __init__(self, config: pytest.Config) -> None:
        from memscope import _recorder

        self.options = Options.of(config)
        self.root = config.rootpath
        self.folder = CaptureFolder(config, self.options.captures)
        # Under `memscope run -m pytest` the whole run is recorded already.
        self.outside = _recorder.is_recording()
        self.unchecked = 0
        self.results = Results(self.options)
        self._laps = Laps()
        self._on: Phase | None = None
        self._leaking: Phase | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> Session:
        """A session as options and ini file say. Raises pytest.UsageError in one line."""
        try:
            return cls(config)
        except (MemscopeError, ImportError, OSError) as error:
            raise pytest.UsageError(f"memscope: {error}") from None

    def check(self, item: pytest.Item) -> None:
        """Refuse markers that say nothing sensible, at collection."""
        try:
            limits_of(item)
        except MemscopeError as error:
            raise pytest.UsageError(f"{item.nodeid}: {error}") from None

    # ---- recording ------------------------------------------------------------------------

    def _wants(self, item: pytest.Item) -> tuple[bool, tuple[Limit, ...]]:
        limits = limits_of(item)
        if self.outside:
            self.unchecked += bool(limits)
            return False, ()
        return self.options.everything or bool(limits), limits

    def _sets_up(self, item: pytest.Item) -> bool:
        """Whether setup is to be recorded: a test without a fixture has none that is its own."""
        return (
            self.options.everything
            and not self.outside
            and bool(getattr(item, "fixturenames", True))
        )

    @contextmanager
    def _phase(
        self, item: pytest.Item, name: str, limits: Sequence[Limit] = (), collect: bool = False
    ) -> Iterator[Phase]:
        stem = f"{item.nodeid}-{name}"
        keeps = self.options.keeps or (name == "call" and self.options.save is not None)
        phase = self._on = Phase(self._laps, stem, self.folder.path, limits, keeps)
        phase.start(collect)
        try:
            yield phase
        finally:
            phase.stop()
            self._on = None
            _attach(item, name, phase, self.options.keeps)

    def _again(self, item: pytest.Item, name: str) -> Phase:
        """A phase of further runs of a test, of which the capture will be read."""
        phase = self._on = Phase(self._laps, f"{item.nodeid}-{name}", self.folder.path, keeps=True)
        phase.start(collect=True)
        return phase

    @contextmanager
    def part(self, item: pytest.Item, limits: tuple[Limit, ...]) -> Iterator[Phase | None]:
        """A part of a test. None where the whole run is being recorded from outside."""
        if self.outside:
            yield None
            return
        around = self._on
        if around is not None:
            around.stop(interrupted=True)
        phase = self._on = Phase(
            self._laps, f"{item.nodeid}-part", self.folder.path, limits, self.options.keeps
        )
        phase.start(collect=True)
        try:
            yield phase
        finally:
            phase.stop()
            self._on = around
            if around is not None:
                around.start()
        phase.broken = self._broken(phase, limits)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if not self._sets_up(item):
            return (yield)
        with self._phase(item, "setup") as phase:
            result = yield
        self._discard(phase)
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        wanted, limits = self._wants(item)
        if not wanted:
            return (yield)
        leaked = next((limit for limit in limits if limit.name == "leaked"), None)
        of_call = [limit for limit in limits if limit.name in SORTS]
        grown = self._limits_from_baseline(item)
        with self._phase(item, "call", [*of_call, *grown], collect=bool(limits)) as phase:
            result = yield
        broken = self._broken(phase, of_call)
        if why := self._broken(phase, grown, self._entry(item)):
            _set_property(item, "grown", why)
        if self.options.save is not None and phase.heaviest is not None:
            told = shares(phase.heaviest, self.root, KEPT_FUNCTIONS)
            _set_property(item, "functions", [list(astuple(share)) for share in told])
        growth = next((limit for limit in limits if limit.name == "growth"), None)
        if growth is not None and broken is None:
            broken = self._grown(item, growth)
        if leaked is not None and broken is None:
            # A second run, because the first fills caches that no test can be blamed for.
            self._leaking = self._again(item, "leaked")
            try:
                item.runtest()
            except BaseException:
                self._leaking.stop()
                self._leaking = self._on = None
                raise
        if broken is None:
            if why is None:
                self._discard(phase)
            return result
        pytest.fail(broken, pytrace=False)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, Any, Any]:
        leaking, self._leaking = self._leaking, None
        if leaking is not None:
            try:
                result = yield
            finally:
                leaking.stop(collect=True)
                self._on = None
            limit = next(limit for limit in limits_of(item) if limit.name == "leaked")
            if leaking.heaviest is not None:
                left, sites = leaks(leaking.heaviest, limit)
                _set_property(item, "leaked_bytes", left)
                if left > limit.most:
                    pytest.fail(explain(limit, left, sites, leaking.heaviest), pytrace=False)
            self._discard(leaking)
            return result
        last = nextitem is None or nextitem.parent is not item.parent
        if not last and not self._sets_up(item):
            return (yield)
        if not self.options.everything or self.outside:
            return (yield)
        with self._phase(item, "teardown") as phase:
            result = yield
        self._discard(phase)
        return result

    def _grown(self, item: pytest.Item, limit: Limit) -> str | None:
        """Run the test again and again: what does each further run add?"""
        phase = self._again(item, "growth")
        try:
            for _ in range(GROWTH_RUNS):
                item.runtest()
        finally:
            phase.stop(collect=True)
            self._on = None
        if phase.heaviest is None:
            return None
        left, sites = leaks(phase.heaviest, limit, GROWTH_RUNS)
        _set_property(item, "growth_bytes", left)
        if left > limit.most:
            return explain(limit, left, sites, phase.heaviest)
        self._discard(phase)
        return None

    def _entry(self, item: pytest.Item) -> Entry | None:
        return (
            self.options.baseline.get((PYTHON, item.nodeid))
            if self.options.baseline is not None
            else None
        )

    def _limits_from_baseline(self, item: pytest.Item) -> list[Limit]:
        entry = self._entry(item)
        return limits_from(entry, self.options.fail_on) if entry is not None else []

    def _broken(
        self, phase: Phase, limits: Sequence[Limit], before: Entry | None = None
    ) -> str | None:
        """Why a phase is above its limits; with what its functions came to before, if known."""
        figures, path = phase.figures, phase.heaviest
        if figures is None or path is None:
            return None
        reasons = []
        for limit in exceeded(figures, limits):
            sites = heaviest_lines(path, limit.name)
            reasons.append(explain(limit, figures.of(limit.name), sites, path))
            if before is not None and before.functions:
                now = shares(path, self.root)
                told = differences(limit.name, before.functions, now, KEPT_FUNCTIONS)
                reasons.append("  by function, against the baseline:")
                reasons += [f"  {line}" for line in told]
        return "\n".join(reasons) or None

    def _discard(self, phase: Phase) -> None:
        if not self.options.keeps:
            phase.forget()

    # ---- what came of it ------------------------------------------------------------------

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # With several processes only this one, which reports, hears of all tests.
        if report.when == "teardown":
            self.results.add(report)

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        self._laps.close()
        self.folder.close()

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            return
        try:
            grown = self.results.finish()
        except (MemscopeError, OSError) as error:
            raise pytest.UsageError(f"memscope: {error}") from None
        if grown and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.outside:
            self.results.show(terminalreporter)
            return
        terminalreporter.write_line(
            "memscope: the whole run is being recorded; tests are not recorded one by one"
            + (f", {self.unchecked} with limits were not checked" if self.unchecked else "")
        )


def _attach(item: pytest.Item, name: str, phase: Phase, keeps: bool) -> None:
    before = "" if name == "call" else f"{name}_"
    figures, capture = phase.figures, phase.heaviest
    if figures is not None:
        for measure, value in asdict(figures).items():
            _set_property(item, before + measure, value)
    elif phase.cut_short:
        _set_property(item, f"{before}cut_short", True)
    if keeps and capture is not None:
        _set_property(item, f"{before}capture", str(capture.absolute()))


def _set_property(item: pytest.Item, name: str, value: object) -> None:
    """A test that is run again keeps what its last run came to."""
    name = PROPERTY + name
    item.user_properties[:] = [entry for entry in item.user_properties if entry[0] != name]
    item.user_properties.append((name, value))
