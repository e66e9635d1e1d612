"""What the plugin prints when the tests are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memscope.analysis.units import bytes_text, count_text, plural, share_text
from memscope.pytest_plugin.figures import Figures

if TYPE_CHECKING:
    import pytest

    from memscope.pytest_plugin.baseline import FigureChange, Unsteady

_MEASURES = ("peak_bytes", "allocated_bytes", "allocations", "live_bytes")


@dataclass(frozen=True, slots=True)
class Tested:
    """A test and its figures by name: `peak_bytes` of the call, `setup_peak_bytes` …"""

    test: str
    location: tuple[str, int | None, str]
    figures: dict[str, Any]

    def phase(self, before: str) -> Figures | None:
        values = [self.figures.get(f"{before}{name}") for name in _MEASURES]
        known = [value for value in values if isinstance(value, int)]
        return Figures(*known) if len(known) == len(_MEASURES) else None

    @property
    def first_calls(self) -> int:
        """How many functions the test's call was the first to call in its process."""
        count = self.figures.get("first_calls")
        return count if isinstance(count, int) else 0

    @property
    def call(self) -> Figures | None:
        return self.phase("")

    def without_leaks(self, figures: Figures) -> Figures:
        """The call, without what another run of the test left behind too: that is no cache."""
        again = [self.figures.get(name) for name in ("leaked_bytes", "growth_bytes")]
        leaked = max((value for value in again if isinstance(value, int)), default=0)
        return figures._replace(live_bytes=max(figures.live_bytes - leaked, 0))


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase of a test: a call by the test's name, setup and teardown marked."""

    test: str
    name: str
    figures: Figures
    capture: str | None  # where it is kept


def phase_rows(tested: Iterable[Tested], sort: str) -> list[PhaseRow]:
    """All calls, and the setups and teardowns that allocated; heaviest first."""
    rows: list[PhaseRow] = []
    for test in tested:
        for name, mark in (("", ""), ("setup_", " (setup)"), ("teardown_", " (teardown)")):
            figures = test.phase(name)
            if figures is not None and (figures.allocations or not mark):
                capture = test.figures.get(f"{name}capture")
                rows.append(PhaseRow(test.test, test.test + mark, figures, capture))
    return sorted(rows, key=lambda row: (-row.figures.of(sort), row.name))


def print_table(
    terminal: pytest.TerminalReporter, phases: list[PhaseRow], sort: str, top: int | None
) -> None:
    """The heaviest tests: a line for each of their phases that is as heavy."""
    if not phases:
        return
    if top is None:
        # Who asks for the table wants one with -q, too; -qq is for a single line.
        top = 10 if terminal.verbosity >= -1 else 1
    everything = terminal.verbosity > 0 or top == 0
    shown = phases if everything else _of_heaviest(phases, top)
    terminal.section("memory, exact, by " + sort)
    terminal.write_line("     peak  allocated  allocations       left  test")
    for row in shown:
        figures = row.figures
        terminal.write_line(
            f"{bytes_text(figures.peak_bytes):>9}  {bytes_text(figures.allocated_bytes):>9}  "
            f"{count_text(figures.allocations):>11}  {bytes_text(figures.live_bytes):>9}  "
            f"{row.name}"
        )
    left = len({row.test for row in phases} - {row.test for row in shown})
    if left:
        terminal.write_line(f"{plural(left, 'more test')}; -v or --memscope-top=0 shows all")


def _of_heaviest(phases: list[PhaseRow], count: int) -> list[PhaseRow]:
    """All phases before the first of the next lighter test, of phases that stand heaviest first."""
    tests: set[str] = set()
    for place, row in enumerate(phases):
        tests.add(row.test)
        if len(tests) > count:
            return phases[:place]
    return phases


def print_changes(
    terminal: pytest.TerminalReporter,
    tested: Mapping[str, Tested],
    changes: list[FigureChange],
    limits: Mapping[str, object],
) -> None:
    """What differs from the baseline by more than its limit: worse first, then better."""
    terminal.section("memory, against the baseline")
    if not changes:
        terminal.write_line("no test differs by more than its limit")
        return
    for change in sorted(changes, key=lambda change: -change.share):
        worse = change.new > change.old
        verdict = "grew" if worse else "fell"
        failed = " FAILED" if worse and change.name in limits else ""
        terminal.write_line(
            f"{change.name} {verdict} by {share_text(abs(change.share))}: {change.old:,} to "
            f"{change.new:,}{'' if change.name == 'allocations' else ' B'}  {change.test}{failed}"
        )
        if failed:
            why = str(tested[change.test].figures.get("grown", ""))
            for part in why.split("memscope: ")[1:]:
                if part.startswith(f"{change.name} "):
                    terminal.write_line("\n".join(part.rstrip().split("\n")[1:]))


def print_unsteady(terminal: pytest.TerminalReporter, unsteady: list[Unsteady]) -> None:
    """What varies by itself: a line for each figure."""
    if unsteady:
        terminal.write_line("unsteady: these varied while the baseline was made, and do not count")
    for figure in unsteady:
        unit = "" if figure.name == "allocations" else " B"
        terminal.write_line(
            f"  {figure.name} {figure.new:,}{unit}, was {figure.least:,} to {figure.most:,}{unit}  "
            f"{figure.test}"
        )


def print_annotations(
    terminal: pytest.TerminalReporter,
    tested: Mapping[str, Tested],
    changes: list[FigureChange],
    limits: Mapping[str, object],
) -> None:
    """What broke a limit, as GitHub shows it beside the lines of the tests."""
    for kind in ("failed", "error"):
        for report in terminal.getreports(kind):
            text = str(getattr(report, "longrepr", ""))
            if text.startswith("memscope: "):
                _annotate(terminal, report.location, text)
    for change in changes:
        if change.new > change.old and change.name in limits:
            text = f"memscope: {change.name} grew from {change.old:,} to {change.new:,}"
            _annotate(terminal, tested[change.test].location, f"{text}: {change.test}")


def _annotate(
    terminal: pytest.TerminalReporter, location: tuple[str, int | None, str], text: str
) -> None:
    file, line, _ = location
    message = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    terminal.write_line(f"::error file={file},line={(line or 0) + 1}::{message}")
