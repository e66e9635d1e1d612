"""Processes that a program starts and that are in no capture: counted, named, and told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from end_to_end.recorded import run_source

import memscope
from memscope.capture.description import Processes

# The oracle counts by itself: each line is a process that has just been started.
PROGRAMS = {
    "subprocess": (
        "import subprocess\nfor _ in range(3): subprocess.run(['true', '--password=hunter2'])",
        (0, 3),
        ["true"] * 3,
    ),
    "a program that is not there": (
        "import subprocess\n"
        "try:\n    subprocess.run(['/no/such/program'])\nexcept FileNotFoundError:\n    pass",
        (0, 0),
        [],
    ),
    "subprocess by fork": (
        "import subprocess\nsubprocess.run(['true'], preexec_fn=lambda: None)",
        (0, 1),
        ["true"],
    ),
    "asyncio": (
        "import asyncio\n"
        "async def main():\n"
        "    process = await asyncio.create_subprocess_exec('true')\n    await process.wait()\n"
        "asyncio.run(main())",
        (0, 1),
        ["true"],
    ),
    "a module": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-X', 'dev', '-m', 'platform'], stdout=-3)",
        (0, 1),
        [" -m platform"],
    ),
    "os.system": ("import os\nos.system('true')", (0, 1), ["sh"]),
    "os.popen": ("import os\nos.popen('true').close()", (0, 1), ["sh"]),
    "posix_spawn": (
        "import os\nfor spawn in os.posix_spawn, os.posix_spawnp:\n"
        "    os.waitpid(spawn('/bin/true', ['true'], {}), 0)",
        (0, 2),
        ["true"] * 2,
    ),
    "os.spawnv": ("import os\nos.spawnv(os.P_WAIT, '/bin/true', ['true'])", (0, 1), ["true"]),
    "os.spawnlp": ("import os\nos.spawnlp(os.P_WAIT, 'true', 'true')", (0, 1), ["true"]),
    "fork": (
        "import os\nfor _ in range(2):\n    pid = os.fork()\n    if not pid: os._exit(0)\n"
        "    os.waitpid(pid, 0)",
        (2, 0),
        [""] * 2,
    ),
    "a fork in C": (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\npid = libc.fork()\n"
        "if not pid: libc._exit(0)\nos.waitpid(pid, 0)",
        (1, 0),
        [""],
    ),
    "pty": ("import pty\npty.spawn(['true'])", (0, 1), ["true"]),
    "multiprocessing fork": (
        "import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(3) as pool: pool.map(abs, range(3))",
        (3, 0),
        [""] * 3,
    ),
    "multiprocessing spawn": (
        "import multiprocessing\nif __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(2) as pool: pool.map(abs, range(3))",
        (0, 3),
        ["(multiprocessing.resource_tracker)"] + ["(multiprocessing.spawn)"] * 2,
    ),
    "multiprocessing forkserver": (
        "import multiprocessing\nif __name__ == '__main__':\n"
        "    with multiprocessing.get_context('forkserver').Pool(2) as pool: pool.map(abs, [1])",
        (0, 2),
        ["(multiprocessing.forkserver)", "(multiprocessing.resource_tracker)"],
    ),
    "a grandchild": (
        "import os\npid = os.fork()\nif not pid:\n    inner = os.fork()\n"
        "    if not inner: os._exit(0)\n    os.waitpid(inner, 0)\n    os._exit(0)\n"
        "os.waitpid(pid, 0)",
        (2, 0),
        [""] * 2,
    ),
    "forks in threads": (
        "import os, threading\n"
        "def work():\n"
        "    for _ in range(20):\n        pid = os.fork()\n        if not pid: os._exit(0)\n"
        "        os.waitpid(pid, 0)\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]",
        (80, 0),
        [""] * 80,
    ),
    "more than are listed": (
        "import os\nfor _ in range(300):\n    pid = os.fork()\n    if not pid: os._exit(0)\n"
        "    os.waitpid(pid, 0)",
        (300, 0),
        [""] * 128,
    ),
    "an exec that fails": (
        "import os\n"
        "for _ in range(2):\n"
        "    try: os.execvp('no-such-program', ['it'])\n    except FileNotFoundError: pass",
        (0, 0),
        [],
    ),
    "exec in a child that fails": (
        "import os\npid = os.fork()\nif not pid:\n"
        "    try: os.execv('/no/such/program', ['it'])\n    except OSError: os._exit(0)\n"
        "os.waitpid(pid, 0)",
        (1, 0),
        [""],
    ),
}


def record(
    tmp_path: Path, source: str, options: Sequence[str] = ("--no-summary",)
) -> subprocess.CompletedProcess[str]:
    return run_source(tmp_path, source, *options)


def processes_of(tmp_path: Path) -> Processes:
    with memscope.load(tmp_path / "main.mscope") as capture:
        assert capture.complete
        assert capture.end is not None
        assert capture.end.processes is not None
        return capture.end.processes


@pytest.mark.parametrize("how", list(PROGRAMS))
def test_each_process_is_counted_and_named(tmp_path: Path, how: str) -> None:
    source, (forked, spawned), names = PROGRAMS[how]
    record(tmp_path, source)
    processes = processes_of(tmp_path)
    assert (processes.forked, processes.spawned) == (forked, spawned)
    assert processes.replaced_by is None
    found = sorted(child.name for child in processes.listed)
    assert len(found) == len(names)
    assert all(name.endswith(end) for name, end in zip(found, sorted(names), strict=True))


def test_no_argument_gets_into_the_capture(tmp_path: Path) -> None:
    secret = "hunter2-hunter2-hunter2"
    record(
        tmp_path,
        f"import os, subprocess, sys\nsubprocess.run(['true', '{secret}'])\n"
        f"os.system('true {secret}')\n"
        f"subprocess.run([sys.executable, '-c', '0', '{secret}'])\n"
        f"os.spawnv(os.P_WAIT, '/bin/true', ['true', '{secret}'])\n"
        f"os.environ['SECRET'] = '{secret}'\n",
    )
    assert str(processes_of(tmp_path)).count(secret) == 0


def test_a_program_that_replaces_itself_is_told(tmp_path: Path) -> None:
    source = "import os, sys\nos.execl('/bin/echo', 'echo', 'replaced')\n"
    outcome = record(tmp_path, source)
    assert outcome.stdout == "replaced\n"
    assert processes_of(tmp_path).replaced_by == "echo"


DAEMON = """
import os, sys, time
if os.fork():
    os.wait()
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
with open("daemon.pid", "w") as file:
    file.write(str(os.getpid()))
