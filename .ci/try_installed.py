#!/usr/bin/env python3
"""Uses the memscope that is installed, as a stranger would, and fails where it does not serve.

A wheel is tried by it in an empty environment: the recorder, the supervisor without Python, the
program that watches signals, the library that is preloaded, the pytest plugin (if pytest is here),
and the .pth file that has MEMSCOPE_LISTEN=1 heard.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """\
import ctypes
kept = [bytearray(1000) for _ in range(5000)]
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
native = libc.malloc(7_000_000)
print("done", len(kept))
"""
TESTS = """\
import pytest

@pytest.mark.memscope(peak="1 MB")
def test_small():
    bytearray(1000)

@pytest.mark.memscope(peak="1 MB")
def test_large():
    bytearray(2_000_000)
"""
# Without the supervisor's own file, or the right to execute it, Python supervises, and all works.
HANDED = """\
import os, sys, time
wanted = os.path.realpath(sys.argv[1])
for _ in range(500):
    if os.path.realpath(f"/proc/{os.getppid()}/exe") == wanted:
        print("handed over")
        break
    time.sleep(0.02)
"""
LISTENER = (
    "import sys, time; print('ready', flush=True)\nwhile True: sys.stdin.read(0); time.sleep(0.01)"
)


def memscope(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "memscope", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def record(capture: str, *options: str) -> dict[str, dict[str, int]]:
    """Live blocks and bytes of each domain."""
    ran = memscope("run", "-q", *options, "-o", capture, "program.py")
    assert (ran.stdout, ran.stderr) == ("done 5000\n", ""), (ran.stdout, ran.stderr)
    summary = json.loads(memscope("summary", "--json", capture).stdout)
    assert summary["capture"]["mode"] == "exact"
    return {row["domain"]: row for row in summary["domains"]}


def try_recording() -> None:
    domains = record("plain.mscope")
    assert sum(row["allocations"] for row in domains.values()) >= 10_000
    rows = json.loads(memscope("hotspots", "--json", "--by", "live", "plain.mscope").stdout)["rows"]
    assert (rows[0]["line"], rows[0]["live_bytes"] > 5_000_000) == (2, True)
    memscope("report", "-o", "report.html", "plain.mscope")
    assert Path("report.html").stat().st_size > 10_000


def try_supervisor() -> None:
    from memscope.recording.handing import executable

    done = memscope("run", "-q", "-o", "handed.mscope", "-c", HANDED, executable())
    assert done.stdout == "handed over\n", done.stdout + done.stderr


def try_witness() -> None:
    from memscope.recording.witness import Witness, executable

    witness = Witness(["program"])
    witness.receipts()
    assert os.path.samefile(f"/proc/{witness.pid}/exe", executable())
    witness.stop()


def try_native() -> None:
    live = record("native.mscope", "--native")["native"]["live_bytes"]
    assert live >= 7_000_000, live


def try_plugin() -> None:
    Path("test_sizes.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sizes.py"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def try_listening() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", LISTENER],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=os.environ | {"MEMSCOPE_LISTEN": "1"},
    )
    try:
        assert program.stdout is not None
        program.stdout.readline()
        memscope("attach", str(program.pid), "--seconds", "1", "-o", "attached.mscope")
        memscope("info", "attached.mscope")
        assert program.poll() is None
    finally:
        program.kill()
        program.wait()


def main() -> None:
    import memscope as installed

    steps = [try_recording, try_supervisor, try_witness, try_native, try_listening]
    if importlib.util.find_spec("pytest"):
        steps.append(try_plugin)
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        Path("program.py").write_text(PROGRAM)
        for step in steps:
            step()
            print(f"{step.__name__.removeprefix('try_')}: works")
        os.chdir("/")
    print(f"memscope {installed.__version__} in {Path(installed.__file__).parent}")


main()
