"""A recording with objects leaves tracemalloc to the program."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys, threading, warnings
print("_tracemalloc" in sys.modules)
import tracemalloc
warnings.simplefilter("always", ResourceWarning)
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_traceback_limit())
print(tracemalloc.get_object_traceback([]))
unclosed = open(os.devnull); del unclosed
try:
    tracemalloc.start(0)
except ValueError as error:
    print(error)
tracemalloc.start(5)
kept = [[i] for i in range(1000)]
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
print(tracemalloc.get_object_traceback(kept[-1]))
unclosed = open(os.devnull); del unclosed
tracemalloc.clear_traces()
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_traceback_limit())

def work():
    for i in range(2000):
        [i], {"a": i}, i * 1.5

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(20):
    tracemalloc.start()
    [{} for _ in range(100)]
    tracemalloc.stop()
for thread in threads:
    thread.join()
sys.stdout.flush()
if os.fork() == 0:
    print("child", tracemalloc.is_tracing())
    tracemalloc.start()
    kept = [[i] for i in range(100)]
    print(len(tracemalloc.take_snapshot().traces) >= 100)
    tracemalloc.stop()
    print(tracemalloc.is_tracing())
    sys.stdout.flush()
    os._exit(0)
print(os.wait()[1])
"""

RUNNER = """
import contextlib, memscope, sys
with memscope.record(sys.argv[2], objects=True) if sys.argv[2:] else contextlib.nullcontext():
    exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
"""


def output(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", RUNNER, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=Path(arguments[0]).parent,  # not where a package lies that was not built
    )
    return done.stdout + done.stderr


def test_tracemalloc_is_as_without_a_recording(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    recorded = output(str(program), str(tmp_path / "out.mscope"))
    assert recorded == output(str(program))
    assert "Enable tracemalloc" in recorded
