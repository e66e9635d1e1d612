"""What came of the tests of a run: files, a comparison, and what is printed in the end."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Any

import pytest

from memscope.pytest_plugin.baseline import PYTHON, Change, Unsteady, changes, save_baseline
from memscope.pytest_plugin.figures import Share
from memscope.pytest_plugin.options import Options
from memscope.pytest_plugin.table import (
    Tested,
    phase_rows,
    print_annotations,
    print_changes,
    print_table,
    print_unsteady,
)

PROPERTY = "memscope_"  # how figures are called among the properties of a test's report


class Results:
    """The figures of all tests, as their reports tell them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tested: dict[str, Tested] = {}
        self._changes: list[Change] = []
        self._unsteady: list[Unsteady] = []

    def add(self, report: pytest.TestReport) -> None:
        """Take in what a test came to, from its last report."""
        figures: dict[str, Any] = {
            name[len(PROPERTY) :]: value
            for name, value in report.user_properties
            if name.startswith(PROPERTY)
        }
        if figures:
            self._tested[report.nodeid] = Tested(report.nodeid, report.location, figures)

    def finish(self) -> bool:
        """Compare, and write all files. Whether a test grew by more than it may. Raises OSError."""
        options = self._options
        calls = {test: tested.call for test, tested in self._tested.items() if tested.call}
        if options.baseline is not None:
            for test, figures in sorted(calls.items()):
                entry = options.baseline.get((PYTHON, test))
                if entry is not None:
                    changed, unsteady = changes(entry, figures, options.fail_on)
                    self._changes += changed
                    self._unsteady += unsteady
        if options.save is not None:
            functions = {
                test: [Share(*share) for share in tested.figures.get("functions", ())]
                for test, tested in self._tested.items()
            }
            save_baseline(options.save, calls, options.widen, functions)
        if options.report is not None:
            from memscope.pytest_plugin.page import write_page

            write_page(
                options.report, phase_rows(self._tested.values(), options.sort), options.sort
            )
        if options.json is not None:
            options.json.write_text(json.dumps(self._document(), indent=1) + "\n", encoding="utf-8")
        return any(c.new > c.old and c.name in options.fail_on for c in self._changes)

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
        if options.baseline is not None:
            print_changes(terminal, self._tested, self._changes, options.fail_on)
            print_unsteady(terminal, self._unsteady)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            print_annotations(terminal, self._tested, self._changes, options.fail_on)
