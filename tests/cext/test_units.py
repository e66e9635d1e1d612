"""Compiles each C test program with the pure C sources, plain and under sanitizers, and runs it."""

from __future__ import annotations

import fcntl
import functools
import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CEXT = HERE.parents[1] / "cext"
PROGRAMS = sorted(HERE.glob("*/test_*.c"))
COMPILER = shlex.split(os.environ.get("CC", "")) or [shutil.which("cc") or "gcc"]
WARNINGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]
# Where the counters of `make coverage` go.
COVERAGE = os.environ.get("C_COVERAGE")
SANITIZERS = {
    "plain": ["--coverage", "-fprofile-update=atomic"] if COVERAGE else [],
    "address": ["-fsanitize=address,undefined"],
    "thread": ["-fsanitize=thread"],
}


def pure_sources() -> list[Path]:
    """The C files that neither include Python.h nor anything that does."""
    return sorted(
        path
        for path in CEXT.glob("*/*.c")
        if path.parent.name != "native"  # whose malloc() would take the place of the sanitizer's
        and not reaches_python(str(path.relative_to(CEXT)))
    )


@functools.cache
def reaches_python(name: str) -> bool:
    text = (CEXT / name).read_text()
    if "<Python.h>" in text or '"Python.h"' in text:
        return True
    included = [line.split('"')[1] for line in text.splitlines() if line.startswith('#include "')]
    return any((CEXT / header).exists() and reaches_python(header) for header in included)


@pytest.fixture(scope="session")
def build_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COVERAGE:
        return Path(tempfile.mkdtemp(dir=COVERAGE))
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return tmp_path_factory.mktemp("cext")
    shared = tmp_path_factory.getbasetemp().parent / "cext"  # of all workers of this run
    shared.mkdir(exist_ok=True)
    return shared


@functools.cache
def supported(sanitizer: str, directory: Path) -> str:
    """Why programs cannot be built or run under this sanitizer here; empty if they can."""
    probe = directory / f"probe-{sanitizer}-{os.getpid()}"
    source = probe.with_suffix(".c")
    source.write_text("int main(void) { return 0; }\n")
    command = [*COMPILER, *SANITIZERS[sanitizer], "-o", str(probe), str(source)]
    try:
        for step in (command, [str(probe)]):
            subprocess.run(step, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return getattr(error, "stderr", "") or str(error)
    return ""


@functools.cache
def library(sanitizer: str, directory: Path) -> str:
    """The pure C sources, compiled once for each sanitizer; a program takes what it needs."""
    archive = directory / f"{sanitizer}.a"
    with (directory / f"{sanitizer}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes first compiles, at 15 s
        if not archive.exists():
            compile_library(archive, sanitizer)
    return str(archive)


def compile_library(archive: Path, sanitizer: str) -> None:
    target = archive.with_suffix("")
    target.mkdir(exist_ok=True)
    sources = [str(path) for path in pure_sources()]
    compile_(["-c", "-I", str(CEXT), *sources], sanitizer, cwd=target)
    objects = [str(path) for path in sorted(target.glob("*.o"))]
    assert len(objects) == len(sources), "two sources have one name"
    subprocess.run(["ar", "rcs", str(archive), *objects], check=True)


def compile_(arguments: list[str], sanitizer: str, cwd: Path) -> None:
    flags = [*WARNINGS, "-O1", "-g", "-pthread", *SANITIZERS[sanitizer]]
    done = subprocess.run(
        [*COMPILER, *flags, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def kinds(program: Path) -> list[str]:
    """Every program runs plain and under ASan and UBSan; what threads share also under TSan."""
    shared = program.stem in ("test_ring", "test_sampler")
    return ["plain", "address", *(["thread"] if shared else [])]


@pytest.mark.parametrize(
    ("program", "sanitizer"),
    [
        pytest.param(path, kind, id=f"{path.stem}-{kind}")
        for path in PROGRAMS
        for kind in kinds(path)
    ],
)
def test_program(program: Path, sanitizer: str, build_directory: Path) -> None:
    if not shutil.which(COMPILER[0]):
        pytest.skip(f"no C compiler ({COMPILER[0]})")
    if why := supported(sanitizer, build_directory):
        pytest.skip(f"no {sanitizer} sanitizer here: {why.strip().splitlines()[-1]}")
    binary = build_directory / f"{program.stem}-{sanitizer}"
    linked = [library(sanitizer, build_directory), "-lm", "-o", str(binary)]
    compile_(["-I", str(CEXT), "-I", str(HERE), str(program), *linked], sanitizer, build_directory)
    done = subprocess.run([str(binary)], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_programs_and_pure_sources() -> None:
    assert len(PROGRAMS) >= 5
    assert {"ring.c", "ledger.c", "stacktable.c"} <= {path.name for path in pure_sources()}


def test_pure_sources_compile_without_the_headers_of_python(build_directory: Path) -> None:
    include = sysconfig.get_path("include")
    done = subprocess.run(
        [*COMPILER, *WARNINGS, "-I", str(CEXT), "-fsyntax-only", "-H", *map(str, pure_sources())],
        cwd=build_directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert include not in done.stderr