os.rename("daemon.pid", "daemon")
for fd in range(3):
    os.close(fd)
time.sleep(60)
"""
WAIT_FOR_DAEMON = """
import os, time
while not os.path.exists("daemon"):
    time.sleep(0.01)
"""


@pytest.mark.parametrize("options", [["--no-summary"], []])
def test_a_daemon_is_told_with_its_pid(tmp_path: Path, options: list[str]) -> None:
    launcher = DAEMON.replace("os.wait()\n", "os.wait()\n" + indented(WAIT_FOR_DAEMON))
    try:
        outcome = record(tmp_path, launcher, options)
        pid = int((tmp_path / "daemon").read_text())
        assert Path(f"/proc/{pid}").exists()
    finally:
        os.kill(int((tmp_path / "daemon").read_text()), signal.SIGKILL)
    line = f"unrecorded: 2 forked processes (use --follow-fork); still running: {pid}\n"
    assert line in outcome.stderr


def indented(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.strip().split("\n"))


def test_what_is_unrecorded_is_in_every_answer(tmp_path: Path) -> None:
    outcome = record(tmp_path, "import os, subprocess\nsubprocess.run(['true'])\n", [])
    line = "unrecorded: 1 spawned process (needs its own memscope run): true"
    assert line in outcome.stderr
    for subcommand in ("summary", "info"):
        answers = [
            subprocess.run(
                [sys.executable, "-m", "memscope", subcommand, *options, "main.mscope"],
                capture_output=True,
                text=True,
                check=True,
                cwd=tmp_path,
            ).stdout
            for options in ([], ["--json"])
        ]
        assert line in answers[0]
        processes = json.loads(answers[1])["processes"]
        assert processes["unrecorded"] == processes["spawned"] == 1
        assert [child["name"] for child in processes["list"]] == ["true"]


def test_one_line_says_it_however_quiet(tmp_path: Path) -> None:
    source = (
        "import os, subprocess\nsubprocess.run(['true'])\nif not os.fork(): os._exit(0)\nos.wait()"
    )
    assert record(tmp_path, source, ["--quiet"]).stderr == (
        "memscope: unrecorded: 1 forked process (use --follow-fork), "
        "1 spawned process (needs its own memscope run)\n"
    )


@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_a_program_without_children_has_nothing_to_say(tmp_path: Path, options: list[str]) -> None:
    assert "unrecorded" not in record(tmp_path, "print([0] * 1000)\n", options).stderr


def test_what_c_code_starts_is_told_where_it_was_waited_for(tmp_path: Path) -> None:
    source = "import ctypes\nctypes.CDLL(None).system(b'true')\n"
    assert "unrecorded: processes that C code" in record(tmp_path, source).stderr


def test_record_counts_them_too(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import memscope, os, subprocess\n"
        "subprocess.run(['true'])\n"  # before: not counted
        "with memscope.record('main.mscope'):\n"
        "    subprocess.run(['true']); pid = os.fork()\n"
        "    if not pid: os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "subprocess.run(['true'])\n"
    )
    subprocess.run([sys.executable, script], check=True, cwd=tmp_path, timeout=600)
    processes = processes_of(tmp_path)
    assert (processes.forked, processes.spawned) == (1, 1)


def test_a_program_sees_nothing_of_it(tmp_path: Path) -> None:
    """Its functions, its audit events and its own count of forks are as without memscope."""
    source = (
        "import os, subprocess, sys, posix, _posixsubprocess, threading\n"
        "events = []\n"
        "sys.addaudithook(lambda name, _: events.append(name) if name[:3] in ('os.', 'sub')"
        " or name == 'sys.addaudithook' else None)\n"
        "sys.addaudithook(lambda *_: None)\n"
        "forks = []\n"
        "os.register_at_fork(before=lambda: forks.append(1))\n"
        "pid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)\n"
        "subprocess.run(['true'])\nos.system('true')\n"
        "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)\n"
        "print(events, len(forks), os.execv is posix.execv, repr(os.execv), os.execv.__doc__)\n"
        "print(repr(_posixsubprocess.fork_exec), _posixsubprocess.fork_exec.__text_signature__)\n"
        "print(sorted(sys.modules), os.execv.__self__, len(os.listdir('/proc/self/fd')))\n"
        "try: os.execv()\nexcept TypeError as error: print(error)\n"
        "try: os.execve('a', ['b'], 1)\nexcept TypeError as error: print(error)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(source)
    plain = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert record(tmp_path, source).stdout == plain.stdout
