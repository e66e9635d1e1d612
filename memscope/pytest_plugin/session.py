"""The plugin at work: records the phases of tests, and says what came of it.

Whatever goes wrong here is caught and told in the end; tests come out as they do without memscope.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import pytest

from memscope.compiled import check_compiled
from memscope.errors import MemscopeError
from memscope.pytest_plugin.baseline import KEPT_FUNCTIONS, Entry, for_caches, limits_from
from memscope.pytest_plugin.figures import Figures, Limit, exceeded, explain, heaviest
from memscope.pytest_plugin.folder import CaptureFolder
from memscope.pytest_plugin.functions import differences, of_functions, shares
from memscope.pytest_plugin.leaks import Leaks, ignored_by
from memscope.pytest_plugin.limits import is_native, limits_of
from memscope.pytest_plugin.matching import by_name_here
from memscope.pytest_plugin.options import SORTS, Options
from memscope.pytest_plugin.phases import Phase
from memscope.pytest_plugin.results import PROPERTY, Results
from memscope.pytest_plugin.retainers import said_of_holders, unknown
from memscope.pytest_plugin.sections import Sections
from memscope.pytest_plugin.trouble import described
from memscope.pytest_plugin.untouched import untouched

GROWTH_RUNS = 3
# Of a phase, as a test's report calls them.
_MEASURES = (*Figures._fields, "first_calls")


class Session:
    """One run of pytest in one process; registered once something is to be measured."""

    def __init__(self, config: pytest.Config, settings: Mapping[str, Any]) -> None:
        from memscope import _recorder

        check_compiled(_recorder)
        self.options = Options.of(config, settings)
        self.root = str(config.rootpath)
        self.folder = CaptureFolder(config, self.options.captures)
        # Under `memscope run -m pytest` the whole run is recorded already.
        self.outside = _recorder.is_recording()
        self.unchecked = 0
        self.results = Results(self.options)
        self._baseline: Mapping[str, Entry] = self.options.baseline or {}
        self._sections = Sections(self.options.user_code, self.options.objects)
        self._on: Phase | None = None
        self._leaking: Phase | None = None
        self._failed = False  # a test, just now, by a limit

    @classmethod
    def of(cls, config: pytest.Config, settings: Mapping[str, Any]) -> Session:
        """A session as options and ini file say. Raises pytest.UsageError in one line."""
        try:
            return cls(config, settings)
        except (MemscopeError, ImportError, OSError) as error:
            raise pytest.UsageError(f"memscope: {error}") from None

    def check(self, item: pytest.Item) -> None:
        """Refuse markers that say nothing sensible, at collection."""
        try:
            limits_of(item)
        except MemscopeError as error:
            raise pytest.UsageError(f"{item.nodeid}: {error}") from None

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        with self.results.caught("the baseline's tests could not be matched"):
            self._baseline = by_name_here(self._baseline, [item.nodeid for item in session.items])

    # ---- recording ------------------------------------------------------------------------

    @contextmanager
    def _caught(self, item: pytest.Item, doing: str) -> Iterator[None]:
        """A block of memscope's own work: its exceptions are told in the end, and stay here."""
        try:
            yield
        except Exception as error:
            self._trouble(item, doing, error)

    def _trouble(self, item: pytest.Item, doing: str, error: Exception) -> None:
        self._on = self._leaking = None
        _add_trouble(item, f"{doing}: {described(error)}")
        try:
            self._sections.close()  # the next section begins anew
        except Exception as another:
            _add_trouble(item, f"the recording could not be ended: {described(another)}")

    def _sets_up(self, item: pytest.Item) -> bool:
        """Whether setup is to be recorded: a test without a fixture has none that is its own."""
        return (
            self.options.everything
            and not self.outside
            and bool(getattr(item, "fixturenames", True))
        )

    def _begin(
        self,
        item: pytest.Item,
        name: str,
        limits: Sequence[Limit] = (),
        collect: bool = False,
        leaks: Leaks | None = None,
    ) -> Phase | None:
        """A phase that is being recorded from now on. None if it cannot be.

        leaks: it is of further runs, and what they leave is held against this.
        """
        detailed = name == "call" and self.options.save is not None
        keeps = leaks is not None or self.options.keeps
        stem = f"{item.nodeid}-{name}"
        try:  # in plain sight: a context manager would leave objects of its own in free lists
            native = self.options.native or is_native(item)
            place = str(self.folder.path)
            phase = Phase(self._sections, place, stem, limits, keeps, detailed, leaks, native)
            self._on = phase
            phase.start(collect)
            return phase
        except Exception as error:
            self._trouble(item, "a phase could not be recorded", error)
            return None

    def _end(self, item: pytest.Item, phase: Phase, collect: bool = False) -> None:
        try:  # twice for each test: a context manager takes as long as the rest of this
            self._on = None
            phase.stop(collect)
        except Exception as error:
            self._trouble(item, "a phase could not be recorded", error)

    @contextmanager
    def part(self, item: pytest.Item, limits: tuple[Limit, ...]) -> Iterator[Phase | None]:
        """A part of a test. None where the whole run is being recorded from outside."""
        if self.outside:
            yield None
            return
        around = self._on
        if around is not None:
            with self._caught(item, "a phase could not be recorded"):
                around.stop(interrupted=True)
        phase = self._begin(item, "part", limits, collect=True)
        try:
            yield phase
        finally:
            if phase is not None:
                self._end(item, phase)
            if around is not None:
                with self._caught(item, "a phase could not be recorded"):
                    around.start()
                    self._on = around
        if phase is not None:
            with self._caught(item, "a part could not be judged"):
                phase.broken = self._broken(phase, limits)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from self._around(item, "setup", self._sets_up(item)))

    def _around(self, item: pytest.Item, name: str, wanted: bool) -> Generator[None, Any, Any]:
        phase = self._begin(item, name) if wanted else None
        if phase is None:
            return (yield)
        try:
            return (yield)
        finally:
            self._end(item, phase)
            self._attach(item, f"{name}_", phase)
            self._discard(item, phase)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        limits = {limit.name: limit for limit in self._limits(item)}
        of_call = [limit for limit in self._limits(item) if limit.name in SORTS]
        phase, entry, grown = None, self._baseline.get(item.nodeid), list[Limit]()
        if not self.outside and (self.options.everything or limits):
            grown = limits_from(entry, self.options.fail_on) if entry is not None else []
            phase = self._begin(item, "call", [*of_call, *grown], collect=bool(limits))
        if phase is None:
            self.unchecked += bool(limits)
            return (yield)
        try:
            result = yield
        finally:
            self._end(item, phase)
            self._attach(item, "", phase)
        broken = why = None
        with self._caught(item, "a test could not be judged"):
            broken = self._broken(phase, of_call)
            why = self._against_baseline(item, phase, grown, entry)
        if broken is None and "growth" in limits:
            broken = self._grown(item, limits["growth"])
        if broken is None and "leaked" in limits:
            # A second run, because the first fills caches that no test can be blamed for.
            leaks = _leaks_of(limits["leaked"])
            self._leaking = again = self._begin(item, "leaked", collect=True, leaks=leaks)
            try:
                if again is not None:
                    item.runtest()
            except BaseException:
                if again is not None:
                    self._end(item, again)
                self._leaking = None
                raise
        if broken is None:
            if why is None:
                self._discard(item, phase)
            return result
        self._fail(broken)

    def _against_baseline(
        self, item: pytest.Item, phase: Phase, limits: Sequence[Limit], entry: Entry | None
    ) -> str | None:
        """Why the call has grown; and what its functions came to, for a baseline to be written."""
        if self.options.save is not None:
            told = shares(phase.functions, self.root, KEPT_FUNCTIONS)
            _set_property(item, "functions", [list(share) for share in told])
        if phase.figures is None:
            return None
        why = self._broken(phase, for_caches(limits, phase.figures, phase.first_calls), entry)
        if why is not None:
            _set_property(item, "grown", why)
        return why

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, Any, Any]:
        leaking, self._leaking = self._leaking, None
        if leaking is None:
            last = nextitem is None or nextitem.parent is not item.parent
            everything = self.options.everything and not self.outside
            wanted = everything and (last or self._sets_up(item))
            return (yield from self._around(item, "teardown", wanted))
        try:
            result = yield
        finally:
            self._end(item, leaking, collect=True)
        broken = None
        with self._caught(item, "a limit of what a test leaves could not be judged"):
            limit = next(limit for limit in limits_of(item) if limit.name == "leaked")
            broken = self._left(item, leaking, _leaks_of(limit))
        if broken is None:
            self._discard(item, leaking)
            return result
        self._fail(broken)

    def _grown(self, item: pytest.Item, limit: Limit) -> str | None:
        """Run the test again and again: what does each further run add?"""
        leaks = _leaks_of(limit, GROWTH_RUNS)
        phase = self._begin(item, "growth", collect=True, leaks=leaks)
        if phase is None:
            return None
        try:
            for _ in range(GROWTH_RUNS):
                item.runtest()
        finally:
            self._end(item, phase, collect=True)
        broken = None
        with self._caught(item, "a limit of what a test leaves could not be judged"):
            broken = self._left(item, phase, leaks)
        if broken is None:
            self._discard(item, phase)
        return broken

    def _left(self, item: pytest.Item, phase: Phase, leaks: Leaks) -> str | None:
        """Why what further runs left behind is above its limit; None: it is not."""
        if phase.figures is None:
            return None
        limit, lines, capture = leaks.limit, phase.lines, phase.heaviest
        left = leaks.left(lines)
        _set_property(item, f"{limit.name}_bytes", left)
        if not leaks.is_broken(lines):
            return None
        holders: list[str] = []
        with self._caught(item, "who keeps what a test left could not be told"):
            if phase.no_snapshot:
                holders = [unknown(phase.no_snapshot)]
            elif capture is not None:
                holders = said_of_holders(capture, lines, leaks)
        return explain(limit, left, leaks.sites(lines), capture, holders)

    def _limits(self, item: pytest.Item) -> tuple[Limit, ...]:
        with self._caught(item, "the limits of a test could not be read"):
            return limits_of(item)
        return ()

    def _broken(
        self, phase: Phase, limits: Sequence[Limit], before: Entry | None = None
    ) -> str | None:
        """Why a phase is above its limits; with what its functions came to before, if known."""
        figures = phase.figures
        if figures is None:
            return None
        reasons = []
        for limit in exceeded(figures, limits):
            sites = heaviest(phase.lines, limit.name)
            reasons.append(explain(limit, figures.of(limit.name), sites, phase.heaviest))
            if before is not None and before.functions:
                now = shares(of_functions(phase.lines), self.root)
                told = differences(limit.name, before.functions, now, KEPT_FUNCTIONS)
                reasons.append("  by function, against the baseline:")
                reasons += [f"  {line}" for line in told]
        return "\n".join(reasons) or None

    def _attach(self, item: pytest.Item, before: str, phase: Phase) -> None:
        """Give the test's report the figures of a phase, under names that begin with `before`."""
        figures = phase.figures
        if figures is not None:
            measured = zip(_MEASURES, (*figures, phase.first_calls), strict=True)
            _set_properties(item, {before + name: value for name, value in measured})
            if phase.native:
                _set_property(item, "native", True)
        elif phase.cut_short:
            _set_property(item, f"{before}cut_short", True)
        if self.options.keeps and phase.heaviest is not None:
            _set_property(item, f"{before}capture", phase.heaviest)

    def _discard(self, item: pytest.Item, phase: Phase) -> None:
        if not self.options.keeps:
            with self._caught(item, "a capture could not be removed"):
                phase.forget()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        failed, self._failed = self._failed, False
        if not failed:
            return (yield)
        with untouched():
            return (yield)

    def _fail(self, why: str) -> NoReturn:
        self._failed = True
        pytest.fail(why, pytrace=False)

    # ---- what came of it ------------------------------------------------------------------

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # With several processes only this one, which reports, hears of all tests.
        if report.when == "teardown":
            with self.results.caught("the figures of a test were not understood"):
                self.results.add(report)

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        with suppress(Exception):  # nobody is left to be told
            self._sections.close()
        with suppress(Exception):
            self.folder.close()

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput") or session.config.option.collectonly:
            return
        interrupted = session.exitstatus not in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        )
        whole = not (interrupted or session.shouldstop or session.shouldfail)
        self.results.finish(whole)
        if session.exitstatus == 0 and self.results.failed:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if session.exitstatus == 0 and self.results.grown:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if not session.config.pluginmanager.has_plugin("terminalreporter"):
            for line in self.results.troubles():
                sys.stderr.write(f"{line}\n")

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.outside:
            with self.results.caught("the figures could not be shown"):
                self.results.show(terminalreporter)
            for line in self.results.troubles():
                terminalreporter.write_line(line)
            return
        terminalreporter.write_line(
            "memscope: the whole run is being recorded; tests are not recorded one by one"
            + (f", {self.unchecked} with limits were not checked" if self.unchecked else "")
        )


def _leaks_of(limit: Limit, runs: int = 1) -> Leaks:
    return Leaks(limit, ignored_by(limit), runs)


def _set_property(item: pytest.Item, name: str, value: object) -> None:
    _set_properties(item, {name: value})


def _set_properties(item: pytest.Item, values: Mapping[str, object]) -> None:
    """A test that is run again keeps what its last run came to."""
    new = {PROPERTY + name: value for name, value in values.items()}
    item.user_properties[:] = [entry for entry in item.user_properties if entry[0] not in new]
    item.user_properties.extend(new.items())


def _add_trouble(item: pytest.Item, text: str) -> None:
    """Tell in the test's report what went wrong in memscope, for whichever process prints it."""
    name = f"{PROPERTY}troubles"
    known = [value for key, value in item.user_properties if key == name]
    texts = known[0] if known and isinstance(known[0], list) else []
    _set_property(item, "troubles", [*texts, text])
