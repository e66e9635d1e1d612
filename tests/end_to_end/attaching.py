"""A program that does as it is told on its input, to be attached to while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from end_to_end.side_by_side import ENVIRONMENT

PATIENCE_S = 120.0
REMOTE = sys.version_info >= (3, 14)  # attach needs no listener

PROGRAM = """
import os, select, sys, threading
if "listen" in sys.argv:
    import memscope
    memscope.listen()
class Order: pass
orders = [Order() for _ in range(5000)]
class Wide:
    __slots__ = [f"a{n}" for n in range(36)]
class Wider:
    __slots__ = [f"a{n}" for n in range(50)]
planted = []
def plant():
    for kind in (Wide, Wider):
        planted.append([kind() for _ in range(3000)])
def blocks():  # of each size class, as pymalloc counts them
    sys._debugmallocstats()
    sys.stderr.write("counted\\n")
    sys.stderr.flush()
kept = []
def grow():
    kept.extend([bytes(1000) for _ in range(500)])
def blocked():  # in C, until another thread comes
    lock = threading.Lock()
    lock.acquire()
    def come():
        print("blocked", flush=True)
        sys.stdin.readline()
        lock.release()
    threading.Thread(target=come).start()
    lock.acquire()
def fork():
    child = os.fork()
    if child == 0:
        grow()
        sys.exit(5)
    print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
def recorded():
    recorder = sys.modules.get("memscope._recorder")
    print("recorded", bool(recorder and recorder.is_recording()), flush=True)
def record():
    import memscope
    memscope.start("own.mscope")
def stop():
    memscope = sys.modules["memscope"]
    memscope.stop()
def words():  # the main thread comes back to Python code now and then
    while True:
        while not select.select([sys.stdin], [], [], 0.01)[0]:
            pass
        yield sys.stdin.readline()
print("ready", flush=True)
for word in words():
    if not word:
        break
    globals()[word.strip()]()
    print("done", flush=True)
print(len(kept), flush=True)
sys.exit(7)
"""
GROWS = PROGRAM.splitlines().index("    kept.extend([bytes(1000) for _ in range(500)])") + 1


class Running:
    """The program, from "ready" to its end."""

    def __init__(self, directory: Path, *words: str, before: Sequence[str] = ()) -> None:
        script = directory / "app.py"
        script.write_text(PROGRAM)
        words = words if REMOTE else ("listen", *words)
        self.process = subprocess.Popen(
            [sys.executable, *before, str(script), *words],
            cwd=directory,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.expect("ready")

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def expect(self, line: str) -> None:
        assert self.hear() == line

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def do(self, word: str) -> None:
        self.tell(word)
        self.expect("done")

    def end(self) -> tuple[int, str, str]:
        """Its status, the rest of its output, and what it said on stderr."""
        out, err = self.process.communicate("", timeout=PATIENCE_S)
        return self.process.returncode, out, err


class Attached:
    """`memscope attach`, from when it says that it is there."""

    def __init__(self, directory: Path, pid: int, *options: str) -> None:
        self.process = subprocess.Popen(
            [*MEMSCOPE, "attach", str(pid), "-f", "-o", "out.mscope", *options],
            cwd=directory,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.said = ""
        while f"attached to process {pid}, " not in self.said:
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line

    def end(self) -> str:
        """What it says once it is over."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        assert (self.process.returncode, out) == (0, ""), err
        return err


MEMSCOPE = [sys.executable, "-m", "memscope"]


def memscope(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MEMSCOPE, *words],
        cwd=directory,
        env=ENVIRONMENT | {"TERM": os.environ.get("TERM", "dumb")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
