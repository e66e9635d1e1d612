"""How a suite ends alone and recorded: outcomes by test, and which differ steadily."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Run:
    """How one module ended: its exit status, and the outcome of each test by its name."""

    status: int
    outcomes: dict[str, str]
    told: tuple[str, ...] = ()  # lines of memscope's in its output


def outcomes_of(report: Path) -> dict[str, str]:
    if not report.exists():
        return {}
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        bad = kinds & {"error", "failure"}
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        outcomes[name] = min(bad) if bad else "skipped" if "skipped" in kinds else "passed"
    return outcomes


def different(alone: Run, recorded: Run) -> list[str]:
    names = sorted(alone.outcomes.keys() | recorded.outcomes.keys())
    return [n for n in names if alone.outcomes.get(n) != recorded.outcomes.get(n)]


def report_on(name: str, run: Callable[[bool, list[str]], Run]) -> tuple[int, int]:
    """Runs a suite both ways and prints what differs; how many tests, and how many steadily differ.

    `run` is told whether to record, and which tests alone are wanted (none: all). What differs is
    run twice more on its own, both ways: a test that is unsteady by itself does not count.
    """
    alone, recorded = run(False, []), run(True, [])
    names = different(alone, recorded)
    sure = []
    for test in names:
        method = test.rsplit(".", 1)[-1].rsplit("::", 1)[-1]
        again = [run(how, [method]) for how in (False, True) * 2]
        if different(again[0], again[1]) and different(again[2], again[3]):
            sure.append(test)
    status = str(alone.status)
    if alone.status != recorded.status:
        status += f" / {recorded.status}"
    print(
        f"{name:<36} {len(alone.outcomes):5} tests  status {status}"
        f"  different {len(names)}, of these steadily {len(sure)}",
        flush=True,
    )
    for line in recorded.told:
        print(f"      {line}", flush=True)
    for test in names:
        print(
            f"    {'*' if test in sure else ' '} {test}: {alone.outcomes.get(test, 'missing')}"
            f" alone, {recorded.outcomes.get(test, 'missing')} recorded",
            flush=True,
        )
    return len(alone.outcomes), len(sure)
