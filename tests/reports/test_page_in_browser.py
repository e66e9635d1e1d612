"""The report as people use it, in Chromium: it draws, zooms, searches, and calls nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from capture.captures import load, shop
from capture.writer import CaptureWriter
from reports import browser as chromium
from reports.browser import Browser

import memscope.capture
from memscope.reports.html import capture_page, difference_page

pytestmark = pytest.mark.skipif(bool(chromium.MISSING), reason=chromium.MISSING or "-")


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium.browser() as opened:
        opened.size(1300, 900)
        opened.do("POST", "/url", url="about:blank")
        yield opened


@pytest.fixture
def page(window: Browser, tmp_path: Path) -> Iterator[Browser]:
    """The shop's report, opened; nothing may be complained about and nothing asked for."""
    window.requests(), window.problems()
    path = tmp_path / "shop.html"
    path.write_text(capture_page(load(shop(), tmp_path)))
    window.open(path)
    yield window
    assert window.problems() == []
    assert window.requests() == [path.as_uri()]


def status(page: Browser) -> str:
    text = page.run("return document.getElementById('status').textContent")
    assert isinstance(text, str)
    return text


def run_and_settle(page: Browser, script: str, *arguments: str) -> None:
    page.run(script, *arguments)
    page.settle()


def choose(page: Browser, control: str, value: str) -> None:
    run_and_settle(
        page,
        "const c = document.getElementById(arguments[0]); c.value = arguments[1];"
        "c.dispatchEvent(new Event('change'))",
        control,
        value,
    )


def click(page: Browser, control: str) -> None:
    run_and_settle(page, "document.getElementById(arguments[0]).click()", control)


def first_row(page: Browser) -> str:
    text = page.run("return document.querySelector('#table tbody tr').textContent")
    assert isinstance(text, str)
    return text


def place_of(page: Browser, what: str) -> tuple[int, int, int, int]:
    left, top, width, height = page.run(
        "const b = document.getElementById(arguments[0]).getBoundingClientRect();"
        "return [b.left, b.top, b.width, b.height].map(Math.round)",
        what,
    )
    return left, top, width, height


def test_it_opens(page: Browser) -> None:
    assert page.run("return document.title") == "app.py --rows 1000 · memscope"
    assert page.run("return document.getElementById('sure').textContent") == "exact"
    assert status(page).startswith("all: 139 KiB, 100% of all")
    drawn = page.run(
        "const c = document.getElementById('frames');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "return new Set(new Uint32Array(d.buffer)).size"
    )
    assert drawn > 5


def test_the_frames_are_walked_with_the_keyboard(page: Browser) -> None:
    page.press("Down")
    assert status(page).startswith("<module>, app.py:3: 139 KiB")
    page.press("Down")
    assert status(page).startswith("load, app.py:10: 98 KiB, 70% of all; 39 KiB by itself")
    page.press("Right")
    assert status(page).startswith("Cart.fill, shop/cart.py:20:")
    page.press("Left", "Down")
    assert status(page).startswith("JSONDecoder.decode, json/decoder.py:337:")
    page.press("Up", "Up")
    assert status(page).startswith("<module>")


def test_zoom_and_back(page: Browser) -> None:
    left, top, width, _ = place_of(page, "frames")
    page.drag((left + 20, top + 55), (left + 20, top + 55))
    assert status(page).startswith("load, app.py:10:")
    # Zoomed, the frame is as wide as all of it.
    page.drag((left + width - 10, top + 55), (left + width - 10, top + 55))
    assert status(page).startswith("load, app.py:10:")
    page.press("Escape")
    assert status(page).startswith("all:")
    page.drag((left + width - 150, top + 55), (left + width - 150, top + 55))
    assert status(page).startswith("Cart.fill, shop/cart.py:20:")


