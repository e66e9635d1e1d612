"""CPU time, faults and resident memory are the program's own, whatever its children take.

The oracle is the program itself: it writes what the kernel says of it alone (/proc/self/status,
RUSAGE_SELF) as the last thing that it does.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from end_to_end.recorded import run_source

import memscope

MIB = 1 << 20
TELL = """
import atexit, json, os, resource, sys
def tell():
    with open("told.json", "w") as file:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        status = open("/proc/self/status").read()
        json.dump({
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "minor_faults": usage.ru_minflt,
            "peak_bytes": int(status.split("VmHWM:")[1].split()[0]) * 1024,
        }, file)
"""
# Time for a last look, also where the machine has much to do.
LAST = "tell()\nimport time; time.sleep(0.6)\n"
BUSY = "x = bytearray(300_000_000); y = sum(i for i in range(3_000_000))"
PROGRAMS = {
    "spawned": f"import subprocess; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)",
    "shell": f"os.system(sys.executable + ' -c {json.dumps(BUSY)}')",
    "forked": f"pid = os.fork()\nif pid == 0:\n    {BUSY}; os._exit(0)\nos.waitpid(pid, 0)",
    "posix_spawn": f"pid = os.posix_spawn(sys.executable, ['python', '-c', {BUSY!r}], os.environ)\n"
    "os.waitpid(pid, 0)",
    "pool": "from concurrent.futures import ProcessPoolExecutor\n"
    f"def work(n):\n    {BUSY}\n"
    "with ProcessPoolExecutor(2, __import__('multiprocessing').get_context('fork')) as pool:\n"
    "    list(pool.map(work, range(2)))",
    "in a thread": "import threading, subprocess\n"
    f"run = lambda: subprocess.run([sys.executable, '-c', {BUSY!r}])\n"
    "thread = threading.Thread(target=run); thread.start(); thread.join()",
    "from C": "import ctypes; ctypes.CDLL(None).system("
    f"f'{{sys.executable}} -c {json.dumps(BUSY)}'.encode())",
    "no child": "",
}


def record(tmp_path: Path, source: str, *options: str) -> memscope.Capture:
    run_source(tmp_path, source, "--no-summary", *options)
    return memscope.load(tmp_path / "main.mscope")


@pytest.mark.parametrize("how", list(PROGRAMS))
def test_figures_are_those_of_the_program_alone(tmp_path: Path, how: str) -> None:
    source = f"{TELL}\nkept = [str(i) for i in range(20_000)]\n{PROGRAMS[how]}\n{LAST}"
    with record(tmp_path, source) as capture:
        told = json.loads((tmp_path / "told.json").read_text())
        ended = capture.exit
        assert ended is not None
        # From its last words to its end a program takes a few milliseconds, and no new memory.
        assert 0 <= ended.cpu_s - told["cpu_s"] + 0.001 < 0.5
        assert 0 <= ended.minor_faults - told["minor_faults"] < 5000
        assert abs(ended.peak_resident_bytes - told["peak_bytes"]) < 2 * MIB
        assert ended.system_s <= ended.cpu_s
        if how == "no child":
            assert (ended.waited, ended.waited_cpu_s) == (False, 0.0)
        else:
            assert ended.waited
            assert ended.waited_cpu_s > 0.05


def test_a_program_that_is_killed_has_its_own_peak_too(tmp_path: Path) -> None:
    source = (
        f"{TELL}\nimport subprocess, time\nsubprocess.run([sys.executable, '-c', {BUSY!r}])\n"
        "kept = bytearray(90_000_000); tell(); time.sleep(0.6); os.kill(os.getpid(), 9)\n"
    )
    assert run_source(tmp_path, source, "-q", check=False).returncode == -9
    told = json.loads((tmp_path / "told.json").read_text())
    with memscope.load(tmp_path / "main.mscope") as capture:
        ended = capture.exit
        assert ended is not None
        assert ended.peak_resident_from == "looks"
        assert abs(ended.peak_resident_bytes - told["peak_bytes"]) < 2 * MIB
        assert ended.peak_resident_bytes > 90 * MIB


def test_a_program_that_replaces_itself_keeps_its_figures(tmp_path: Path) -> None:
    source = f"{TELL}\nimport time; tell(); time.sleep(0.6)\n" + (
        f"os.execv(sys.executable, [sys.executable, '-c', {BUSY!r}])\n"
    )
    with record(tmp_path, source) as capture:
        told = json.loads((tmp_path / "told.json").read_text())
        ended = capture.exit
        assert ended is not None
        assert abs(ended.peak_resident_bytes - told["peak_bytes"]) < 2 * MIB
        assert abs(ended.cpu_s - told["cpu_s"]) < 0.1
        assert max(capture.timeline.resident_bytes) < told["peak_bytes"] + 2 * MIB


def test_a_child_has_its_own_figures(tmp_path: Path) -> None:
    source = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {BUSY + '; import time; time.sleep(0.6)'!r}])\n"
    )
    with record(tmp_path, source) as capture:
        assert capture.end is not None
        assert capture.end.processes is not None
        (child,) = capture.end.processes.listed
        assert 300_000_000 < child.peak_resident_bytes < 400_000_000
        assert child.cpu_s > 0.05
