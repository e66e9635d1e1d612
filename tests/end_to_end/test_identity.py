"""A program under memscope sees what it would see without: arguments, environment, streams."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from end_to_end.side_by_side import ENVIRONMENT, PATIENCE_S, Bench

import memscope

IDENTITY = "identity.py"


@pytest.fixture
def identity(bench: Bench, program: Callable[[str], str]) -> str:
    """A copy of the program that asks, in the directory that tests run in."""
    shutil.copy(program(IDENTITY), bench.cwd / IDENTITY)
    return IDENTITY


def test_a_script_by_its_name(bench: Bench, identity: str) -> None:
    ran = bench.same(identity, "one", "two words", "", "--", "-o", "x", "--help", "-q", "ünï")
    assert b"argv: ['identity.py', 'one', 'two words', '', '--', '-o'" in ran.stdout
    assert b"threads: (['MainThread'], 1)" in ran.stdout


def test_a_script_by_its_full_path(bench: Bench, identity: str) -> None:
    assert bench.same(str(bench.cwd / identity)).status == 0


def test_a_script_elsewhere_and_through_a_link(bench: Bench, identity: str) -> None:
    (bench.cwd / "deep").mkdir()
    (bench.cwd / identity).rename(bench.cwd / "deep" / identity)
    (bench.cwd / "link").symlink_to(Path("deep") / identity)
    bench.same(f"deep/{identity}")
    bench.same(f"./deep/../deep/{identity}")
    bench.same("link")


def test_arguments_that_are_not_text(bench: Bench, identity: str) -> None:
    ran = bench.same(identity, b"\xff\xfe caf\xe9", "argv")
    assert rb"\udcff\udcfe" in ran.stdout


def test_a_module(bench: Bench, identity: str) -> None:
    ran = bench.same("-m", "identity", "-m", "again")
    assert b"spec: ('identity'" in ran.stdout


def test_a_package_and_a_module_in_it(bench: Bench, identity: str) -> None:
    bench.write("pack/__init__.py", "print('imported', __name__)\n")
    shutil.copy(bench.cwd / identity, bench.cwd / "pack" / "__main__.py")
    shutil.copy(bench.cwd / identity, bench.cwd / "pack" / "inner.py")
    assert b"imported pack" in bench.same("-m", "pack", "x").stdout
    bench.same("-m", "pack.inner", "x")


def test_a_module_that_is_not_there(bench: Bench) -> None:
    assert bench.same("-m", "no_such_module").status == 1
    bench.write("flat.py", "")
    bench.same("-m", "flat.inner")
    bench.write("empty/__init__.py", "")
    bench.same("-m", "empty")


def test_code(bench: Bench, identity: str) -> None:
    code = (bench.cwd / identity).read_text()
    ran = bench.same("-c", code, "-c", "x", "--", "-m")
    assert b"argv: ['-c', '-c', 'x', '--', '-m']" in ran.stdout
    assert b"path: ['', " in ran.stdout


def test_a_directory_and_an_archive(bench: Bench, identity: str) -> None:
    source = (bench.cwd / identity).read_text()
    bench.write("app/__main__.py", source)
    bench.write("app/other.py", "")
    assert b"argv: ['app', 'x']" in bench.same("app", "x").stdout
    with zipfile.ZipFile(bench.cwd / "app.zip", "w") as archive:
        archive.writestr("__main__.py", source)
    assert b"argv: ['app.zip', 'x']" in bench.same("app.zip", "x").stdout


def test_scripts_written_in_other_ways(bench: Bench) -> None:
    show = "print(__doc__, __file__, 'grün')\nimport sys; print(sys.argv)\n"
    bench.write("no_suffix", '"""doc"""\n' + show)
    bench.write("latin.py", ("# -*- coding: latin-1 -*-\n" + show).encode("latin-1"))
    bench.write("marked.py", b"\xef\xbb\xbf" + show.encode())
    bench.write("windows.py", show.replace("\n", "\r\n").encode())
    bench.write("unended.py", show + "print('end')")
    bench.write("empty.py", "")
    bench.write("with space.py", show)
    bench.write("-dash.py", show)
    for name in ("no_suffix", "latin.py", "marked.py", "windows.py", "unended.py", "empty.py"):
        assert bench.same(name, "a").status == 0
    bench.same("with space.py")
    bench.same("./-dash.py")


@pytest.mark.parametrize(
    "options",
    [
        ["-O"],
        ["-OO"],
        ["-I"],
        ["-E"],
        ["-s"],
        ["-P"],
        ["-B"],
        ["-u"],
        ["-bb"],
        ["-q"],
        ["-X", "dev"],
        ["-X", "utf8=0"],
        ["-X", "faulthandler"],
        ["-X", "own=thing", "-X", "other"],
        ["-X", "int_max_str_digits=1000"],
        ["-X", "no_debug_ranges"],
        ["-W", "error"],
        ["-W", "ignore::UserWarning", "-W", "default"],
        ["-Wd", "-OB"],
    ],
    ids=" ".join,
)
def test_options_of_python(bench: Bench, identity: str, options: list[str]) -> None:
    ran = bench.same(identity, "x", python_options=options)
    assert ran.status == 0


def test_python_without_site(bench: Bench, identity: str) -> None:
    homes = {str(Path(module.__file__ or "").parents[1]) for module in (memscope, click)}
    environment = {"PYTHONPATH": os.pathsep.join(sorted(homes))}
    ran = bench.same(identity, "x", python_options=["-S"], environment=environment)
    assert b"no_site=1" in ran.stdout


def test_the_environment_is_untouched(bench: Bench, identity: str) -> None:
    environment = {
        "PYTHONWARNINGS": "default",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": "/nowhere:/elsewhere",
        "PYTHONOPTIMIZE": "1",
        "PYTHONIOENCODING": "latin-1:replace",
        "PYTHONDEVMODE": "0",
        "MALLOC_ARENA_MAX": "2",
        "LD_PRELOAD": "",
        "EMPTY": "",
    }
    ran = bench.same(identity, "x", environment=environment)
    assert b"('PYTHONUNBUFFERED', '1')" in ran.stdout


def test_options_of_python_reach_no_environment(bench: Bench, identity: str) -> None:
    """An option given to the interpreter must not turn into a variable that children inherit."""
    code = "import os; print(sorted(k for k in os.environ if k.startswith('PYTHON')))"
    ran = bench.same("-c", code, python_options=["-O", "-X", "dev", "-W", "error"])
    assert ran.stdout == b"['PYTHONHASHSEED']\n"


@pytest.mark.parametrize(
    "shell",
    [
        'exec "$@" <&-',
        'exec "$@" >&-',
        'exec "$@" 2>&-',
        'exec "$@" <&- >&- 2>report; cat report',
        'exec "$@" 5</dev/null 9>/dev/null',
        'trap "" INT HUP USR1; exec "$@"',
        'umask 027; exec "$@"',
        'ulimit -n 64; ulimit -c 0; exec "$@"',
        'exec nice -n 5 "$@"',
        'exec env -i PATH="$PATH" "$@"',
        'cd / && exec "$@"',
        'exec "$@" </dev/null',
        'exec "$@" >report; cat report',
    ],
)
def test_what_a_process_inherits(bench: Bench, identity: str, shell: str) -> None:
    bench.same(str(bench.cwd / identity), "x", shell=shell)


def test_blocked_signals_stay_blocked(bench: Bench, identity: str) -> None:
    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])

    ran = bench.same(identity, "blocked signals", popen={"preexec_fn": block})
    assert str(int(signal.SIGUSR2)).encode() in ran.stdout


def test_descriptors_are_handed_on(bench: Bench) -> None:
    code = "import os, sys; os.write(int(sys.argv[1]), b'hello'); os.fstat(int(sys.argv[1]))"
    for run in (bench.native, bench.recorded):
        reader, writer = os.pipe()
        run("-c", code, str(writer), popen={"pass_fds": [writer]})
        os.close(writer)
        with open(reader, "rb") as pipe:
            assert pipe.read() == b"hello"


def test_standard_input_passes_through(bench: Bench) -> None:
    code = "import sys; d = sys.stdin.buffer.read(); print(len(d), hash(d)); print(input.__name__)"
    assert bench.same("-c", code, stdin=os.urandom(300_000)).stdout.startswith(b"300000 ")
    bench.same("-c", "print(input('? ')); print(input('! '))", stdin=b"one\ntwo\n")
    assert bench.same("-c", "input()", stdin=b"").status == 1


def test_large_output_passes_through(bench: Bench) -> None:
    code = "import sys\nfor i in range(50000): print(i); print(-i, file=sys.stderr)"
    assert len(bench.same("-c", code).stdout) > 250_000


def test_a_reader_that_goes_away(bench: Bench) -> None:
    bench.same(
        "-c", "for i in range(100000): print(i)", shell='"$@" 2>errors | head -n 1; cat errors'
    )


def talk_over_terminal(bench: Bench, command: list[str]) -> tuple[int, bytes]:
    """Runs the command on a terminal of its own and presses Ctrl-C once it says "ready"."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(bench.cwd)
        os.execve(command[0], command, ENVIRONMENT)
    seen = b""
    pressed = False
    try:
        while select.select([terminal], [], [], PATIENCE_S)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # Linux: nobody has the other side open any more
                break
            if not part:
                break
            seen += part
            if b"ready" in seen and not pressed:
                time.sleep(0.2)  # until it sleeps
                os.write(terminal, b"\x03")
                pressed = True
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), seen


@pytest.mark.parametrize(
    "source",
    [
        "import sys, time; print(sys.stdout.isatty(), 'ready', flush=True); time.sleep(30)",
        "import time\ntry:\n    print('ready', flush=True); time.sleep(30)\n"
        "except KeyboardInterrupt:\n    print('well'); raise SystemExit(3)",
    ],
    ids=["dies", "handles"],
)
def test_control_c_on_a_terminal(bench: Bench, source: str) -> None:
    bench.write("script.py", source)
    native = talk_over_terminal(bench, [sys.executable, "script.py"])
    run = ["-m", "memscope", "run", "-q", "-o", str(bench.capture)]
    recorded = talk_over_terminal(bench, [sys.executable, *run, "script.py"])
    assert recorded == native
    assert native[0] in (-signal.SIGINT, 3)
