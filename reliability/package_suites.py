"""Run the test suites of well-kept packages alone and recorded, and name what ends differently.

    python reliability/package_suites.py                 # those below, under `memscope run`
    python reliability/package_suites.py attrs markupsafe
    python reliability/package_suites.py --plugin tomlkit  # with the pytest plugin, in each mode

Each package is taken from its source distribution; two of them have C extensions. Nothing is
installed into the interpreter that runs this: it needs memscope, pytest, pytest-xdist and pip.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from outcomes import Run, outcomes_of, report_on


@dataclass(frozen=True)
class Package:
    """A source distribution, what its tests need besides pytest, and where they are."""

    requirement: str
    needs: tuple[str, ...] = ()
    tests: str = "tests"


PACKAGES = {
    "markupsafe": Package("markupsafe==2.1.5"),  # C
    "msgpack": Package("msgpack==1.1.0", tests="test"),  # C
    "itsdangerous": Package("itsdangerous==2.2.0", ("freezegun",)),
    "attrs": Package("attrs==24.2.0", ("hypothesis", "cloudpickle", "zope.interface")),
    "more-itertools": Package("more-itertools==10.5.0"),
    "tomlkit": Package("tomlkit==0.15.2", ("pyyaml",)),
    "click": Package("click==8.5.1"),
    "jinja2": Package("jinja2==3.1.6", ("trio",)),
}
RECORDED = ("markupsafe", "msgpack", "itsdangerous", "attrs", "more-itertools")
# werkzeug's suite is not among them: it makes an error of pytest-timeout's marker where that is not
# loaded, and its test of an HTTP proxy was seen to hang in a sandbox. Both are so without memscope.
WITH_PLUGIN = ("tomlkit", "attrs", "click", "jinja2", "itsdangerous", "more-itertools")

ALONE: tuple[str, ...] = ()
BASELINE = "memory.txt"
LIMITS = "--memscope-fail-on=peak:10%+4KB,allocations:10%+50"
# Some suites make an error of each warning, also of those of plugins that they do not use.
PLUGINS = ("-p", "memscope.pytest_plugin", "-p", "xdist")
ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
# Of the plugin: what each run is given. The baseline of the second is the third's and the fourth's.
MODES = {
    "--memscope": ("--memscope",),
    "--memscope-save": (f"--memscope-save={BASELINE}",),
    "--memscope-compare": (f"--memscope-compare={BASELINE}", LIMITS),
    "--memscope-compare -n 2": (f"--memscope-compare={BASELINE}", LIMITS, "-n", "2"),
}


def unpack(package: Package, place: Path) -> tuple[Path, Path]:
    """The unpacked source, and a directory with the package and what its tests need."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    download = [*pip, "download", "--no-deps", "--no-binary", ":all:", "-d", str(place)]
    subprocess.run([*download, package.requirement], check=True)
    (archive,) = place.glob("*.tar.gz")
    shutil.unpack_archive(archive, place / "source", filter="data")
    (source,) = (place / "source").iterdir()
    target = place / "installed"
    subprocess.run(
        [*pip, "install", "--target", str(target), str(source), *package.needs], check=True
    )
    return source / package.tests, target


def run(tests: Path, installed: Path, before: list[str], after: tuple[str, ...]) -> Run:
    """pytest's own words are between `before`, what runs it, and `after`, its options."""
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        report = Path(place, "report.xml")
        command = [sys.executable, *(word.format(place=place) for word in before)]
        command += ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
        command += ["-o", "junit_family=xunit1", *PLUGINS, *after]
        done = subprocess.run(
            [*command, str(tests)],
            cwd=tests.parent,
            env={**os.environ, "PYTHONPATH": str(installed), **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        told = [line for line in done.stdout.splitlines() if "memscope: " in line]
        return Run(done.returncode, outcomes_of(report), (*told, *_verdicts(done.stdout)))


def _verdicts(output: str) -> list[str]:
    """What the plugin says of a baseline that grew."""
    return [line for line in output.splitlines() if line.endswith(" FAILED") and " grew " in line]


def under_run(suite: Path, installed: Path, name: str) -> tuple[int, int]:
    recorder = ["-m", "memscope", "run", "-q", "-o", "{place}/suite.mscope"]
    return report_on(
        name,
        lambda recorded, only: run(suite, installed, recorder if recorded else [], _chosen(only)),
    )


def with_plugin(suite: Path, installed: Path, name: str) -> tuple[int, int]:
    """In each mode of the plugin, against a run without."""
    tests = disturbed = 0
    alone = run(suite, installed, [], ALONE)
    for mode, options in MODES.items():

        def once(recorded: bool, only: list[str], options: tuple[str, ...] = options) -> Run:
            if not recorded and not only:
                return alone
            return run(suite, installed, [], (*(options if recorded else ()), *_chosen(only)))

        counted, sure = report_on(f"{name} {mode}", once)
        tests, disturbed = max(tests, counted), disturbed + sure
    return tests, disturbed


def _chosen(only: list[str]) -> tuple[str, ...]:
    return tuple(f"-k={name.split('[')[0]}" for name in only)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plugin", action="store_true")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    asked = parser.parse_args()
    one_way = with_plugin if asked.plugin else under_run
    tests = disturbed = 0
    for name in asked.packages or (WITH_PLUGIN if asked.plugin else RECORDED):
        with tempfile.TemporaryDirectory(prefix="package-") as place:
            suite, installed = unpack(PACKAGES[name], Path(place))
            counted, sure = one_way(suite, installed, name)
        tests, disturbed = tests + counted, disturbed + sure
    print(f"{tests} tests, {disturbed} steadily different")
    return disturbed != 0


if __name__ == "__main__":
    sys.exit(main())
