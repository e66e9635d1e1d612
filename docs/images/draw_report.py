"""draw_report.py: records programs of this repository and draws their reports beside this file.

Needs Chromium and its driver, the repository installed with its tests, and sqlglot.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "reports"))
import browser as chromium  # noqa: E402  the client that the tests use

MEMSCOPE = [str(Path(sys.executable).with_name("memscope"))]  # the one that is installed


def report(directory: Path, name: str, *captures: Path) -> Path:
    page = directory / f"{name}.html"
    words = [*MEMSCOPE, "report", "-o", page, *captures]
    subprocess.run([str(word) for word in words], check=True)
    return page


def recorded(directory: Path, name: str, script: str) -> Path:
    capture = directory / f"{name}.mscope"
    words = [*MEMSCOPE, "run", "-q", "-o", str(capture), script]
    subprocess.run(words, check=True, cwd=ROOT)
    return capture


class Studio:
    """A browser that draws pages as they are after some keys and clicks."""

    def __init__(self, window: chromium.Browser) -> None:
        self.window = window

    def open(self, page: Path, height: int, *, dark: bool = False) -> chromium.Browser:
        self.window.size(1400, height)
        self.window.media(prefers_color_scheme="dark" if dark else "light")
        self.window.open(page)
        return self.window

    def click(self, what: str) -> None:
        self.window.run("document.querySelector(arguments[0]).click()", what)
        self.window.settle()

    def draw(self, name: str) -> None:
        painted = "return document.documentElement.dataset.painted"
        self.window.until(painted)
        Path(__file__).with_name(f"{name}.png").write_bytes(self.window.picture())


def main() -> None:
    with tempfile.TemporaryDirectory() as made, chromium.browser() as window:
        directory, studio = Path(made), Studio(window)
        sample = "sample_apps/chunked_reading"
        before = recorded(directory, "before", f"{sample}/before.py")
        after = recorded(directory, "after", f"{sample}/after.py")
        studio.open(report(directory, "one", before), 760)
        window.press("Down", "Down", "Down")
        studio.draw("report")
        studio.open(report(directory, "difference", before, after), 640)
        window.press("Down", "Down")
        studio.draw("report-difference")
        rows = recorded(directory, "rows", "sample_apps/dict_rows/before.py")
        studio.open(report(directory, "advice", rows), 820)
        studio.click("#tab-advice")
        studio.click("#table summary")
        studio.draw("report-advice")
        queries = recorded(directory, "queries", "benchmarks/programs/sql_parser.py")
        page = report(directory, "queries", queries)
        studio.open(page, 760, dark=True)
        window.press("/", "tokeniz")
        studio.draw("report-search")
        studio.open(page, 760)
        studio.click("#tab-sizes")
        window.press("i")
        window.run("document.getElementById('chart').focus()")
        window.press(*["Right"] * 20)
        studio.draw("report-time")


main()
