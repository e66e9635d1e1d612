"""How fast the report is, in headless Chromium: ``python benchmarks/pages.py --help``."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from memscope.reports.html.columns import Columns
from memscope.reports.html.page import join_page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "reports"))
import browser as chromium  # noqa: E402  the client that the tests use

ZOOMS = 15
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


def synthetic_page(nodes_count: int, seed: int = 7) -> str:
    """A call tree of so many nodes: bushy, some 50 calls deep, two rows for three nodes."""
    chance = random.Random(seed)
    depth, function, line = [0], [0], [0]
    for _ in range(nodes_count - 1):
        stays = chance.random() < 0.62
        level = depth[-1] + 1 if stays and depth[-1] < 48 else chance.randint(1, max(depth[-1], 1))
        depth.append(level)
        function.append(1 + chance.randrange(5000))
        line.append(1 + chance.randrange(800))
    rows = [node for node in range(1, nodes_count) if chance.random() < 0.64]
    columns = Columns()
    columns.add("depth", depth)
    columns.add("function", function)
    columns.add("line", line)
    columns.add("row_node", [b - a for a, b in zip([0, *rows], rows, strict=False)])
    columns.add("row_domain", [2] * len(rows))
    columns.add("row_size", [1 + chance.randrange(40) for _ in rows])
    columns.add("row_thread", [1] * len(rows))
    sizes = [int(chance.paretovariate(0.9) * 64) for _ in rows]
    for by in ("allocated_bytes", "peak_bytes", "live_bytes"):
        columns.add(f"{by}_0", sizes)
    for by in ("allocations", "short_lived"):
        columns.add(f"{by}_0", [1 + size // 64 for size in sizes])
    texts = [f"Class{i % 97}.function_{i}" for i in range(5000)] + ["module.py"]
    facts = {
        "command": ["synthetic"], "python": "3", "allocator": "pymalloc", "pymalloc": True,
        "sampled": False, "sample_bytes": 0, "complete": True, "duration_s": 1.0,
        "allocations": sum(sizes) // 64, "allocated_bytes": sum(sizes), "peak_bytes": sum(sizes),
        "live_bytes": 0, "live_blocks": 0, "resident_bytes": 0, "resident_own_bytes": 0,
        "collections": None, "pause_s": 0, "short_lived": 0,
    }  # fmt: skip
    document = {
        "kind": "capture", "texts": texts,
        "functions": [(i, 5000, 5000, i % 3, 1, 0, 0) for i in range(5000)],
        "sizes": [(16 * i + 1, 16 * i + 16) for i in range(253)], "short_lived_bytes": 1024,
        "unit": 1, "threads": ["main"], "facts": facts, "windows": [], "duration_ns": 10**9,
        "peak_ns": 0, "panels": [], "source": {}, "notes": [], "types": [], "kept_type": None,
        "small_classes": 32, "small_lines": None,
        "domains": [{"name": name, "pooled": name != "raw"} for name in ("raw", "mem", "obj")],
    }  # fmt: skip
    return join_page("synthetic", columns.text(document), "")


def measure(path: Path) -> tuple[float, list[float]]:
    """Milliseconds to the first painted frame, and those of each zoom."""
    with chromium.browser() as window:
        window.size(1400, 900)
        # The first page of a browser pays for the browser.
        window.do("POST", "/url", url="about:blank")
        window.open(path)
        window.open(path)
        first = window.run(FIRST)
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
    """Call trees of so many nodes."""
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as place:
        for count in map(int, nodes.split(",")):
            path = Path(place) / f"{count}.html"
            path.write_text(synthetic_page(count))
            say(f"{count:,} nodes", path)


@main.command()
@click.argument("captures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def captures(captures: tuple[Path, ...]) -> None:
    """The reports of these captures: how long they take to make, and how fast they are."""
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as place:
        for capture in captures:
            path = Path(place) / f"{capture.stem}.html"
            started = time.monotonic()
            command = [sys.executable, "-m", "memscope", "report", capture, "-o", path, "--force"]
            child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            took = time.monotonic() - started
            if status:
                raise click.ClickException(f"no report of {capture}")
            click.echo(f"{capture.stem:24} made in {took:.1f} s, {used.ru_maxrss / 1024:.0f} MiB")
            say(capture.stem, path)


if __name__ == "__main__":
    main()
