"""What somebody types who does not know the words yet: an answer, or the way to one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from capture import captures
from cli.console import call, command, environment

from memscope.cli.commands import SUBCOMMANDS


def memscope(place: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return call(*words, cwd=place, env=environment)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("first")
    (place / "app.py").write_text("kept = [bytes(1000) for _ in range(2000)]\n")
    for name in ("older", "newer"):
        memscope(place, "run", "-q", "-o", f"{name}.mscope", "app.py")
    os.utime(place / "older.mscope", (1, 1))
    return place


def test_memscope_alone_says_what_to_do_first(place: Path) -> None:
    said = memscope(place).stderr or memscope(place).stdout
    assert "memscope run app.py" in said.split("Options:")[0]


def test_help_names_each_subcommand_once_in_a_group(place: Path) -> None:
    lines = memscope(place, "--help").stdout.splitlines()
    groups = [line for line in lines if line and not line.startswith(" ") and line.endswith(":")]
    assert groups[:5] == ["Options:", "Record:", "Look:", "Judge:", "Share:"]
    first = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert sorted(set(first) & set(SUBCOMMANDS)) == sorted(SUBCOMMANDS)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sumary"], "did you mean memscope summary?"),
        (["app.py", "a b"], "to record it: memscope run app.py 'a b'"),
        (["newer.mscope"], "to look at it: memscope summary newer.mscope"),
        (["xyzzy"], "No such command 'xyzzy'"),
    ],
)
def test_a_wrong_word_leads_to_the_right_one(place: Path, words: list[str], hint: str) -> None:
    ran = memscope(place, *words)
    assert ran.returncode == 2
    assert hint in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["summary"],
        ["info", "--json"],
        ["fits", "256MB"],
        ["report", "-o", "page.html", "-f"],
        ["export", "-f", "csv", "-o", "-"],
    ],
)
def test_without_a_capture_the_newest_here_is_taken(place: Path, words: list[str]) -> None:
    ran = memscope(place, *words)
    assert ran.returncode == 0
    assert ran.stderr.startswith("memscope: the newest capture here is newer.mscope\n")


def test_a_capture_that_is_still_written_is_not_the_newest(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print(input(), flush=True)\n")
    words = command("run", "-q", "app.py")
    memscope(tmp_path, "run", "-q", "-o", "whole.mscope", "-c", "pass")
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        deadline = time.monotonic() + 60
        while len([*tmp_path.glob("*.mscope")]) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        meanwhile = memscope(tmp_path, "info")
        (tmp_path / "whole.mscope").unlink()
        alone = memscope(tmp_path, "info")
        running.communicate(b"on\n")
    assert "the newest capture here is whole.mscope" in meanwhile.stderr
    # It is better than none, and says itself that its end is missing.
    assert "the newest capture here is memscope-" in alone.stderr


def test_what_else_is_missing_is_told_as_before(place: Path, tmp_path: Path) -> None:
    assert "Missing argument 'SIZE'" in memscope(place, "fits").stderr
    capture = str(place / "newer.mscope")
    assert "Missing option" in memscope(place, "export", capture).stderr
    # Nor is a capture looked for, where it is the option that is missing.
    assert "Missing option" in memscope(tmp_path, "export", capture).stderr


def test_where_there_is_no_capture_a_line_says_how_to_make_one(tmp_path: Path) -> None:
    ran = memscope(tmp_path, "summary")
    assert ran.returncode == 1
    assert ran.stderr == (
        "memscope: no capture is named, and none is here (memscope run makes one)\n"
    )


def test_a_measure_in_bytes_goes_without_its_unit(place: Path) -> None:
    short = memscope(place, "hotspots", "--by", "peak", "--json", "newer.mscope")
    long = memscope(place, "hotspots", "--by", "peak_bytes", "--json", "newer.mscope")
    assert short.stdout == long.stdout != ""
    assert memscope(place, "tree", "--by", "short", "newer.mscope").returncode == 2


@pytest.mark.parametrize(
    ("shell", "name"),
    [
        ("bash", "data/bash-completion/completions/memscope"),
        ("zsh", "data/zsh/site-functions/_memscope"),
        ("fish", "config/fish/completions/memscope.fish"),
    ],
)
def test_completion_goes_where_the_shell_looks(tmp_path: Path, shell: str, name: str) -> None:
    folders = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    printed = memscope(tmp_path, "completion", shell)
    installed = memscope(tmp_path, "completion", shell, "--install", **folders)
    assert installed.returncode == 0
    assert (tmp_path / name).read_text() == printed.stdout
    assert "_MEMSCOPE_COMPLETE" in printed.stdout


def test_bash_completes_subcommands_by_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "memscope").write_text(f'#!/bin/sh\nexec {sys.executable} -m memscope "$@"\n')
    (tmp_path / "memscope").chmod(0o755)
    (tmp_path / "script").write_text(memscope(tmp_path, "completion", "bash").stdout)
    ask = (
        "source ./script; COMP_WORDS=(memscope hot); COMP_CWORD=1;"
        ' _memscope_completion memscope; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    words = ["bash", "--norc", "-c", ask]
    ran = subprocess.run(
        words,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=True,
        text=True,
    )
    assert ran.stdout.strip() == "hotspots"


@pytest.mark.parametrize(
    ("reason", "ended", "remedy"),
    [
        ("exit", {"status": 0}, "record with --snapshot"),
        ("interim", {"status": 0}, "memscope snapshot --heap PID takes one"),
        ("exit", {"status": None, "signal": 15}, "the program was cut off before its end"),
    ],
)
def test_without_a_snapshot_it_is_said_how_to_come_to_one(
    tmp_path: Path, reason: str, ended: dict[str, object], remedy: str
) -> None:
    made = captures.shop()
    made.exit = ended
    made.end["reason"] = reason
    (tmp_path / "app.mscope").write_bytes(made.build())
    assert remedy in memscope(tmp_path, "holders").stderr
