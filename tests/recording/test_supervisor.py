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


# The first seven take 4 MiB beside each program, click and the options 6 to 7.
NEEDLESS = [
    "dataclasses",
    "pathlib",
    "socket",
    "typing",
    "ctypes",
    "re",
    "json",
    "click",
    "memscope.cli.run",
    "_hashlib",
]
TELLS = f"""
import os, sys
before = set(sys.modules)
start = os.posix_spawn

def tell_and_start(*words, **how):
    print(*(name for name in {NEEDLESS} if name in sys.modules and name not in before))
    return start(*words, **how)

os.posix_spawn = tell_and_start
sys.argv = ["memscope", "run", "-q", "-o", "capture.mscope", "-c", "pass"]
from memscope.cli.main import main
main()
"""


def test_the_supervisor_imports_only_what_it_needs_while_the_program_runs(tmp_path: Path) -> None:
    """What reads the command line and looks at what is installed does so in another process."""
    done = subprocess.run(
        [sys.executable, "-u", "-c", TELLS],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == "\n\n"  # before the witness and before the program
    assert (tmp_path / "capture.mscope").exists()