def test_tables_follow_the_frame_and_frames_the_table(page: Browser) -> None:
    assert first_row(page).startswith("JSONDecoder.raw_decode")
    page.press("Down", "Down", "Right")
    assert first_row(page).startswith("Cart.fill")
    run_and_settle(page, "document.querySelector('#table tbody tr').click()")
    assert page.run("return document.querySelector('#table tr[aria-current]').textContent")
    click(page, "tab-sizes")
    assert first_row(page).startswith("33-48 B")
    run_and_settle(page, "document.querySelector('#table tbody tr').click()")
    assert page.run("return document.getElementById('size').value") == "3-3"
    click(page, "tab-lifetimes")
    assert first_row(page).startswith("all")


def test_advice_opens_below_its_line_and_shows_its_frames(window: Browser, tmp_path: Path) -> None:
    """Dictionaries that are all alike: the advice names the line, and says how to change it."""
    script = tmp_path / "rows.py"
    script.write_text("rows = [{'a': n, 'b': n, 'c': n, 'd': n} for n in range(60_000)]\n")
    recorded = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(tmp_path / "rows.mscope")]
    subprocess.run([*recorded, str(script)], check=True, cwd=tmp_path)
    with memscope.capture.load(tmp_path / "rows.mscope") as capture:
        path = tmp_path / "rows.html"
        path.write_text(capture_page(capture))
    window.open(path)
    click(window, "tab-advice")
    assert first_row(window).startswith("compact: a smaller shape")
    assert "rows.py:1" in first_row(window)
    shown = "const more = document.querySelector('#table details'); return more.{}"
    assert window.run(shown.format("open")) is False
    window.run("document.querySelector('#table summary').click()")
    assert window.run(shown.format("open")) is True
    assert "slots" in window.run(shown.format("querySelector('pre').textContent"))
    # Opening it chose nothing; the row does.
    assert window.run("return document.querySelector('#table tr[aria-current]')") is None
    run_and_settle(window, "document.querySelector('#table tr.link').click()")
    assert window.run("return document.querySelector('#table tr[aria-current]').textContent")
    assert window.problems() == []


def test_search_says_how_much_it_found(page: Browser) -> None:
    page.press("/", "^parse$")
    found = "document.getElementById('found').textContent"
    assert page.until(f"return {found}") == "2 frames, 12 KiB (8%)"
    page.press("Escape")
    assert page.run(f"return {found}") == ""


@pytest.mark.parametrize(
    ("by", "amount"),
    [("allocations", "1,385"), ("peak_bytes", "84 KiB"), ("live_bytes", "51 KiB"),
     ("short_lived", "510")],
)  # fmt: skip
def test_measures(page: Browser, by: str, amount: str) -> None:
    choose(page, "by", by)
    assert status(page).startswith(f"all: {amount},")


def test_filters_and_first_levels(page: Browser) -> None:
    choose(page, "domain", "1")
    assert status(page).startswith("all: 29 KiB")
    choose(page, "domain", "-1")
    choose(page, "imports", "out")
    assert status(page).startswith("all: 129 KiB")
    choose(page, "group", "domain")
    page.press("Down")
    assert status(page).startswith("obj domain: ")
    click(page, "reset")
    choose(page, "size", "33-252")
    assert status(page).startswith("all: 49 KiB")


def test_inverted(page: Browser) -> None:
    page.press("i", "Down")
    assert status(page).startswith("JSONDecoder.raw_decode, json/decoder.py:353: 59 KiB")
    page.press("Down")
    assert status(page).startswith("JSONDecoder.decode")


def test_internals_of_libraries_can_be_hidden(page: Browser) -> None:
    click(page, "internals")
    page.press("Down", "Down", "Down", "Down")
    assert status(page).startswith("JSONDecoder.decode, json/decoder.py:337: 59 KiB")


