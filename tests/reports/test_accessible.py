"""axe-core, which knows what readers of the screen need, finds nothing to complain about."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from capture.captures import load, loop, shop
from reports import browser as chromium
from reports.browser import Browser

from memscope.reports.html.difference import difference_page
from memscope.reports.html.single import capture_page

pytestmark = pytest.mark.skipif(bool(chromium.MISSING), reason=chromium.MISSING or "-")


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def axe() -> str:
    package = importlib.util.find_spec("axe_core_python")
    if package is None or package.origin is None:
        pytest.skip("needs axe-core-python")
    return Path(package.origin).with_name("axe.min.js").read_text()


def violations(page: Browser, axe: str) -> list[str]:
    page.run(axe)
    page.run(
        "window.found = null;"
        "axe.run(document, {resultTypes: ['violations']}).then(told => { window.found = told; })"
    )
    found: dict[str, Any] = page.until("return window.found")
    assert len(found["passes"]) > 20, "it has looked"
    return [
        f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize(
    ("scheme", "width", "wanted"),
    [("light", 1280, ["capture", "difference"]), ("dark", 400, ["objects"])],
)
def test_every_tab(
    window: Browser, axe: str, tmp_path: Path, scheme: str, width: int, wanted: list[str]
) -> None:
    pages = {
        "capture": capture_page(load(shop(), tmp_path, "shop.mscope")),
        "objects": capture_page(load(loop(), tmp_path, "loop.mscope")),
        "difference": difference_page(
            load(shop(), tmp_path, "old.mscope"), load(shop(), tmp_path, "new.mscope")
        ),
    }
    window.media(prefers_color_scheme=scheme)
    window.size(width, 900)
    found = {}
    for name in wanted:
        path = tmp_path / f"{name}.html"
        path.write_text(pages[name])
        window.open(path)
        tabs = window.run("return [...document.querySelectorAll('[role=tab]')].map(tab => tab.id)")
        assert len(tabs) >= 2
        for tab in tabs:
            window.run("document.getElementById(arguments[0]).click()", tab)
            window.settle()
            found[name, tab] = violations(window, axe)
    assert {view: told for view, told in found.items() if told} == {}
