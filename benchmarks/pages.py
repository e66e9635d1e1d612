"""How fast the report is, in headless Chromium: ``python benchmarks/pages.py --help``."""

from __future__ import annotations

import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from reading import Frames, totals_of

from memscope.capture.format import MAGIC, FrameKind

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "reports"))
import browser as chromium  # noqa: E402  the client that the tests use

ZOOMS = 15
LOADS = 5  # of which the fastest counts: other programs take the processors as well
# Zooms into a frame, waits for the drawing, and says how long that took; then out again.
ZOOM = """
const canvas = document.getElementById("frames"), box = canvas.getBoundingClientRect();
const [x, y] = arguments;
const place = {clientX: box.left + x * box.width, clientY: box.top + y, bubbles: true};
const painted = () => document.documentElement.dataset.painted;
const before = painted(), started = performance.now();
canvas.dispatchEvent(new MouseEvent("click", place));
return new Promise((done) => {
  const look = () => {
    const took = performance.now() - started;
    if (painted() !== before) done(took);
    else if (took > 1500) done(null); // there is no frame at that place
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""
FIRST = """
const marks = performance.getEntriesByName("memscope-painted");
return marks.length ? marks[0].startTime : 0;
"""


@click.group()
def main() -> None:
    """Measures how fast reports are made, painted and zoomed."""


def write_bushy(path: Path, nodes_count: int, seed: int = 7) -> None:
    """A capture of so many calls: bushy, some 50 deep, two rows for three calls.

    What the calls allocate differs by orders of magnitude, as in real programs.
    """
    chance = random.Random(seed)
    open_calls = [2]  # by depth: the module's node, then the last call of each level
    gaps = []
    for node in range(3, nodes_count + 2):
        stays = chance.random() < 0.62
        depth = len(open_calls) - 1
        if not stays or depth >= 48:
            del open_calls[chance.randint(1, max(depth, 1)) :]
        gaps.append(node - open_calls[-1])
        open_calls.append(node)
    stacks = [node for node in range(3, nodes_count + 2) if chance.random() < 0.64]
    sizes = [int(chance.paretovariate(0.9) * 64) for _ in stacks]
    frames = Frames()
    frames.begin(["<module>", *(f"Class{i % 97}.function_{i}" for i in range(5000))])
    codes = [2 + chance.randrange(5000) for _ in gaps]
    lines = [1 + chance.randrange(800) for _ in gaps]
    whole = [[1, 1, *gaps], [0, 1, *codes], [1, 1, *lines]]
    for part in _parts(whole):
        frames.add_table(FrameKind.NODES, part)
    frames.add_table(FrameKind.THREADS, [[1], [0], [1]])
    classes = [1 + chance.randrange(40) for _ in stacks]
    for part in _parts([stacks, [2] * len(stacks), classes, [0] * len(stacks)]):
        frames.add_table(FrameKind.ROWS, part)
    columns = totals_of(range(len(stacks)), sizes)
    for part in _parts(columns):
        frames.add_table(FrameKind.TOTALS, part, version=2)
    frames.end([sum(column) for column in columns])
    path.write_bytes(MAGIC + b"".join(frames.parts))


def _parts(columns: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Tables of at most 262,144 entries, as a frame holds them."""
    for begin in range(0, len(columns[0]), 2**18):
        yield [column[begin : begin + 2**18] for column in columns]


def measure(path: Path) -> tuple[float, list[float]]:
    """Milliseconds to the first painted frame, and those of each zoom."""
    with chromium.browser() as window:
        window.size(1400, 900)
        # The first page of a browser pays for the browser.
        window.do("POST", "/url", url="about:blank")
        window.open(path)
        first = math.inf
        for _ in range(LOADS):
            window.open(path)
            first = min(first, window.run(FIRST))
        zooms = []
        chance = random.Random(1)
        for _ in range(ZOOMS):
            zooms.append(window.run(ZOOM, chance.random(), 30 + 22 * chance.randrange(3)))
            zooms.append(window.run(ZOOM, 0.5, 5))
    return first, [took for took in zooms if took is not None]


def say(name: str, path: Path) -> None:
    first, zooms = measure(path)
    click.echo(
        f"{name:24} {path.stat().st_size / 1e6:6.2f} MB  first paint {first:6.0f} ms"
        f"  zoom median {statistics.median(zooms):5.0f} ms, highest {max(zooms):5.0f} ms"
    )


@main.command()
@click.option("--nodes", default="200000,1000000", show_default=True, help="Sizes of the tree.")
def synthetic(nodes: str) -> None:
    """Made-up captures of so many calls, as `captures` has them."""
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as place:
        for count in map(int, nodes.split(",")):
            capture = Path(place) / f"{count}.mscope"
            write_bushy(capture, count)
            look_at(capture, Path(place))


@main.command()
@click.argument("captures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def captures(captures: tuple[Path, ...]) -> None:
    """The reports of these captures: how long they take to make, and how fast they are."""
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as place:
        for capture in captures:
            look_at(capture, Path(place))


def look_at(capture: Path, place: Path) -> None:
    path = place / f"{capture.stem}.html"
    command = [sys.executable, "-m", "memscope", "report", capture, "-o", path, "--force"]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    took = used.ru_utime + used.ru_stime
    if status:
        raise click.ClickException(f"no report of {capture}")
    click.echo(f"{capture.stem:24} made in {took:.1f} s, {used.ru_maxrss / 1024:.0f} MiB")
    say(capture.stem, path)


if __name__ == "__main__":
    main()