def test_a_stretch_of_time(page: Browser) -> None:
    left, top, width, height = place_of(page, "chart")
    middle = top + height // 2
    page.drag((left + width * 3 // 4, middle), (left + width * 7 // 8, middle))
    text = "document.getElementById('window-text').textContent"
    assert page.run(f"return {text}") == "1.0 s to 2.0 s, one window; 51 KiB live at its end."
    # In the writer's captures everything is allocated in the first of two windows.
    assert status(page).startswith("Nothing to show")
    page.run("document.getElementById('chart').focus()")
    page.press("Left")
    assert page.run(f"return {text}").startswith("0 ms to 1.0 s, one window")
    assert status(page).startswith("chosen time: 139 KiB")
    choose(page, "by", "live_bytes")
    assert status(page).startswith("chosen time: 84 KiB")
    click(page, "peak")
    assert status(page).startswith("all: 84 KiB")


def test_the_pointer_reads_the_values_of_a_moment(page: Browser) -> None:
    left, top, width, height = place_of(page, "chart")
    move = {"type": "pointerMove", "duration": 0, "y": top + height // 2}
    tip = "const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.textContent"
    # The last of the writer's points, at 2 s, and away from the chart again.
    for x, told in ((left + width - 12, "2.0 s"), (left + width - 12 - (width - 76) // 4, "1.5 s")):
        source = {"type": "pointer", "id": "mouse", "actions": [{**move, "x": x}]}
        page.do("POST", "/actions", actions=[source])
        assert page.until(tip).startswith(told)
    assert "66 KiB live: raw 24 B, mem 22 KiB, obj 44 KiB" in page.run(tip)
    assert "resident 20 MiB" in page.run(tip)
    away = {"type": "pointerMove", "duration": 0, "x": left, "y": top - 20}
    page.do("POST", "/actions", actions=[{"type": "pointer", "id": "mouse", "actions": [away]}])
    page.until(f"return !(() => {{ {tip} }})()")


def test_the_import_machinery_is_folded_until_asked_for(page: Browser) -> None:
    # The third callee of the module: a library's, through the machinery.
    page.press("Down", "Down", "Right", "Right")
    assert status(page).startswith("parse, yaml/loader.py:7: 10 KiB")
    choose(page, "imports", "all")
    assert status(page).startswith("<module>")
    page.press("Down", "Right", "Right")
    assert status(page).startswith("_find_and_load, importlib._bootstrap:1360: 10 KiB")


def accessible(page: Browser) -> list[tuple[str, str]]:
    """Roles and names, as the browser tells them to readers of the screen, in the page's order."""
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    known = {node["nodeId"]: node for node in nodes}
    found, pending = [], [nodes[0]]
    while pending:
        node = pending.pop()
        if not node.get("ignored"):
            found.append((node["role"]["value"], node.get("name", {}).get("value", "")))
        children = [known[child] for child in node.get("childIds", []) if child in known]
        pending += reversed(children)
    return found


def focused(page: Browser) -> str:
    name = page.run("const e = document.activeElement; return e.id || e.localName")
    assert isinstance(name, str)
    return name


def test_what_readers_of_the_screen_are_told(page: Browser) -> None:
    told = accessible(page)
    roles = [role for role, _ in told]
    for landmark in ("banner", "main", "toolbar", "tablist", "tabpanel", "table", "status"):
        assert roles.count(landmark) == 1, landmark
    assert [name for role, name in told if role == "region"] == [
        "Memory over time", "Flame graph", "Tables",
    ]  # fmt: skip
    acting = {"combobox", "button", "searchbox", "tab", "application", "region", "heading"}
    assert [role for role, name in told if role in acting and not name.strip()] == []
    assert [name for role, name in told if role == "columnheader"] == [
        "line", "allocated", "share", "allocations",
    ]  # fmt: skip
    # The table is the same data: each line by name, and nothing that is only drawn.
    assert any(
        name.startswith("JSONDecoder.raw_decode") for role, name in told if role == "rowheader"
    )
    page.press("Down")
    assert "<module>, app.py:3: 139 KiB" in " ".join(name for _, name in accessible(page))


def test_the_tab_key_goes_through_the_page_in_its_order(page: Browser) -> None:
    page.run("document.activeElement.blur()")
    passed: list[str] = []
    while len(passed) < 40:
        page.press("Tab")
        if (name := focused(page)) == "body":
            break
        passed.append(name)
    order = ["chart", "by", "peak", "invert", "search", "help", "flame", "tab-hotspots", "table"]
    assert [name for name in passed if name in order] == order
    # One stop for all the rows of the table, and it is the last.
    assert passed.index("tr") == len(passed) - 1


def test_rows_of_the_table_are_walked_and_chosen_with_the_keyboard(page: Browser) -> None:
    page.run("document.querySelector('#table tr[tabindex=\"0\"]').focus()")
    page.press("Down", "Enter")
    row = "document.querySelectorAll('#table tr.link')[1]"
    assert page.run(f"return {row} === document.activeElement")
    assert page.run(f"return {row}.getAttribute('aria-current')") == "true"
    page.press("Up", "Up")
    assert page.run("return document.querySelector('#table tr.link') === document.activeElement")
    # Walking the table leaves the flame where it was.
    assert status(page).startswith("all:")


def test_light_dark_and_help(page: Browser) -> None:
    background = "return getComputedStyle(document.documentElement).backgroundColor"
    page.media(prefers_color_scheme="light")
    light = page.run(background)
    page.press("t")
    assert page.run(background) != light
    page.press("t")
    assert page.run(background) == light
    page.press("?")
    assert page.run("return document.getElementById('keys').open") is True
    page.press("Escape")
    assert page.run("return document.getElementById('keys').open") is False


def test_paper_is_light_and_shows_no_controls(page: Browser) -> None:
    page.run("document.documentElement.dataset.theme = 'dark'")
    page.run(
        "addEventListener('beforeprint', () => {"
        "  window.printed = document.documentElement.dataset.theme; }, {once: true})"
    )
    page.do("POST", "/print", orientation="landscape")
    assert page.run("return window.printed") == "light"
    assert page.run("return document.documentElement.dataset.theme") == "dark"
    page.command("Emulation.setEmulatedMedia", media="print")
    try:
        shown = "return getComputedStyle(document.getElementById('{}')).display"
        assert page.run(shown.format("toolbar")) == "none"
        assert page.run(shown.format("extent")) == "none"
        assert place_of(page, "frames")[2] == place_of(page, "flame")[2]
    finally:
        page.command("Emulation.setEmulatedMedia", media="")


def test_narrow(page: Browser) -> None:
    page.size(400, 800)
    try:
        page.until("return innerWidth === 400")
        page.until("return document.documentElement.scrollWidth <= 400")
    finally:
        page.size(1300, 900)


def test_a_difference(window: Browser, tmp_path: Path) -> None:
    window.problems()
    new = shop()
    new.sites[1].allocated_bytes += 8192
    path = tmp_path / "difference.html"
    path.write_text(
        difference_page(load(shop(), tmp_path, "old.mscope"), load(new, tmp_path, "new.mscope"))
    )
    window.open(path)
    assert status(window).startswith("all: +8.0 KiB")
    assert first_row(window).startswith("loadapp.py+8.0 KiB")
    # What a difference does not have, it says.
    about = window.run("return document.getElementById('colours').textContent")
    assert "Time, source, advice and lifetimes are not shown" in about
    assert window.problems() == []


@pytest.mark.parametrize("sites", [0, 1])
def test_next_to_nothing(window: Browser, tmp_path: Path, sites: int) -> None:
    window.problems()
    made = CaptureWriter()
    for _ in range(sites):
        made.site([("</script><script>alert(1)</script>", "/home/me/app/a.py", 1)])
    path = tmp_path / "small.html"
    path.write_text(capture_page(load(made, tmp_path)))
    window.open(path)
    window.press("Down", "i", "Down", "Enter", "Escape")
    if sites:
        window.press("i", "Down")
        assert status(window).startswith("</script><script>alert(1)</script>, a.py:1: 64 B")
    else:
        assert status(window) == (
            "Nothing to show: nothing was allocated while memscope was recording."
        )
    assert window.problems() == []
