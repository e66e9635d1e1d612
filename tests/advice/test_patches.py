"""Each patch that is offered applies, leaves Python, and a program that prints the same."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from advice.patching import advised, contents, output, patched
from cli.console import call

OWN = Path(__file__).parent / "programs"
SUITE = Path(__file__).parents[2] / "benchmarks" / "advice" / "programs"
# For each way to change a program, one or two that are to be changed so.
OFFERED = {
    "concat_list": "grow-copy",
    "bytes_in_loop": "grow-copy",
    "digest_whole": "chunk",
    "list_for_sum": "chunk",
    "read_lines": "chunk",
    "instances": "compact",
    "one_field": "compact",
    "release_bytes": "release-early",
    "mapped_twice": "gc-pressure",
}
FOLDERS = [main.parent for main in SUITE.glob("*/*/__main__.py")]
EVERY_PROGRAM = sorted(
    path
    for path in [*OWN.glob("*.py"), *SUITE.glob("*/*.py"), *FOLDERS]
    if not path.stem.endswith("_fixed") and path.stem not in OFFERED
)  # fmt: skip


def _check(program: Path, tmp_path: Path) -> set[str]:
    """The kinds whose advice of a program came with a patch, each tried."""
    found = set()
    before = None
    for number, advice in enumerate(advised(program, tmp_path / "recorded")):
        fix = advice["fix"]
        assert bool(fix["patch"]) != bool(fix["no_patch"]), fix
        if not fix["patch"]:
            continue
        folder = tmp_path / f"advice{number}"
        folder.mkdir()
        after = patched(program, fix["patch"], folder)
        for content in contents(after):
            compile(content, str(after), "exec")
        before = before or output(program)
        printed = output(after)
        if printed != before and output(program) != before:
            # It prints what is random: then how much it prints is the same.
            assert printed[0] == before[0]
            assert len(printed[1].splitlines()) == len(before[1].splitlines())
        else:
            assert printed == before, fix["patch"]
        found.add(advice["kind"])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", OFFERED)
def test_a_local_change_is_offered_as_a_patch(name: str, tmp_path: Path) -> None:
    assert OFFERED[name] in _check(OWN / f"{name}.py", tmp_path)


@pytest.mark.parametrize(
    "program",
    [pytest.param(path, marks=pytest.mark.exhaustive) for path in EVERY_PROGRAM],
    ids=lambda path: path.stem,
)
def test_whatever_patch_is_offered_changes_no_output(program: Path, tmp_path: Path) -> None:
    _check(program, tmp_path)


HOLDS = """
import zlib


def main():
    packed = zlib.compress(bytes(30_000_000))
    raw = zlib.decompress(packed)
    print(len(raw))
    made = [bytes(1_000_000) for _ in range(40)]
    print(len(made))


main()
"""


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """The capture of a program whose name can go before the peak."""
    program = tmp_path / "with blank" / "app.py"
    program.parent.mkdir()
    program.write_text(HOLDS.rstrip())  # without a newline at its end
    capture = tmp_path / "it.mscope"
    ran = call("run", "-q", "-o", capture, program, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    return capture


def test_the_patch_of_all_advice_is_one_file(held: Path, tmp_path: Path) -> None:
    written = tmp_path / "all.patch"
    done = call("advise", "--no-calibration", "--diff", "-o", written, held)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    patch = written.read_text()
    assert patch.startswith("# 1 release-early app.py:7: patched\n")
    assert patch == call("advise", "--no-calibration", "--format", "diff", held).stdout
    applied = subprocess.run(
        ["git", "apply", str(written)], check=False, cwd=tmp_path, capture_output=True, text=True
    )
    assert applied.returncode == 0, applied.stderr
    after = (tmp_path / "with blank" / "app.py").read_text()
    assert after == HOLDS.rstrip().replace(
        "print(len(raw))\n", "print(len(raw))\n    del raw\n"
    )  # fmt: skip


def test_a_source_that_changed_since_gets_no_patch(held: Path, tmp_path: Path) -> None:
    program = tmp_path / "with blank" / "app.py"
    program.write_text("# " + HOLDS)
    # Clocks of file systems differ: what changed in the second after the start is taken as before.
    os.utime(program, (time.time() + 10, time.time() + 10))
    done = call("advise", "--no-calibration", "--json", held)
    assert all(not item["fix"]["patch"] for item in json.loads(done.stdout)["advice"])


def test_why_there_is_no_patch_is_said_in_a_line(tmp_path: Path) -> None:
    capture = tmp_path / "it.mscope"
    assert call("run", "-q", "-o", capture, OWN / "leak_classattr_thread.py").returncode == 0
    told = call("advise", "--no-calibration", "--kind", "leak", "--diff", capture).stdout
    (line,) = [line for line in told.splitlines() if " leak " in line]
    assert line.endswith("no patch: what may go is for those who know the program to say")
    assert "+++" not in told
