"""What `memscope run` says and leaves when the program is over, also when that is cut short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.console import call, command, environment

from memscope.capture import load

pytest.importorskip("memscope._recorder", reason="the extension is not built")

SCRIPT = "import sys\nkept = [str(n) * 9 for n in range(9000)]\nsys.exit(5)\n"
# In memscope's own process alone: a signal while a capture is packed.
WHILE_PACKING = """
import sys
if "run" in sys.orig_argv and "_boot.py" not in str(sys.orig_argv):
    import os, signal
    import memscope.capture.format as form
    def pack_payload(payload, *level, real=form.pack_payload):
        for _ in range(2):
            os.kill(os.getpid(), signal.{name})
        return real(payload, *level)
    form.pack_payload = pack_payload
"""


def run_with(tmp_path: Path, module: str, source: str, *words: object) -> tuple[int, str]:
    """Status and standard error of memscope, which imports this module instead of its own."""
    (tmp_path / "job.py").write_text(SCRIPT)
    ahead = tmp_path / "ahead"
    ahead.mkdir()
    (ahead / f"{module}.py").write_text(source)
    env = environment({"PYTHONPATH": f"{ahead}{os.pathsep}{environment()['PYTHONPATH']}"})
    done = subprocess.run(
        command("run", *words, "job.py"), cwd=tmp_path, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
@pytest.mark.parametrize("option", ["-q", "--no-summary", "--events"])
def test_a_signal_while_it_is_packed(tmp_path: Path, name: str, option: str) -> None:
    status, said = run_with(
        tmp_path, "sitecustomize", WHILE_PACKING.format(name=name), "-o", "c.mscope", option
    )
    assert said == (
        "memscope: interrupted while the capture was made smaller; it stays as it was: c.mscope\n"
    )
    assert status == 5, "the program's own"
    assert load(tmp_path / "c.mscope").complete
    assert {path.name for path in tmp_path.iterdir()} == {"ahead", "c.mscope", "job.py"}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_the_summary_is_made(tmp_path: Path, name: str) -> None:
    source = f"import os, signal\nfor _ in 'ab':\n    os.kill(os.getpid(), signal.{name})\n"
    status, said = run_with(tmp_path, "rich", source, "-o", "c.mscope")
    assert said == "memscope: the summary was interrupted; the capture is c.mscope\n"
    assert status == 5
    assert load(tmp_path / "c.mscope").complete


DROPS = """
import sys
if "run" in sys.orig_argv and "_boot.py" not in str(sys.orig_argv):
    import memscope.recording.handed as module
    from memscope.plain import replace
    def handed(fd, real=module.handed):
        done = real(fd)
        end = done.summary.replace(b'"dropped_events": 0', b'"dropped_events": 1234')
        return replace(done, summary=end)
    module.handed = handed
"""


@pytest.mark.parametrize("option", ["-q", "--no-summary"])
def test_a_partial_capture_is_said_where_there_is_no_summary(tmp_path: Path, option: str) -> None:
    status, said = run_with(tmp_path, "sitecustomize", DROPS, "-o", "c.mscope", option)
    assert status == 5
    lines = said.splitlines()
    assert lines[0] == (
        "memscope: c.mscope: the capture is partial: "
        "1,234 events were dropped, so all numbers are too low"
    )
    assert len(lines) == (1 if option == "-q" else 2)


@pytest.mark.parametrize("options", [[], ["-q"], ["--no-summary"], ["-o", "c.mscope"]])
@pytest.mark.parametrize("name", ["nosuchmodule", "package", "json.nosuch", "os.path.nosuch"])
def test_a_module_that_is_not_there(tmp_path: Path, name: str, options: list[str]) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    alone = subprocess.run(
        [sys.executable, "-m", name], cwd=tmp_path, env=environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    done = call("run", *options, "-m", name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", alone.stderr)
    assert not list(tmp_path.glob("*mscope*"))


def test_an_archive_without_a_main_module(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr("other.py", "")
    done = call("run", "app.pyz", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*mscope*"))


@pytest.mark.parametrize(
    "source", ["import sys; sys.exit('no')", "1 / 0", "raise ImportError('x')"]
)
def test_a_package_that_fails_leaves_its_capture(tmp_path: Path, source: str) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "__main__.py").write_text(source)
    assert call("run", "-q", "-o", "c.mscope", "-m", "package", cwd=tmp_path).returncode == 1
    assert load(tmp_path / "c.mscope").complete


@pytest.mark.parametrize(
    "words",
    [
        "run -o place job.py",
        "run -f -o place job.py",
        "report c.mscope -o place",
        "report c.mscope -f -o place",
        "export -f pprof c.mscope -o place",
        "export -f csv c.mscope --force -o place",
        "summary c.mscope -o place",
        "hotspots c.mscope --json -o place",
        "compare c.mscope c.mscope -o place",
    ],
)
def test_a_directory_is_no_place_for_a_file(tmp_path: Path, words: str) -> None:
    (tmp_path / "job.py").write_text(SCRIPT)
    (tmp_path / "place").mkdir()
    call("run", "-q", "-o", "c.mscope", "job.py", cwd=tmp_path)
    done = call(*words.split(), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("memscope: place: cannot be written: is a directory")
    assert done.stderr.count("\n") == 1
    assert "force" not in done.stderr
    assert "overwrites" not in done.stderr
    assert not list((tmp_path / "place").iterdir())
