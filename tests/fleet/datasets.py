"""Data sets to ask: runs of handmade captures, and those of the benchmark's plan."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from capture.captures import FILL, LOAD, MAIN, shop
from capture.writer import CaptureWriter

import memscope
from memscope.fleet.contents import RunContents, contents_of

ROOT = Path(__file__).parents[2]


def captures(place: Path, count: int = 3) -> list[Path]:
    paths = []
    for number in range(count):
        made = shop(
            pid=number,
            started=1_790_000_000.0 + 86_400 * number,
            labels={"service": "api" if number < 2 else "web/2", "version": f"1.{number}"},
        )
        made.exit = {"status": 0, "wall_s": 2.0, "cpu_s": 1.0, "peak_resident_bytes": 90 << 20,
                     "limit_bytes": 100 << 20, "limit_source": "cgroup"}  # fmt: skip
        paths.append(place / f"{number}.mscope")
        paths[-1].write_bytes(made.build())
    return paths


def program() -> CaptureWriter:
    """Forty lines of which each has some hundred kilobytes."""
    made = CaptureWriter(main="/home/me/app/app.py")
    for number in range(40):
        function, file, _ = (MAIN, LOAD, FILL)[number % 3]
        frame = (f"{function}_{number}", file, 100 * number + 5)
        made.site([MAIN, frame], size=1000, count=300, live=100, peak=200)
    return made


def base(place: Path) -> RunContents:
    path = place / "base.mscope"
    path.write_bytes(program().build())
    with memscope.load(path) as capture:
        return contents_of(capture)


def benchmark() -> ModuleType:
    """benchmarks/fleet.py, which makes runs and knows what is to be found in them."""
    name = "memscope_fleet_benchmark"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / "fleet.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
