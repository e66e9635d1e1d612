"""The report as people use it, in Chromium: it draws, zooms, searches, and calls nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from capture.captures import load, loop, shop
from capture.writer import CaptureWriter
from end_to_end.recorded import CAPTURE, run_source
from reports import browser as chromium
from reports.browser import Browser

import memscope.capture
from memscope.reports.html.difference import difference_page
from memscope.reports.html.single import capture_page

pytestmark = pytest.mark.skipif(bool(chromium.MISSING), reason=chromium.MISSING or "-")


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium.browser() as opened:
        opened.size(1300, 900)
        opened.do("POST", "/url", url="about:blank")
        yield opened


@pytest.fixture
def opened(window: Browser, tmp_path: Path) -> Iterator[Browser]:
    """The shop's report; nothing may be complained about and nothing asked for."""
    window.requests(), window.problems()
    path = tmp_path / "shop.html"
    path.write_text(capture_page(load(shop(), tmp_path)))
    window.open(path)
    yield window
    assert window.problems() == []
    assert window.requests() == [path.as_uri()]


@pytest.fixture
def page(opened: Browser) -> Browser:
    """The same, showing what was allocated."""
    choose(opened, "by", "allocated_bytes")
    return opened


def status(page: Browser) -> str:
    text = page.run("return document.getElementById('status').textContent")
    assert isinstance(text, str)
    return text


def run_and_settle(page: Browser, script: str, *arguments: str | int) -> None:
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


def test_it_opens_on_the_peak(opened: Browser) -> None:
    page = opened
    assert page.run("return document.getElementById('by').value") == "peak_bytes"
    assert page.run("return document.title") == "app.py --rows 1000 · memscope"
    assert page.run("return document.getElementById('sure').textContent") == "exact"
    assert status(page).startswith("all: 84 KiB, 100% of all")
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


HOLDS = """
class Order:
    def __init__(self, number):
        self.text = "order %d" % number
class Cache:
    def __init__(self):
        self.entries = {}
cache, log = Cache(), []
def fill():
    for number in range(2000):
        cache.entries[number] = [Order(number)]
def note():
    log.extend("line %d" % number for number in range(2000))
fill()
note()
"""
MARKED = "return document.querySelectorAll('#table tr[aria-current]').length"


@pytest.fixture
def held(window: Browser, tmp_path: Path) -> Iterator[Browser]:
    """The page of a program with a snapshot, at its tab of holders."""
    run_source(tmp_path, HOLDS, "-q", "--snapshot")
    path = tmp_path / "held.html"
    path.write_text(capture_page(memscope.capture.load(tmp_path / CAPTURE)))
    window.requests(), window.problems()
    window.open(path)
    click(window, "tab-holders")
    yield window
    assert window.problems() == []


def test_a_holder_shows_the_lines_that_made_what_it_keeps(held: Browser) -> None:
    assert first_row(held).startswith("__main__.cache.entries")
    run_and_settle(held, "document.querySelector('#table tr.link').click()")
    text = held.run("return document.querySelector('#table .holder').textContent")
    assert "__main__.cache.entries" in text
    assert "module __main__" in text
    assert first_row(held).startswith("fill")
    assert "Order.__init__" in held.run("return document.getElementById('table').textContent")
    # Of its lines one can be chosen, and what it keeps can be entered.
    run_and_settle(held, "document.querySelector('#table tr.link').click()")
    assert held.run(MARKED) == 1
    run_and_settle(held, "[...document.querySelectorAll('#table tr.link')].at(-1).click()")
    entered = held.run("return document.querySelector('#table .holder h2').textContent")
    assert entered.startswith("__main__.cache.entries")
    assert entered != "__main__.cache.entries"


def test_a_line_shows_the_holders_of_what_it_made(held: Browser) -> None:
    click(held, "tab-hotspots")
    rows = "return [...document.querySelectorAll('#table tr.link')].map((row) => row.textContent)"
    place = next(at for at, row in enumerate(held.run(rows)) if row.startswith("note.<locals>"))
    run_and_settle(held, "document.querySelectorAll('#table tr.link')[arguments[0]].click()", place)
    click(held, "tab-holders")
    assert [row.split("module")[0] for row in held.run(rows)] == ["__main__.log"]
    click(held, "reset")
    assert len(held.run(rows)) > 2


