"""What reading captures takes, by their rows: ``python benchmarks/reading.py --help``."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from memscope.capture.format import HEADER, MAGIC, PACKED, SYNC, FrameKind, pack_payload

DEPTH = 4
SUBCOMMANDS = (
    "info", "summary", "hotspots", "types", "tree", "sizes", "lifetimes", "timeline", "growth",
    "gc", "fragmentation", "imports", "advise", "compare", "report", "export pprof", "export csv",
    "export json", "export collapsed", "export speedscope", "export perfetto", "export pstats",
    "export svg",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What one subcommand took of one capture; its file is what it wrote."""

    cpu_s: float  # of the program and the system
    peak_mib: float
    file_mib: float


def written(path: Path, width: int) -> None:
    """A capture of `width` to the power of four stacks, each a row, as docs/capture-format.md says.

    The recorder folds small rows, so no program of this shape would give as many.
    """
    count = width**DEPTH
    frames = Frames()
    frames.begin(["<module>", *(f"level{level}" for level in range(1, DEPTH + 1))])
    for part in _tree(width):
        frames.add_table(FrameKind.NODES, part)
    frames.add_table(FrameKind.THREADS, [[1], [0], [1]])
    first_leaf = 3 + sum(width**level for level in range(1, DEPTH))
    windows, sums = max(count // 2**18, 1), [0] * 20
    for begin, end in ((count * n // windows, count * (n + 1) // windows) for n in range(windows)):
        rows = range(begin, end)
        stacks = range(first_leaf + begin, first_leaf + end)
        classes = [1 + row % 40 for row in rows]
        frames.add_table(FrameKind.ROWS, [stacks, [2] * len(rows), classes, [0] * len(rows)])
    for begin, end in ((count * n // windows, count * (n + 1) // windows) for n in range(windows)):
        rows = range(begin, end)
        columns = totals_of(rows, [16 * (1 + row % 40) for row in rows])
        frames.add_table(FrameKind.TOTALS, columns, version=2)
        sums = [total + sum(column) for total, column in zip(sums, columns, strict=True)]
    for begin, end in ((count * n // windows, count * (n + 1) // windows) for n in range(windows)):
        several = end - begin
        gaps = [begin + 1, 0, *[1, 0] * (several - 1)]
        buckets, counts = [3, 1] * several, [5] * len(gaps)
        frames.add_table(FrameKind.LIFETIMES, [gaps, [0, 1] * several, buckets, counts])
    frames.end(sums)
    path.write_bytes(MAGIC + b"".join(frames.parts))


def _tree(width: int) -> Iterator[list[Sequence[int]]]:
    """The nodes level by level: a root, the module, then each call's calls."""
    yield [[1, 1], [0, 1], [1, 1]]
    first, above = 3, 2
    for level in range(1, DEPTH + 1):
        count = width**level
        for begin in range(0, count, 2**18):
            numbers = range(begin, min(begin + 2**18, count))
            gaps = [first + number - (above + number // width) for number in numbers]
            lines = [10 * level + number % width for number in numbers]
            yield [gaps, [level + 1] * len(numbers), lines]
        first, above = first + count, first


def totals_of(rows: range, sizes: Sequence[int]) -> list[Sequence[int]]:
    """The counters of rows with blocks of these sizes; one row of 64 keeps a block."""
    allocations = [5 + row % 11 for row in rows]
    kept = [int(row % 64 == 0) for row in rows]
    released = [made - held for made, held in zip(allocations, kept, strict=True)]
    nothing = [0] * len(rows)
    at_peak = [held * size for held, size in zip(kept, sizes, strict=True)]
    return [
        allocations,
        [made * size for made, size in zip(allocations, sizes, strict=True)],
        released,
        [freed * size for freed, size in zip(released, sizes, strict=True)],
        kept,
        at_peak,
        [1] * len(rows),
        *[nothing] * 3,
        released,
        *[nothing] * 9,
    ]


class Frames:
    """Frames one after the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def begin(self, functions: Sequence[str]) -> None:
        """What a capture begins with: one file of so many functions, whose codes count from 1."""
        meta = {"format": 2, "command": ["made up"], "python": "3.12.1", "allocator": "pymalloc"}
        self.add(FrameKind.META, json.dumps({**meta, "main": "/app/app.py"}).encode())
        names = ["/app/app.py", *functions]
        texts = b"".join(struct.pack("<I", len(name)) + name.encode() for name in names)
        self.add(FrameKind.STRINGS, struct.pack("<I", len(names)) + texts)
        codes = range(1, len(functions) + 1)
        self.add_table(FrameKind.CODES, [[1 for _ in codes], [code + 1 for code in codes], codes])

    def end(self, sums: Sequence[int]) -> None:
        """What a capture ends with, by the sums of the columns of its totals."""
        ended = {
            "allocations": sums[0],
            "allocated_bytes": sums[1],
            "frees": sums[2],
            "live_blocks": sums[4],
            "live_bytes": sums[5],
            "peak_blocks": sums[4],
            "peak_bytes": sums[5],
        }
        end = {"reason": "exited", "complete": True, **ended, "domains": {"obj": ended}}
        self.add(FrameKind.END, json.dumps({**end, "duration_ns": 10**9}).encode())

    def add(self, kind: FrameKind, payload: bytes, version: int = 1) -> None:
        stored = pack_payload(payload)
        head = HEADER.pack(
            SYNC, kind, version | PACKED, len(stored), len(self.parts), zlib.crc32(stored), 0
        )[:20]
        self.parts.append(head + struct.pack("<I", zlib.crc32(head)) + stored)

    def add_table(
        self, kind: FrameKind, columns: Sequence[Sequence[int]], version: int = 1
    ) -> None:
        parts = [struct.pack("<IB", len(columns[0]), len(columns))]
        for values in columns:
            most = max(values)
            width, letter = next(
                (bytes_, letter) for bytes_, letter in _WIDTHS if most < 1 << 8 * bytes_
            )
            data = array(letter, values).tobytes() if width else b""
            parts.append(struct.pack("<BI", width, 0) + data)
        self.add(kind, b"".join(parts), version)


_WIDTHS = ((0, "B"), (1, "B"), (2, "H"), (4, "I"), (8, "Q"))


def measured(arguments: list[str], wrote: Path | None) -> Cost:
    """One subcommand in a process of its own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "memscope", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise click.ClickException(f"memscope {' '.join(arguments)} failed")
    size = wrote.stat().st_size if wrote is not None else 0
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, size / 2**20)


def cost_of(subcommand: str, capture: Path, target: Path) -> Cost:
    name, *form = subcommand.split()
    if name == "report":
        return measured([name, str(capture), "-f", "-o", str(target)], target)
    if name == "export":
        return measured([name, "-f", *form, str(capture), "--force", "-o", str(target)], target)
    captures = [str(capture)] * (2 if name == "compare" else 1)
    return measured([name, *captures], None)


def slope(counts: list[int], costs: list[Cost]) -> float:
    """Of time against rows, both as logarithms, between the two largest: 1 is proportional."""
    rows = math.log(counts[-1] / counts[-2])
    return math.log(costs[-1].cpu_s / costs[-2].cpu_s) / rows


@click.command()
@click.argument("rows", nargs=-1, type=click.IntRange(min=16))
@click.option("--only", multiple=True, help="A subcommand; may be given several times.")
@click.option("--rounds", default=3, show_default=True, help="Of which the cheapest counts.")
def main(rows: tuple[int, ...], only: tuple[str, ...], rounds: int) -> None:
    """Make captures of so many ROWS, and measure each subcommand on them.

    [default: 10000 100000 1000000 5000000 10000000]
    """
    wanted = rows or (10**4, 10**5, 10**6, 5 * 10**6, 10**7)
    counts = sorted({round(count ** (1 / DEPTH)) for count in wanted})
    spawned = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="reading-") as place:
        captures = []
        for width in counts:
            captures.append(Path(place, f"of_{width}.mscope"))
            # Elsewhere: a child's peak begins at what its parent holds.
            writer = spawned.Process(target=written, args=(captures[-1], width))
            writer.start()
            writer.join()
            size_mib = captures[-1].stat().st_size / 2**20
            click.echo(f"{width**DEPTH:,} rows: {size_mib:.1f} MiB")
        heads = " | ".join(f"{width**DEPTH:,}" for width in counts)
        click.echo(f"\n| subcommand | {heads} | slope |\n|---|{'---|' * len(counts)}---|")
        for subcommand in only or SUBCOMMANDS:
            costs = [
                min(
                    (cost_of(subcommand, capture, Path(place, "out")) for _ in range(rounds)),
                    key=lambda cost: cost.cpu_s,
                )
                for capture in captures
            ]
            cells = [
                f"{cost.cpu_s:.2f} s, {cost.peak_mib:.0f} MiB"
                + (f", file {cost.file_mib:.1f}" if cost.file_mib else "")
                for cost in costs
            ]
            sizes = [width**DEPTH for width in counts]
            told = f"{slope(sizes, costs):.2f}" if len(costs) > 1 else ""
            click.echo(f"| {subcommand} | {' | '.join(cells)} | {told} |")


if __name__ == "__main__":
    main()
