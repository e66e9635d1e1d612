"""What a program starts and forks while its native memory is recorded: as without memscope."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.compiled import COMPILER, built
from end_to_end.side_by_side import Bench, assert_same

NATIVE = ("-q", "--native", "--no-objects")

SPAWNED = """
import os
environment = dict(os.environ, GIVEN="1")
for spawn, command in ((os.posix_spawn, "/usr/bin/env"), (os.posix_spawnp, "env")):
    print(os.waitpid(spawn(command, ["env"], environment), 0)[1], flush=True)
print(os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {}), 0)[1], flush=True)
"""

SETUID = """
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>
int main(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    void *block = malloc(100000);
    printf("%d %d %lu ", getuid(), geteuid(), getauxval(AT_SECURE));
    puts(preloaded ? preloaded : "none");
    free(block);
    return 3;
}
"""
STARTS_SETUID = """
import os, sys
pid = os.fork()
if pid == 0:
    if os.geteuid() == 0:
        os.setuid(65534)
    os.execv(sys.argv[1], ["asks"])
print(os.waitpid(pid, 0)[1], flush=True)
"""

FORKS = """
import ctypes, os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
lib = ctypes.CDLL({library!r})
other = threading.Thread(target=lambda: [lib.hand_over(6, 20000, 48) for _ in range(5)])
other.start()
ends = []
for number in range(20):
    pid = os.fork()
    if pid == 0:
        lib.churn(500, 64, 100)
        os._exit(number)
    ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
other.join()
lib.churn(300, 16, 7)
print(ends, flush=True)
os._exit(0)
"""


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory into which everybody may look, other users too."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def test_posix_spawn(bench: Bench) -> None:
    bench.write("script.py", SPAWNED)
    native = bench.native("script.py")
    assert native.stdout.count(b"GIVEN=1") == 2
    assert_same(bench.recorded("script.py", options=NATIVE), native)


def test_a_setuid_program(bench: Bench, open_place: Path) -> None:
    program = open_place / "asks"
    (open_place / "asks.c").write_text(SETUID)
    subprocess.run([*COMPILER, str(open_place / "asks.c"), "-o", str(program)], check=True)
    program.chmod(0o4755)
    bench.write("script.py", STARTS_SETUID)
    native = bench.native("script.py", str(program))
    assert b"none\n768\n" in native.stdout
    if os.geteuid() == 0 and not os.statvfs(open_place).f_flag & os.ST_NOSUID:
        assert native.stdout.startswith(b"65534 0 1 ")
    assert_same(bench.recorded("script.py", str(program), options=NATIVE), native)


def test_forks_while_threads_without_python_allocate(bench: Bench, tmp_path: Path) -> None:
    library = built(tmp_path, "requests.c")
    bench.write("script.py", FORKS.format(library=str(library)))
    native = bench.native("script.py")
    assert native.stdout == f"{list(range(20))}\n".encode()
    assert_same(bench.recorded("script.py", options=NATIVE), native)
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    its = [row for row in rows if row["file"] == str(library)]
    # The children's are not of this process.
    assert sum(row["allocations"] for row in its) == 5 * 6 * 20000 + 300
    assert sum(row["live_blocks"] for row in its) == 7
