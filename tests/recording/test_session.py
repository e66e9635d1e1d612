"""`memscope.record()` where the block it records is left in unusual ways."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import memscope
from memscope.recording.session import ProcessRecording


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_that_leaves_the_block_leaves_the_capture_alone(tmp_path: Path) -> None:
    path = tmp_path / "parent.mscope"
    child = 0
    try:
        with memscope.record(path) as recording:
            child = os.fork()
            if child:
                os.waitpid(child, 0)
            kept = [bytes(10_000) for _ in range(100)]
    finally:
        if child == 0:
            os._exit(0)
    assert len(kept) == 100
    assert recording.path == path
    assert recording.capture.complete
    assert recording.capture.notes == ()
    assert recording.capture.sums.total.allocations >= 100


def test_a_forked_child_can_record_itself(tmp_path: Path) -> None:
    with memscope.record(tmp_path / "first.mscope"):
        pass
    child = os.fork()
    if child == 0:
        with memscope.record(tmp_path / "child.mscope") as recording:
            kept = [bytes(10_000) for _ in range(100)]
        os._exit(0 if recording.capture.sums.total.allocations >= len(kept) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_an_exception_ends_the_recording_and_passes(tmp_path: Path) -> None:
    recording = memscope.record(tmp_path / "raised.mscope")
    with pytest.raises(ZeroDivisionError), recording:
        _ = 1 / 0
    assert recording.capture.complete
    with memscope.record(tmp_path / "next.mscope"):
        pass


def test_a_second_recording_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with memscope.record(tmp_path / "first.mscope") as first:
        with (
            pytest.raises(memscope.MemscopeError, match="already on"),
            memscope.record(tmp_path / "second.mscope"),
        ):
            pass
        kept = [bytes(10_000) for _ in range(100)]
    assert len(kept) == 100
    assert first.capture.sums.total.allocations >= 100
    assert not (tmp_path / "second.mscope").exists()


SUPERVISED = """
import memscope

@memscope.record("decorated.mscope")
def decorated():
    return [bytes(10_000) for _ in range(100)]

with memscope.record("block.mscope") as recording:
    kept = [bytes(10_000) for _ in range(100)]
with memscope.record("again.mscope"):
    pass
print(len(kept), len(decorated()), recording.path, recording.problem)
"""


def test_under_memscope_run_a_recording_is_part_of_that_one(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SUPERVISED)
    ran = subprocess.run(
        [sys.executable, "-m", "memscope", "run", "-q", "-o", "run.mscope", "app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    problem = "part of the recording that is on already: no capture of its own"
    assert (ran.returncode, ran.stdout) == (0, f"100 100 None {problem}\n")
    assert ran.stderr.count("memscope: record(): part of") == 1
    assert [path.name for path in tmp_path.glob("*.mscope")] == ["run.mscope"]
    assert memscope.load(tmp_path / "run.mscope").sums.total.allocations >= 200


def test_native_memory_as_part_of_a_recording_needs_one_that_has_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import memscope\nwith memscope.record(native=True): print('well')\n")
    words = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(tmp_path / "first.mscope")]
    refused = subprocess.run([*words, str(script)], check=False, capture_output=True, cwd=tmp_path)
    assert refused.returncode == 1
    assert b"start it with memscope run --native" in refused.stderr
    command = [sys.executable, "-m", "memscope", "run", "-q", "--native"]
    command += ["-o", str(tmp_path / "run.mscope"), str(script)]
    ran = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    assert ran.stdout == b"well\n"


def test_another_recording_like_one_differs_in_nothing(tmp_path: Path) -> None:
    every = (tmp_path / "a", True, 4096, True, False, ("shop",), False, {"a": "b"}, True, 0.25)
    asked = inspect.signature(ProcessRecording).parameters
    assert len(every) == len(asked)
    plain, made = ProcessRecording(None, False, 0, False, True), ProcessRecording(*every)
    told = [name for name in vars(made) if name.removesuffix("_ppm") in asked]
    assert len(told) == len(every)
    assert all(vars(plain)[name] != vars(made)[name] for name in told)
    assert vars(made.again()) == vars(made)
