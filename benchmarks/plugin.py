"""What ``pytest --memscope`` costs, and whether its figures repeat, on suites of other packages.

``python benchmarks/plugin.py cost click-8.5.1.tar.gz …`` with source distributions whose test
requirements are installed; ``… steady …`` runs each ten times.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import click

ROOT = Path(__file__).resolve().parent.parent
FILES = click.argument("sdists", nargs=-1, required=True, type=click.Path(path_type=Path))


@dataclass(frozen=True)
class Run:
    """One run of a suite: how long it took, and what became of each test."""

    wall_s: float
    outcomes: dict[str, str]


@click.group()
def main() -> None:
    """Measures the pytest plugin on the suites of other packages."""


def unpack(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


def run_suite(suite: Path, *options: str) -> Run:
    """One run of pytest, with no plugin but memscope's, and the same seed of hashes each time."""
    environment = dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONHASHSEED="0")
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, suite / "src", suite)))
    junit = suite / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "memscope.pytest_plugin", f"--junit-xml={junit}", *options]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, check=False)
    wall_s = time.perf_counter() - started
    if done.returncode > 1 or not junit.exists():  # 1: tests failed, as they do without us
        raise click.ClickException(f"{suite.name}: {done.stdout.decode()}{done.stderr.decode()}")
    outcomes: dict[str, str] = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        outcomes[f"{case.get('classname')}::{case.get('name')}"] = " ".join(kinds) or "passed"
    junit.unlink()
    return Run(wall_s, outcomes)


@main.command()
@FILES
@click.option("--runs", default=5, show_default=True, help="Pairs of runs; medians are shown.")
def cost(sdists: tuple[Path, ...], runs: int) -> None:
    """Wall time with and without --memscope, in turns, and whether outcomes differ."""
    click.echo(
        "| suite | tests | without, s | with --memscope, s | factor | outcomes that differ |"
    )
    click.echo("| --- | ---: | ---: | ---: | ---: | ---: |")
    sums = [0.0, 0.0]
    for sdist in sdists:
        with tempfile.TemporaryDirectory() as folder:
            suite = unpack(sdist, Path(folder))
            pairs = [(run_suite(suite), run_suite(suite, "--memscope")) for _ in range(runs)]
        plain, measured = (
            statistics.median(run.wall_s for run in side) for side in zip(*pairs, strict=True)
        )
        first = pairs[0][0].outcomes
        differ = {
            test
            for pair in pairs
            for run in pair
            for test in first.keys() | run.outcomes.keys()
            if run.outcomes.get(test) != first.get(test)
        }
        sums = [sums[0] + plain, sums[1] + measured]
        click.echo(_row(suite.name, f"{len(first):,}", plain, measured, f"{len(differ)}"))
    click.echo(_row("in total", "", *sums, ""))


def _row(name: str, tests: str, plain: float, measured: float, differ: str) -> str:
    return (
        f"| {name} | {tests} | {plain:.2f} | {measured:.2f} | {measured / plain:.2f} | {differ} |"
    )


@main.command()
@FILES
@click.option("--runs", default=10, show_default=True)
def steady(sdists: tuple[Path, ...], runs: int) -> None:
    """How many tests have the same peak, bytes and allocations in all runs."""
    click.echo("| suite | tests | the same in all runs | share |")
    click.echo("| --- | ---: | ---: | ---: |")
    for sdist in sdists:
        with tempfile.TemporaryDirectory() as folder:
            suite = unpack(sdist, Path(folder))
            seen: dict[str, set[tuple[int, ...]]] = {}
            for number in range(runs):
                path = suite / f"{number}.json"
                run_suite(suite, f"--memscope-json={path}")
                for test in json.loads(path.read_text())["tests"]:
                    names = ("peak_bytes", "allocated_bytes", "allocations")
                    if names[0] in test["figures"]:
                        figures = tuple(test["figures"][name] for name in names)
                        seen.setdefault(test["test"], set()).add(figures)
        same = sum(len(figures) == 1 for figures in seen.values())
        click.echo(f"| {suite.name} | {len(seen):,} | {same:,} | {same / len(seen):.1%} |")
        for test in sorted(test for test, figures in seen.items() if len(figures) > 1)[:20]:
            click.echo(f"{test}: {sorted(seen[test])}", err=True)


if __name__ == "__main__":
    main()
