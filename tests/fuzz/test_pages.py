"""Reports on captures that an enemy made, in Chromium: no name becomes markup or runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from capture.writer import CaptureWriter
from fuzz.mutants import ATTRIBUTE, NAMES, TAG, mutant
from reports import browser as chromium
from reports.browser import Browser

import memscope
from memscope.reports.html.single import capture_page

pytestmark = pytest.mark.skipif(bool(chromium.MISSING), reason=chromium.MISSING or "-")

# What people do, so that everything that shows names shows them: tabs, rows, details, search.
LOOK_AROUND = """
for (const tab of document.querySelectorAll('[role=tab]')) tab.click();
for (const row of [...document.querySelectorAll('#table tr')].slice(0, 40)) row.click();
const search = document.getElementById('search');
search.value = 'e'; search.dispatchEvent(new Event('input'));
"""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium.browser() as opened:
        opened.size(1300, 900)
        opened.do("POST", "/url", url="about:blank")
        yield opened


def captures() -> Iterator[bytes]:
    made = CaptureWriter(command=list(NAMES), main=NAMES[0], cwd=NAMES[1])
    made.threads = [(100 + place, name, 0) for place, name in enumerate(NAMES, 1)]
    for place, name in enumerate(NAMES):
        made.site([(name, NAMES[-1 - place], place), ("leaf", name, 1)], size=1000 + place)
    yield made.build()
    yield from (mutant(seed)[0] for seed in range(8))


def test_names_stay_names(window: Browser, tmp_path: Path) -> None:
    shown = 0
    for number, data in enumerate(captures()):
        path = tmp_path / f"{number}.mscope"
        path.write_bytes(data)
        page = tmp_path / f"{number}.html"
        try:
            with memscope.load(path) as capture:
                page.write_text(capture_page(capture), errors="backslashreplace")
        except memscope.MemscopeError:
            continue
        window.requests(), window.problems()
        window.open(page)
        window.run(LOOK_AROUND)
        window.settle()
        assert window.run(f"return document.querySelectorAll('{TAG}, [{ATTRIBUTE}]').length") == 0
        assert window.problems() == []
        assert window.requests() == [page.as_uri()]
        shown += 1
    assert shown > 4
