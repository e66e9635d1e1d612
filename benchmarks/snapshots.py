"""What snapshots of objects take, by objects: ``python benchmarks/snapshots.py --help``.

A program makes a heap, collects it a few times, and asks for snapshots. Then its capture is read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

# Instances with attributes, texts, lists and numbers in a dictionary: nine objects an entry.
PROGRAM = """\
import gc, json, sys, time
import memscope

class Entry:
    def __init__(self, number):
        self.name = "entry %d" % number
        self.parts = [number + 1000, (number + 1000.5, str(number))]
        self.tags = {"number": number}

entries, times = {}, int(sys.argv[2])
with memscope.record("heap.mscope") as recording:
    gc.disable()
    for number in range(int(sys.argv[1]) // 9):
        entries[number + 1000] = Entry(number)
    collections, pauses = [], []
    for _ in range(times):
        began = time.perf_counter()
        gc.collect()
        collections.append(time.perf_counter() - began)
        began = time.perf_counter()
        taken = recording.snapshot()
        pauses.append(time.perf_counter() - began)
        assert taken
print(json.dumps({"collection_s": min(collections), "pause_s": min(pauses)}))
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Of one heap: seconds, the lowest of several; bytes and MiB."""

    objects: int
    references: int
    collection_s: float
    pause_s: float
    capture_bytes: int  # of one snapshot, in a finished capture
    holders_s: float  # CPU time of `memscope holders` at the last snapshot alone
    holders_mib: float


def run(python: str, directory: Path, objects: int, times: int) -> dict[str, float]:
    """What the program says of itself; its capture lies in the directory."""
    script = directory / "heap.py"
    script.write_text(PROGRAM)
    (directory / "heap.mscope").unlink(missing_ok=True)
    done = subprocess.run(
        [python, str(script), str(objects), str(times)],
        cwd=directory, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout)
    return told


def measured(python: str, directory: Path, objects: int, times: int) -> Taken:
    told = run(python, directory, objects, 1)
    with_one = (directory / "heap.mscope").stat().st_size
    words = [python, "-m", "memscope", "holders", "--json", "heap.mscope"]
    process = subprocess.Popen(words, cwd=directory, stdout=subprocess.PIPE)
    assert process.stdout is not None
    snapshot = json.loads(process.stdout.read())["snapshot"]
    _, _, usage = os.wait4(process.pid, 0)
    again = run(python, directory, objects, times)
    with_all = (directory / "heap.mscope").stat().st_size
    return Taken(
        objects=snapshot["objects"],
        references=snapshot["edges"],
        collection_s=min(told["collection_s"], again["collection_s"]),
        pause_s=min(told["pause_s"], again["pause_s"]),
        capture_bytes=round((with_all - with_one) / (times - 1)),
        holders_s=usage.ru_utime + usage.ru_stime,
        holders_mib=usage.ru_maxrss / 1024,
    )


def _line(of: Taken) -> str:
    each = f"{of.pause_s / of.objects * 1e6:.2f} µs each"
    return (
        f"{of.objects:>10,} objects {of.references:>11,} references"
        f"  pause {of.pause_s * 1e3:6.0f} ms, {each}, x{of.pause_s / of.collection_s:.1f}"
        f" of a collection ({of.collection_s * 1e3:.0f} ms)"
        f"  {of.capture_bytes / of.objects:.1f} MB a million"
        f"  holders {of.holders_s:.1f} s, {of.holders_mib:.0f} MiB"
    )


@click.command()
@click.option("--python", default=sys.executable, help="That has memscope.", show_default=True)
@click.option("--objects", type=int, multiple=True, default=(100_000, 1_000_000, 5_000_000))
@click.option("--times", type=click.IntRange(2), default=3, show_default=True, help="Snapshots.")
@click.option("--json", "as_json", is_flag=True)
def main(python: str, objects: Sequence[int], times: int, as_json: bool) -> None:
    """Measure the pause, the bytes in the capture, and reading, for heaps of so many objects."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        for count in objects:
            of = measured(python, Path(directory), count, times)
            found.append(of)
            if not as_json:
                print(_line(of), flush=True)
    if as_json:
        print(json.dumps([asdict(of) for of in found], indent=1))


if __name__ == "__main__":
    main()
