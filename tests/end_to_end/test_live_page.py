"""The page of `memscope run --serve`, in Chromium: it follows the program, stops, looks back."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from end_to_end.side_by_side import ENVIRONMENT, kill_all
from reports import browser as chromium
from reports.browser import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(chromium.MISSING), reason=chromium.MISSING or "-"),
]
PATIENCE_S = 120.0
STEP_MIB = 8
PROGRAM = f"""
import os, time
kept = []
def keep():
    kept.append(bytearray({STEP_MIB} << 20))
step = 0
while not os.path.exists("end"):
    if os.path.exists(f"go-{{step}}"):
        keep()
        open(f"kept-{{step}}", "w").close()
        step += 1
    time.sleep(0.01)
"""


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    place: Path
    process: subprocess.Popen[str]

    def go(self, step: int) -> None:
        """Have it keep more, and wait until it has."""
        (self.place / f"go-{step}").touch()
        until = time.monotonic() + PATIENCE_S
        while not (self.place / f"kept-{step}").exists() and time.monotonic() < until:
            time.sleep(0.01)

    def end(self) -> None:
        (self.place / "end").touch()
        assert self.process.wait(PATIENCE_S) == 0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, "-m", "memscope", "run", "-q", "--serve", ":0", "program.py"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = re.fullmatch(r"memscope: serving (http://\S+)\n", process.stderr.readline())
        assert said is not None
        yield Served(said[1], tmp_path, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            kill_all(process.pid)
        process.wait()


@pytest.fixture
def window() -> Iterator[Browser]:
    with chromium.browser() as opened:
        opened.size(1300, 900)
        yield opened


def painted(window: Browser, url: str) -> None:
    window.do("POST", "/url", url=url)
    window.until("return Boolean(document.documentElement.dataset.painted)")
    window.settle()


def until_live(window: Browser, mib: int) -> None:
    """Until the head of the page says that so much is live."""
    window.until(
        "return [...document.querySelectorAll('#facts div')].some(fact =>"
        " fact.textContent.startsWith('Live then') && fact.textContent.includes(arguments[0]))",
        f"{mib}" if mib >= 10 else f"{mib}.",
    )
    window.settle()


def press(window: Browser, text: str) -> None:
    window.run(
        "[...document.querySelectorAll('#live button')]"
        ".find(button => button.textContent === arguments[0]).click()",
        text,
    )


def test_it_follows_stops_and_looks_back(served: Served, window: Browser) -> None:
    served.go(0)
    painted(window, served.url)
    window.run(
        "const step = document.querySelector('#live select'); step.value = '2';"
        "step.dispatchEvent(new Event('change'))"
    )
    until_live(window, STEP_MIB)
    # What is chosen stays chosen: a measure, a frame, a tab.
    window.run(
        "const by = document.getElementById('by'); by.value = 'peak_bytes';"
        "by.dispatchEvent(new Event('change'))"
    )
    window.settle()
    window.run("document.getElementById('tab-types').click()")
    window.run("document.getElementById('flame').focus()")
    window.press("Down", "Down")
    chosen = window.run("return document.getElementById('status').textContent")
    assert "keep" in chosen
    served.go(1)
    until_live(window, 2 * STEP_MIB)
    after = window.run("return document.getElementById('status').textContent")
    assert "keep" in after
    assert after != chosen  # other figures of the same frame
    assert window.run("return document.getElementById('by').value") == "peak_bytes"
    tab = "return document.querySelector('#tabs [aria-selected=true]').id"
    assert window.run(tab) == "tab-types"
    # The first moment of all, and it stays.
    window.run(
        "const range = document.querySelector('#live input'); range.value = '0';"
        "range.dispatchEvent(new Event('input'))"
    )
    until_live(window, STEP_MIB)
    assert window.run("return document.documentElement.dataset.live") == "stopped"
    press(window, "Follow")
    until_live(window, 2 * STEP_MIB)
    assert window.problems() == []
    asked = [url for url in window.requests() if url.startswith("http")]
    assert set(asked) == {f"{served.url}/", f"{served.url}/report/data"}
    # It has nobody to ask any more, says so, and shows what it was told last.
    served.end()
    window.until("return document.querySelector('#live output').textContent.includes('Nobody')")
    until_live(window, 2 * STEP_MIB)


def test_the_report_of_now_is_a_page_by_itself(served: Served, window: Browser) -> None:
    """A program's words are text in it, whatever they are; and it asks for nothing."""
    served.go(0)
    painted(window, f"{served.url}/report")
    until_live(window, STEP_MIB)
    assert window.problems() == []
    asked = [url for url in window.requests() if url.startswith("http")]
    assert asked == [f"{served.url}/report"]
    served.end()