def test_holders_are_walked_with_the_keyboard(held: Browser) -> None:
    name = "return document.querySelector('#table .holder h2')?.textContent ?? ''"
    held.run("document.querySelector('#table .icicle').focus()")
    held.press("Down")
    held.settle()
    assert held.run(name) == "__main__.cache.entries"
    held.until("return document.activeElement.classList.contains('icicle')")
    held.press("Down")
    held.settle()
    assert held.run(name) == "__main__.cache.entries[…]"
    held.until("return document.activeElement.classList.contains('icicle')")
    held.press("Escape")
    held.settle()
    assert held.run(name) == ""


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
    assert "resident 18 MiB" in page.run(tip)
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


def test_paper_has_a_table_that_was_still_to_come(page: Browser) -> None:
    rows = page.run(
        "document.getElementById('table').replaceChildren();"
        "dispatchEvent(new Event('beforeprint'));"
        "const rows = document.querySelectorAll('#table tbody tr').length;"
        "dispatchEvent(new Event('afterprint'));"
        "return rows"
    )
    assert rows > 0


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
    rows = window.run("return document.querySelectorAll('#table tbody tr').length")
    assert rows == 1, "functions that are as they were are left out"
    assert "The others are as they were." in text_of(window, "table")
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


def loop_page(window: Browser, tmp_path: Path) -> Browser:
    """The report of the loop whose objects stand at another line than their blocks' requests."""
    path = tmp_path / "loop.html"
    path.write_text(capture_page(load(loop(), tmp_path)))
    window.open(path)
    return window


def text_of(page: Browser, control: str) -> str:
    text = page.run("return document.getElementById(arguments[0]).textContent", control)
    assert isinstance(text, str)
    return text


def is_hidden(page: Browser, control: str) -> bool:
    hidden = page.run("return document.getElementById(arguments[0]).hidden", control)
    assert isinstance(hidden, bool)
    return hidden


def types_shown(page: Browser) -> dict[str, list[str]]:
    rows = page.run(
        "return [...document.querySelectorAll('#table tbody tr')].map(row =>"
        " [row.querySelector('.site-name'), row.querySelector('.site-place'),"
        " ...[...row.cells].slice(1)].map(cell => cell.textContent))"
    )
    return {name: cells for name, *cells in rows}


def test_each_view_says_whether_it_is_of_requests_or_of_objects(
    window: Browser, tmp_path: Path
) -> None:
    page = loop_page(window, tmp_path)
    choose(page, "by", "allocated_bytes")
    assert text_of(page, "basis") == "What was requested, at the line that asked for it."
    assert "Lines that asked for memory" in text_of(page, "table")
    choose(page, "by", "live_bytes")
    assert text_of(page, "basis") == "Live memory, at the line that made the objects in it."
    assert "Lines that made objects" in text_of(page, "table")
    assert window.problems() == []


def test_types_are_a_level_below_the_lines(window: Browser, tmp_path: Path) -> None:
    page = loop_page(window, tmp_path)
    choose(page, "by", "live_bytes")
    page.run("document.getElementById('flame').focus()")
    click(page, "types")
    page.run("document.getElementById('flame').focus()")
    page.press("Down", "Down")
    assert status(page).startswith("keys of dict, app.py:5: 864 B, 51% of all")
    page.press("Right")
    assert status(page).startswith("dict, app.py:5: 576 B, 34% of all")
    assert "your code" in text_of(page, "card")
    click(page, "tab-types")
    assert list(types_shown(page)) == ["dict"], "the table is of the frame that is chosen"
    click(page, "reset")
    assert page.run("return document.getElementById('types').ariaPressed") == "false"
    assert window.problems() == []


def test_the_table_of_types_chooses_one(window: Browser, tmp_path: Path) -> None:
    page = loop_page(window, tmp_path)
    choose(page, "by", "live_bytes")
    click(page, "tab-types")
    shown = types_shown(page)
    assert list(shown)[:2] == ["keys of dict", "dict"]
    assert shown["dict"] == ["34%", "576 B", "576 B", "640 B", "199 reused"]
    assert shown["kept by the interpreter for reuse"][0] == "4%, nobody's"
    run_and_settle(page, "document.querySelectorAll('#table tbody tr')[1].click()")
    assert status(page).startswith("all: 576 B")
    assert page.run("return document.getElementById('type').selectedOptions[0].text") == "dict"
    choose(page, "by", "allocated_bytes")
    assert status(page).startswith("all: 640 B")
    choose(page, "type", "-1")
    choose(page, "group", "type")
    page.run("document.getElementById('flame').focus()")
    page.press("Down")
    assert status(page).startswith("keys of dict: 864 B")
    assert window.problems() == []


