"""The plugin at work: records the phases of tests, and says what came of it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from memscope.errors import MemscopeError
from memscope.pytest_plugin import setting
from memscope.pytest_plugin.baseline import (
    Change,
    changes,
    load_baseline,
    parse_fail_on,
    save_baseline,
)
from memscope.pytest_plugin.figures import Figures, explain, heaviest_lines, leaks
from memscope.pytest_plugin.limits import Limit, limits_of
from memscope.pytest_plugin.phases import Phase
from memscope.pytest_plugin.table import (
    Tested,
    phase_rows,
    print_annotations,
    print_changes,
    print_table,
)

GROWTH_RUNS = 3
SORTS = ("peak", "allocated", "allocations", "live")
_PROPERTY = "memscope_"


class Session:
    """One run of pytest in one process; registered once something is to be measured."""

    def __init__(self, config: pytest.Config) -> None:
        from memscope import _recorder

        self.everything = any(
            setting(config, name)
            for name in (
                "memscope",
                "memscope_dir",
                "memscope_json",
                "memscope_report",
                "memscope_save",
            )
        ) or bool(setting(config, "memscope_compare"))
        self.top = _whole_number(setting(config, "memscope_top") or "10")
        self.sort = setting(config, "memscope_sort") or "peak"
        if self.sort not in SORTS:
            raise pytest.UsageError(f"--memscope-sort: {self.sort!r} is none of {', '.join(SORTS)}")
        self.json = _path(config, "memscope_json")
        self.report = _path(config, "memscope_report")
        self.save = _path(config, "memscope_save")
        compare = _path(config, "memscope_compare")
        self.fail_on = parse_fail_on(setting(config, "memscope_fail_on"))
        if compare is None and config.getoption("memscope_fail_on") is not None:
            raise pytest.UsageError("--memscope-fail-on needs --memscope-compare FILE")
        self.baseline = load_baseline(compare) if compare else None
        kept = _path(config, "memscope_dir")
        self.keeps = kept is not None
        self.folder = kept or _own_folder(config)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Under `memscope run -m pytest` the whole run is recorded already.
        self.outside = _recorder.is_recording()
        self.unchecked = 0
        self.tested: dict[str, Tested] = {}
        self.changes: list[Change] = []
        self._root = config.rootpath
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
        return self.everything or bool(limits), limits

    def _sets_up(self, item: pytest.Item) -> bool:
        """Whether setup is to be recorded: a test without a fixture has none that is its own."""
        return self.everything and not self.outside and bool(getattr(item, "fixturenames", True))

    @contextmanager
    def _phase(self, item: pytest.Item, name: str, steady: bool) -> Iterator[Phase]:
        phase = self._on = Phase(item.nodeid, name, self.folder)
        phase.start(steady)
        try:
            yield phase
        finally:
            phase.stop()
            self._on = None
            if phase.figures is not None:
                _attach(item, name, phase.figures, phase.heaviest if self.keeps else None)

    @contextmanager
    def part(self, item: pytest.Item, limits: tuple[Limit, ...]) -> Iterator[Phase | None]:
        """A part of a test. None where the whole run is being recorded from outside."""
        if self.outside:
            yield None
            return
        around = self._on
        if around is not None:
            around.stop()
        phase = Phase(item.nodeid, "part", self.folder)
        phase.start(steady=True)
        try:
            yield phase
        finally:
            phase.stop()
            if around is not None:
                around.start()
        phase.broken = self._broken(phase, limits)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if not self._sets_up(item):
            return (yield)
        with self._phase(item, "setup", steady=False) as phase:
            result = yield
        self._discard(phase)
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        wanted, limits = self._wants(item)
        if not wanted:
            return (yield)
        leaked = next((limit for limit in limits if limit.name == "leaked"), None)
        steady = bool(limits) or self.save is not None or self.baseline is not None
        with self._phase(item, "call", steady) as phase:
            result = yield
        broken = self._broken(phase, [limit for limit in limits if limit.name in SORTS])
        growth = next((limit for limit in limits if limit.name == "growth"), None)
        if growth is not None and broken is None:
            broken = self._grown(item, growth)
        if leaked is not None and broken is None:
            # A second run, because the first fills caches that no test can be blamed for.
            self._leaking = Phase(item.nodeid, "leaked", self.folder)
            self._leaking.start(steady=True)
            try:
                item.runtest()
            except BaseException:
                self._leaking.stop()
                self._leaking = None
                raise
        if broken is None:
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
            limit = next(limit for limit in limits_of(item) if limit.name == "leaked")
            if leaking.heaviest is not None:
                left, sites = leaks(leaking.heaviest, limit)
                item.user_properties.append((f"{_PROPERTY}leaked_bytes", left))
                if left > limit.most:
                    pytest.fail(explain(limit, left, sites, leaking.heaviest), pytrace=False)
            self._discard(leaking)
            return result
        last = nextitem is None or nextitem.parent is not item.parent
        if not last and not self._sets_up(item):
            return (yield)
        if not self.everything or self.outside:
            return (yield)
        with self._phase(item, "teardown", steady=False) as phase:
            result = yield
        self._discard(phase)
        return result

    def _grown(self, item: pytest.Item, limit: Limit) -> str | None:
        """Run the test again and again: what does each further run add?"""
        phase = Phase(item.nodeid, "growth", self.folder)
        phase.start(steady=True)
        try:
            for _ in range(GROWTH_RUNS):
                item.runtest()
        finally:
            phase.stop(collect=True)
        if phase.heaviest is None:
            return None
        left, sites = leaks(phase.heaviest, limit)
        item.user_properties.append((f"{_PROPERTY}growth_bytes", left // GROWTH_RUNS))
        if left // GROWTH_RUNS > limit.most:
            return explain(limit, left // GROWTH_RUNS, sites, phase.heaviest)
        self._discard(phase)
        return None

    def _broken(self, phase: Phase, limits: tuple[Limit, ...] | list[Limit]) -> str | None:
        figures, path = phase.figures, phase.heaviest
        if figures is None or path is None:
            return None
        reasons = [
            explain(limit, figures.of(limit.name), heaviest_lines(path, limit.name), path)
            for limit in limits
            if figures.of(limit.name) > limit.most
        ]
        return "\n".join(reasons) or None

    def _discard(self, phase: Phase) -> None:
        if not self.keeps:
            phase.forget()

    # ---- what came of it ------------------------------------------------------------------

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # With several processes only this one, which reports, hears of all tests.
        if report.when != "teardown":
            return
        figures: dict[str, Any] = {
            name[len(_PROPERTY) :]: value
            for name, value in report.user_properties
            if name.startswith(_PROPERTY)
        }
        if figures:
            self.tested[report.nodeid] = Tested(report.nodeid, report.location, figures)

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            return
        try:
            self._finish(session)
        except (MemscopeError, OSError) as error:
            raise pytest.UsageError(f"memscope: {error}") from None

    def _finish(self, session: pytest.Session) -> None:
        calls = {test: tested.call for test, tested in self.tested.items() if tested.call}
        if self.baseline is not None:
            from memscope.pytest_plugin.baseline import PYTHON

            for test, figures in sorted(calls.items()):
                entry = self.baseline.get((PYTHON, test))
                if entry is not None:
                    self.changes += changes(entry, figures, self.fail_on)
            grown = any(c.new > c.old and c.name in self.fail_on for c in self.changes)
            if grown and session.exitstatus == 0:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.save is not None:
            save_baseline(self.save, calls)
        if self.report is not None:
            from memscope.pytest_plugin.page import write_page

            write_page(self.report, phase_rows(self.tested.values(), self.sort), self.sort)
        if self.json is not None:
            document = {
                "schema": "memscope.pytest/1",
                "tests": [asdict(tested) for _, tested in sorted(self.tested.items())],
                "changes": [asdict(change) for change in self.changes],
            }
            self.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.outside:
            terminalreporter.write_line(
                "memscope: the whole run is being recorded; tests are not recorded one by one"
                + (f", {self.unchecked} with limits were not checked" if self.unchecked else "")
            )
            return
        if self.everything:
            rows = phase_rows(self.tested.values(), self.sort)
            print_table(terminalreporter, rows, self.sort, self.top)
        if self.baseline is not None:
            print_changes(terminalreporter, self.changes, self.fail_on)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            print_annotations(terminalreporter, self.tested, self.changes, self.fail_on)


def _own_folder(config: pytest.Config) -> Path:
    """Where captures of tests that broke their limits stay until the next run.

    Processes that run tests side by side have a folder each.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    cache: pytest.Cache | None = getattr(config, "cache", None)
    base = cache.mkdir("memscope") if cache else Path(tempfile.mkdtemp(prefix="memscope-"))
    folder = base / worker
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _attach(item: pytest.Item, phase: str, figures: Figures, capture: Path | None) -> None:
    before = "" if phase == "call" else f"{phase}_"
    for name, value in asdict(figures).items():
        item.user_properties.append((f"{_PROPERTY}{before}{name}", value))
    if capture is not None:
        item.user_properties.append((f"{_PROPERTY}{before}capture", str(capture.absolute())))


def _path(config: pytest.Config, name: str) -> Path | None:
    """A path as it was given: of an option relative to here, of the ini file to the root."""
    text = setting(config, name)
    if not text:
        return None
    given = config.getoption(name) is not None
    return Path(text) if given else config.rootpath / text


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--memscope-top: {text!r} is no whole number")
    return int(text)
