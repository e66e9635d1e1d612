"""Signals that come late, or that stop a program that others will have go on."""

from __future__ import annotations

from end_to_end.side_by_side import Bench

# Runs beside the program, as some shell elsewhere would.
LATER = """
import os, signal, subprocess

def continue_later(pid):
    quiet = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)
    subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -CONT {pid}"], **quiet)
"""

STOPS_ITSELF = """
continue_later(os.getpid())
os.kill(os.getpid(), signal.SIGSTOP)
print("went on")
"""

OUTLIVES_NOTHING = """
supervisor = os.getppid()
continue_later(supervisor)
kept = [bytes(1000) for _ in range(1000)]
os.kill(supervisor, signal.SIGSTOP)
os.kill(supervisor, signal.SIGINT)
os.kill(supervisor, signal.SIGTERM)
os._exit(3)
"""


def test_a_program_that_somebody_else_continues(bench: Bench) -> None:
    bench.write("script.py", LATER + STOPS_ITSELF)
    assert bench.same("script.py").stdout == b"went on\n"


def test_signals_after_the_end_of_the_program_leave_the_capture_whole(bench: Bench) -> None:
    bench.write("script.py", LATER + OUTLIVES_NOTHING)
    assert bench.recorded("script.py").status == 3
    assert bench.json("summary")["capture"]["complete"]
