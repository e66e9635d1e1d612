"""What the supervising process does beside recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FREES = """
import os
from memscope import _recorder

def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

many = [b"x" * 60_000 for _ in range(400)]
above_them = b"x" * 60_000
del many
before = resident_bytes()
_recorder.give_back_memory()
print(before - resident_bytes())
"""


def test_what_nobody_uses_is_given_back(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FREES], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert int(ran.stdout) > 20_000_000


def test_the_supervisor_holds_no_cryptography_while_the_program_runs(tmp_path: Path) -> None:
    """OpenSSL is 4 MiB beside each program that is recorded."""
    script = (
        "import sys, memscope.cli.main, memscope.cli.run, memscope.recording.supervisor;"
        "print('_hashlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "False\n"
