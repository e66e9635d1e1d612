"""What came of the tests of a run: files, a comparison, and what is printed in the end."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from memscope.errors import MemscopeError
from memscope.pytest_plugin.baseline import FigureChange, Unsteady, changes, forgiven, save_baseline
from memscope.pytest_plugin.figures import Figures
from memscope.pytest_plugin.functions import Share
from memscope.pytest_plugin.matching import by_name_here
from memscope.pytest_plugin.options import Options
from memscope.pytest_plugin.table import (
    Tested,
    phase_rows,
    print_annotations,
    print_changes,
    print_table,
    print_unsteady,
)
from memscope.pytest_plugin.trouble import described

_NO_MATCH = (
    "not one of the {:,} tests that ran is in the baseline, where the first is {}; is this the "
    "project, and the root directory, that it was saved in?"
)
PROPERTY = "memscope_"  # how figures are called among the properties of a test's report


class Results:
    """The figures of all tests, as their reports tell them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tested: dict[str, Tested] = {}
        self._changes: list[FigureChange] = []
        self._unsteady: list[Unsteady] = []
        self.failed: list[str] = []  # what could not be done in the end
        self._notes: list[str] = []
        self._forgiven = 0  # tests that would have grown too much but for first calls
        self._compared = 0  # tests that are in the baseline

    def add(self, report: pytest.TestReport) -> None:
        """Take in what a test came to, from its last report."""
        figures: dict[str, Any] = {
            name[len(PROPERTY) :]: value
            for name, value in report.user_properties
            if name.startswith(PROPERTY)
        }
        if figures:
            self._tested[report.nodeid] = Tested(report.nodeid, report.location, figures)

    @contextmanager
    def caught(self, doing: str) -> Iterator[None]:
        """A block of memscope's own work: its exceptions are told in the end, and stay here."""
        try:
            yield
        except Exception as error:
            self.failed.append(f"{doing}: {described(error)}")

    def finish(self, whole: bool) -> None:
        """Compare, and write what was asked for.

        whole: all tests that were asked for have run.
        """
        with self.caught("--memscope-compare"):
            self._compare()
        with self.caught("--memscope-save"):
            self._save(whole)
        with self.caught("--memscope-report"):
            self._write_page()
        with self.caught("--memscope-json"):
            self._write_document()

    def _compare(self) -> None:
        """Hold all tests against the baseline. Raises MemscopeError if not one is in it."""
        options, calls = self._options, self._calls()
        if options.baseline is None or not calls:
            return
        entries = by_name_here(options.baseline, calls)
        matched = [test for test in sorted(calls) if test in entries]
        if not matched:
            raise MemscopeError(_NO_MATCH.format(len(calls), next(iter(entries))), options.compare)
        self._compared = len(matched)
        for test in matched:
            tested = self._tested[test]
            figures = tested.without_leaks(calls[test])
            found = (entries[test], figures, options.fail_on, tested.first_calls)
            changed, unsteady = changes(*found)
            self._forgiven += forgiven(*found)
            self._changes += changed
            self._unsteady += unsteady

    def _save(self, whole: bool) -> None:
        """Write the baseline, if all tests that were asked for have run."""
        path, calls = self._options.save, self._calls()
        if path is None:
            return
        if not (whole and calls):
            why = "the run was ended early" if calls else "no test has run"
            self._notes.append(f"the baseline was not written: {why}")
            return
        functions = {
            test: [Share(*share) for share in tested.figures.get("functions", ())]
            for test, tested in self._tested.items()
        }
        save_baseline(path, calls, self._options.widen, functions)

    def _write_page(self) -> None:
        if self._options.report is not None:
            from memscope.pytest_plugin.page import write_page

            rows = phase_rows(self._tested.values(), self._options.sort)
            write_page(self._options.report, rows, self._options.sort)

    def _write_document(self) -> None:
        if self._options.json is not None:
            text = json.dumps(self._document(), indent=1)
            self._options.json.write_text(f"{text}\n", encoding="utf-8")

    @property
    def grown(self) -> set[str]:
        """The tests that grew by more than they may."""
        fail_on = self._options.fail_on
        return {c.test for c in self._changes if c.new > c.old and c.name in fail_on}

    def troubles(self) -> list[str]:
        """What went wrong in memscope, in whichever process and however often, in a line each."""
        told = (t.figures.get("troubles") for t in self._tested.values())
        times = Counter(text for texts in told if isinstance(texts, list) for text in texts)
        often = {text: f" ({count:,} times)" if count > 1 else "" for text, count in times.items()}
        return [
            *(f"memscope: {text}{often[text]}" for text in times),
            *(f"memscope: {text}" for text in self._notes),
            *(f"ERROR: memscope: {text}" for text in self.failed),
        ]

    def _calls(self) -> Mapping[str, Figures]:
        return {test: tested.call for test, tested in self._tested.items() if tested.call}

    def _document(self) -> dict[str, Any]:
        return {
            "schema": "memscope.pytest/1",
            "tests": [asdict(tested) for _, tested in sorted(self._tested.items())],
            "changes": [asdict(change) for change in self._changes],
            "unsteady": [asdict(figure) for figure in self._unsteady],
        }

    def show(self, terminal: pytest.TerminalReporter) -> None:
        """The table of the heaviest, and what differs from the baseline."""
        options = self._options
        if options.everything:
            rows = phase_rows(self._tested.values(), options.sort)
            print_table(terminal, rows, options.sort, options.top)
        cut_short = sum("cut_short" in name for t in self._tested.values() for name in t.figures)
        if cut_short:
            terminal.write_line(
                f"memscope: {cut_short} phases could not be recorded in full and have no figures"
            )
        native = sum("native" in tested.figures for tested in self._tested.values())
        if native:
            tests = "one test" if native == 1 else f"{native:,} tests"
            terminal.write_line(
                f"memscope: native memory counts in {tests}; not seen is what libraries request "
                "while they are loaded, and within the C library (docs/pytest.md)"
            )
        if self._compared:
            print_changes(terminal, self._tested, self._changes, options.fail_on)
            if self._forgiven:
                terminal.write_line(
                    f"unsteady: {self._forgiven:,} tests are above a limit only by caches that "
                    "they filled first; that does not count"
                )
            absent = len(self._calls()) - self._compared
            if absent:
                terminal.write_line(f"{absent:,} tests are not in the baseline")
            print_unsteady(terminal, self._unsteady)
        if grown := self.grown:
            # pytest's last line counts what it finds under each name.
            terminal.stats.setdefault("failed by memory limits", []).extend(sorted(grown))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            print_annotations(terminal, self._tested, self._changes, options.fail_on)
