"""What a forked child that lives on keeps of memscope's memory, once the recording is over."""

from __future__ import annotations

import time
from pathlib import Path

from cli.console import call

PROGRAM = """
import ctypes, os, sys, time

kept = [bytes(1000) for _ in range(40_000)]
if os.fork():
    sys.exit()
for number in range(3):
    os.close(number)
while not os.path.exists("over"):
    time.sleep(0.01)
mincore, page = ctypes.CDLL(None).mincore, os.sysconf("SC_PAGESIZE")
resident = 0
for line in open("/proc/self/maps"):
    if "memfd:memscope" in line:
        begin, end = (int(word, 16) for word in line.split()[0].split("-"))
        pages = (ctypes.c_ubyte * ((end - begin) // page))()
        assert mincore(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), pages) == 0
        resident += sum(flags & 1 for flags in pages) * page
with open("draft", "w") as file:
    file.write(str(resident))
os.rename("draft", "resident")
os._exit(0)
"""


def test_a_forked_child_keeps_a_page_or_two(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    assert call("run", "-q", "app.py", cwd=tmp_path).returncode == 0
    (tmp_path / "over").touch()
    told = tmp_path / "resident"
    until = time.monotonic() + 60
    while not told.exists() and time.monotonic() < until:
        time.sleep(0.01)
    # Where it tells what it starts. The rings alone were 640 KiB.
    assert 0 < int(told.read_text()) <= 128 << 10
