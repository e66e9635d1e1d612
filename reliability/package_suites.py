"""Run the test suites of well-kept packages alone and recorded, and name what ends differently.

    python reliability/package_suites.py                 # those below
    python reliability/package_suites.py attrs markupsafe

Each package is taken from its source distribution; two of them have C extensions. Nothing is
installed into the interpreter that runs this: it needs memscope, pytest and pip.
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


def run(tests: Path, installed: Path, recorded: bool, only: list[str]) -> Run:
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        report = Path(place, "report.xml")
        command = [sys.executable]
        if recorded:
            command += ["-m", "memscope", "run", "-q", "-o", f"{place}/suite.mscope"]
        command += ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
        command += ["-o", "junit_family=xunit1", *(f"-k={name.split('[')[0]}" for name in only)]
        done = subprocess.run(
            [*command, str(tests)],
            cwd=tests.parent,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            check=False,
        )
        return Run(done.returncode, outcomes_of(report))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", default=PACKAGES, metavar="PACKAGE")
    tests = disturbed = 0
    for name in parser.parse_args().packages:
        with tempfile.TemporaryDirectory(prefix="package-") as place:
            suite, installed = unpack(PACKAGES[name], Path(place))
            counted, sure = report_on(
                name, lambda recorded, only, at=(suite, installed): run(*at, recorded, only)
            )
        tests, disturbed = tests + counted, disturbed + sure
    print(f"{tests} tests, {disturbed} steadily different")
    return disturbed != 0


if __name__ == "__main__":
    sys.exit(main())