def test_what_is_kept_for_reuse_is_nobodys(window: Browser, tmp_path: Path) -> None:
    page = loop_page(window, tmp_path)
    choose(page, "by", "live_bytes")
    page.run("document.getElementById('flame').focus()")
    page.press("Down", "Right")
    assert status(page).startswith("<kept by the interpreter for reuse>: 64 B")
    assert "nobody's: free lists of the interpreter" in text_of(page, "card")


def test_a_stretch_of_time_with_objects(window: Browser, tmp_path: Path) -> None:
    made = loop()
    for number in range(3):
        made.sample(number * 1_000_000_000, (0, 864, 832))
    path = tmp_path / "loop.html"
    path.write_text(capture_page(load(made, tmp_path)))
    window.open(path)
    choose(window, "by", "live_bytes")
    whole = status(window)
    window.run("document.getElementById('chart').focus()")
    window.press("Left")
    assert status(window).startswith(whole.partition(",")[0].replace("all", "chosen time"))
    click(window, "tab-types")
    assert types_shown(window)["dict"][-1] == "-", "windows do not tell how many were made"
    assert window.problems() == []


def test_without_objects_the_page_is_as_it_was(page: Browser) -> None:
    assert all(is_hidden(page, control) for control in ("basis", "type-label", "types"))
    assert not page.run("return document.getElementById('tab-types')")
    assert "type" not in page.run(
        "return [...document.getElementById('group').options].map(option => option.value)"
    )
    assert "your code" in text_of(page, "colours")
    assert "Green" not in text_of(page, "colours")


def test_a_difference_of_types(window: Browser, tmp_path: Path) -> None:
    new = loop()
    new.site([("<module>", "/home/me/app/app.py", 5)], size=96, count=20, domain="mem", type=2)
    path = tmp_path / "difference.html"
    captures = [load(made, tmp_path, f"{n}.mscope") for n, made in enumerate((loop(), new))]
    path.write_text(difference_page(*captures))
    window.open(path)
    choose(window, "by", "live_bytes")
    click(window, "tab-types")
    shown = types_shown(window)
    changed = [cells[1] for cells in shown.values() if cells[1] != "±0 B"]
    assert changed == ["+1.9 KiB"]
    assert window.problems() == []


@pytest.mark.parametrize("width", [400, 800, 1400])
def test_types_fit_any_width(window: Browser, tmp_path: Path, width: int) -> None:
    window.size(width, 900)
    try:
        page = loop_page(window, tmp_path)
        click(page, "types")
        click(page, "tab-types")
        wide, room = page.run(
            "const t = document.getElementById('table');"
            "return [document.documentElement.scrollWidth, t.scrollWidth - t.clientWidth]"
        )
        assert wide <= width
        assert room <= 0
    finally:
        window.size(1300, 900)


def test_hotspots_of_a_large_tree_are_lines(
    window: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "return [...document.querySelectorAll('#table tbody tr')].map((row) => row.textContent)"

    def hotspots(name: str) -> list[str]:
        path = tmp_path / name
        path.write_text(capture_page(load(shop(), tmp_path)))
        window.open(path)
        click(window, "tab-hotspots")
        found: list[str] = window.run(rows)
        return found

    whole = hotspots("whole.html")
    monkeypatch.setattr("memscope.analysis.flame.MOST_CALLS", 2)
    monkeypatch.setattr("memscope.analysis.flame.SMALL_SHARE", 0.3)
    assert hotspots("pruned.html") == whole
    # Within a frame only the tree knows, and says what it does not.
    window.run("document.activeElement.blur()")
    window.press("Down")
    within = window.run(rows)
    assert within != whole
    assert any(row.startswith("(small frames)") for row in within)
    choose(window, "domain", "0")
    choose(window, "by", "allocations")
    assert window.problems() == []
