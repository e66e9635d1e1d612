"""`memscope run`: its command line, its summary, and that the program's end is its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.console import call, command, environment

from memscope.cli.quantities import size_in_bytes
from memscope.cli.run import command as run_command


def split(*words: str) -> tuple[list[str], tuple[str, str, list[str]] | None]:
    assert isinstance(run_command, click.Command)
    result: tuple[list[str], tuple[str, str, list[str]] | None] = run_command.split(list(words))  # type: ignore[attr-defined]
    return result


@pytest.mark.parametrize(
    ("words", "own", "program"),
    [
        (["x.py"], [], ("file", "x.py", [])),
        (["x.py", "-o", "y", "--json", "-m"], [], ("file", "x.py", ["-o", "y", "--json", "-m"])),
        (["-o", "c", "x.py", "-f"], ["-o", "c"], ("file", "x.py", ["-f"])),
        (["-oc", "x.py"], ["-oc"], ("file", "x.py", [])),
        (["--output=c", "-q", "x.py"], ["--output=c", "-q"], ("file", "x.py", [])),
        (["--sample", "64K", "x.py"], ["--sample", "64K"], ("file", "x.py", [])),
        (["-m", "json.tool", "-o", "y"], [], ("module", "json.tool", ["-o", "y"])),
        (["-mjson.tool", "y"], [], ("module", "json.tool", ["y"])),
        (["-fqm", "json.tool"], ["-fq"], ("module", "json.tool", [])),
        (["-c", "print(1)", "-c", "x"], [], ("command", "print(1)", ["-c", "x"])),
        (["-f", "--", "-odd.py", "-m"], ["-f"], ("file", "-odd.py", ["-m"])),
        (["--"], [], None),
        (["-f"], ["-f"], None),
        (["-fo", "m", "x.py"], ["-fo", "m"], ("file", "x.py", [])),
    ],
)
def test_the_command_line_is_split_where_the_program_begins(
    words: list[str], own: list[str], program: tuple[str, str, list[str]] | None
) -> None:
    assert split(*words) == (own, program)


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("65536", 65536), ("64K", 65536), ("64KiB", 65536), ("64 kb", 65536),
     ("1.5MiB", 3 << 19), ("1G", 1 << 30)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    ctx = click.Context(click.Command("run"))
    assert size_in_bytes(ctx, click.Option(["--sample"]), text) == size


pytest.importorskip("memscope._recorder", reason="the extension is not built")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "job.py"
    path.write_text(
        "import sys, os, signal\n"
        "def fill():\n"
        "    return [str(number) * 10 for number in range(3000)]\n"
        "kept = fill()\n"
        "print('out', *sys.argv[1:])\n"
        "print('err', file=sys.stderr)\n"
        "if 'kill' in sys.argv: os.kill(os.getpid(), signal.SIGTERM)\n"
        "if 'raise' in sys.argv: raise ValueError('on purpose')\n"
        "sys.exit(7)\n"
    )
    return path


def test_the_program_keeps_its_streams_and_its_status(script: Path, tmp_path: Path) -> None:
    done = call("run", "-o", "c.mscope", script, "--json", "-q", cwd=tmp_path)
    assert done.returncode == 7
    assert done.stdout == "out --json -q\n"
    assert done.stderr.startswith("err\n")
    assert "● fill" in done.stderr
    assert "ended with status 7" in done.stderr
    document = json.loads(call("summary", "--json", tmp_path / "c.mscope").stdout)
    assert document["capture"]["complete"]
    assert document["program"]["status"] == 7


def test_a_signal_is_passed_on(script: Path, tmp_path: Path) -> None:
    done = call("run", "-q", script, "kill", cwd=tmp_path)
    assert done.returncode == -signal.SIGTERM


def test_an_uncaught_exception_is_the_programs_own(script: Path, tmp_path: Path) -> None:
    done = call("run", "-q", script, "raise", cwd=tmp_path)
    assert done.returncode == 1
    assert "ValueError: on purpose" in done.stderr


def test_quiet_and_no_summary(script: Path, tmp_path: Path) -> None:
    assert call("run", "-q", script, cwd=tmp_path).stderr == "err\n"
    told = call("run", "--no-summary", "-o", "c.mscope", script, cwd=tmp_path).stderr
    assert told == "err\nmemscope: the capture is c.mscope\n"


def test_the_next_command_names_the_capture_from_where_one_stands(
    script: Path, tmp_path: Path
) -> None:
    def told(*words: object) -> str:
        return call("run", *words, script, cwd=tmp_path).stderr.splitlines()[-1]

    assert re.match(r"next → memscope advise memscope-\S+\.mscope  or report", told())
    assert told("-o", "c.mscope").startswith("next → memscope advise c.mscope  or report")
    absolute = tmp_path / "d.mscope"
    assert told("-o", absolute).startswith("next → memscope advise d.mscope  or report")


def test_the_default_name_tells_script_and_process(script: Path, tmp_path: Path) -> None:
    call("run", "-q", script, cwd=tmp_path)
    (made,) = tmp_path.glob("*.mscope")
    assert made.name.startswith("memscope-job-")


def test_modules_and_commands(tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text("import sys; print(sys.argv[1:], __name__)")
    assert call("run", "-q", "-m", "mod", "-c", "x", cwd=tmp_path).stdout == (
        "['-c', 'x'] __main__\n"
    )
    code = "import sys; print(sys.argv)"
    assert call("run", "-q", "-c", code, "-m", cwd=tmp_path).stdout == "['-c', '-m']\n"


@pytest.mark.parametrize(
    ("target", "main"),
    [(["job.py", "x"], "job.py"), (["-m", "job"], "-m job"), (["-c", "import job"], "-c")],
)
def test_the_capture_says_what_was_started(
    script: Path, tmp_path: Path, target: list[str], main: str
) -> None:
    call("run", "-q", "-o", "c.mscope", *target, cwd=script.parent)
    assert json.loads(call("info", "--json", tmp_path / "c.mscope").stdout)["main"] == main


def test_one_line_before_the_program_has_run(script: Path, tmp_path: Path) -> None:
    existing = tmp_path / "there.mscope"
    existing.write_text("keep me")
    for words, reason in [
        (["no-such.py"], "no such script"),
        (["-o", existing, script], "exists"),
        (["-o", tmp_path / "no" / "where", script], "no such file"),
    ]:
        done = call("run", *words, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == "", "the program has not run"
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("memscope: ")
        assert reason in done.stderr.lower()
    assert existing.read_text() == "keep me"
    assert call("run", "-f", "-q", "-o", existing, script, cwd=tmp_path).returncode == 7
    assert existing.read_bytes()[:1] == b"\x89"


def test_a_summary_that_fails_leaves_the_status_alone(script: Path, tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("raise RuntimeError('no rich today')")
    env = environment({"PYTHONPATH": f"{tmp_path}{os.pathsep}{environment()['PYTHONPATH']}"})
    done = subprocess.run(
        command("run", "-o", "c.mscope", script), cwd=tmp_path, env=env, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 7
    assert done.stderr == "err\nmemscope: the summary could not be printed: no rich today\n"


def test_with_stderr_closed_the_program_runs_as_it_does_alone(script: Path, tmp_path: Path) -> None:
    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *map(str, words)], cwd=tmp_path,
            env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    alone = run(sys.executable, script)
    recorded = run(*command("run", "-o", "c.mscope", script))
    assert (recorded.returncode, recorded.stdout) == (alone.returncode, alone.stdout)
