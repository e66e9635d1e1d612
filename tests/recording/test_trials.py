"""Programs are measured as they are: their own memory, their own failures, in turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import memscope
from memscope.errors import MemscopeError
from memscope.recording.trials import interleaved, run_once

MIB = 1 << 20


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "job.py"


def command(script: Path, source: str, *arguments: str) -> list[str]:
    script.write_text(source)
    return [sys.executable, str(script), *arguments]


def test_the_memory_of_whoever_measures_is_not_counted(script: Path) -> None:
    ballast = bytearray(200 * MIB)
    for place in range(0, len(ballast), 4096):
        ballast[place] = 1
    small = run_once(command(script, "pass"))
    assert 0 < small.resident_bytes < 60 * MIB
    large = run_once(command(script, f"x = b'x' * {100 * MIB}"))
    assert 100 * MIB < large.resident_bytes < 160 * MIB
    assert large.page_faults > small.page_faults
    assert large.wall_s > 0
    del ballast


CHILD = f"b'x' * {90 * MIB}; sum(range(5_000_000))"


@pytest.mark.parametrize(
    "start",
    [
        f"import subprocess; subprocess.run([sys.executable, '-c', {CHILD!r}])",
        f"import os, shlex; os.system(sys.executable + ' -c ' + shlex.quote({CHILD!r}))",
        f"import os\npid = os.fork()\nif not pid:\n    {CHILD}\n    os._exit(0)\n"
        "os.waitpid(pid, 0)",
    ],
)
def test_children_stand_beside_the_program(script: Path, start: str) -> None:
    own = f"import sys, time\nkept = b'x' * {30 * MIB}; sum(range(1_000_000)); time.sleep(0.1)\n"
    alone = run_once(command(script, own))
    trial = run_once(command(script, own + start))
    assert abs(trial.resident_bytes - alone.resident_bytes) < 4 * MIB
    assert trial.cpu_s < alone.cpu_s + 0.5 * trial.children_cpu_s
    assert trial.page_faults < alone.page_faults + 5000
    assert alone.children_cpu_s == 0


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ValueError('on\\n\\x1bpurpose')", "ended with status 1: "),
        ("import os; os._exit(9)", "ended with status 9"),
        ("import os; os.kill(os.getpid(), 11)", "was ended by signal 11"),
    ],
)
def test_a_failure_is_one_line(script: Path, source: str, reason: str) -> None:
    with pytest.raises(MemscopeError) as error:
        run_once(command(script, source))
    assert str(error.value).startswith(f"{script}: {reason}")
    assert str(error.value).isprintable()


def test_what_cannot_be_run_is_one_line() -> None:
    with pytest.raises(MemscopeError, match="could not be run"):
        run_once(["/no/such/program"])


def test_output_goes_nowhere_or_to_stderr(script: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = command(script, "import sys; print('out'); print('err', file=sys.stderr)")
    run_once(words)
    assert capfd.readouterr() == ("", "")
    run_once(words, show_output=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert set(err.split()) == {"out", "err"}


def test_input_is_empty(script: Path) -> None:
    run_once(command(script, "import sys; assert sys.stdin.read() == ''"))


def test_programs_take_turns_at_going_first(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    source = "import sys, pathlib\nwith open(sys.argv[1], 'a') as f: f.write(sys.argv[2])"
    script = tmp_path / "job.py"
    before, after = (command(script, source, str(diary), letter) for letter in "AB")
    told: list[int] = []
    left, right = interleaved(before, after, 4, progress=told.append)
    assert diary.read_text() == "ABBAABBAAB", "the first pair warms up"
    assert (len(left), len(right)) == (4, 4)
    assert told == [1, 2, 3, 4, 5]


def test_nothing_of_memscope_is_in_the_programs(script: Path) -> None:
    source = (
        "import os, sys\n"
        "assert not [name for name in sys.modules if 'memscope' in name]\n"
        "assert not [name for name in os.environ if name.startswith('MEMSCOPE')]\n"
        "assert sorted(map(int, os.listdir('/proc/self/fd')))[:3] == [0, 1, 2]\n"
        "assert len(os.listdir('/proc/self/fd')) == 4\n"  # the last is the listing's own
    )
    run_once([sys.executable, "-I", "-S", *command(script, source)[1:]])


def test_an_interruption_leaves_no_program_behind(tmp_path: Path) -> None:
    """As by Ctrl-C; the program tells by a file that it runs, and holds a pipe open as it does."""
    started = tmp_path / "started"
    ours, its = os.pipe()
    script = tmp_path / "job.py"
    script.write_text(
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(600)\n"
    )
    main = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from memscope.recording.trials import run_once\n"
        "try:\n    run_once([sys.executable, *sys.argv[1:]], show_output=True)\n"
        "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    root = str(Path(memscope.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", main, str(script)],
        stderr=its,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        os.close(its)
        while not started.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(600) == 130
    assert os.read(ours, 1) == b"", "the last process that could write to it is gone"
    os.close(ours)
