"""The terminal reports: what they show, how they fit, and that nothing in a capture breaks them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from capture import captures, writer
from capture.captures import APP, DECODE, FILL, LOAD, MAIN, PARSE, RAW_DECODE
from capture.graphs import with_snapshots
from capture.writer import CaptureWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import memscope
from memscope.analysis.ab import FIGURES, Printed, ab
from memscope.analysis.calltree import call_tree
from memscope.analysis.cohorts import find_cohorts
from memscope.analysis.compare import compare, read_run
from memscope.analysis.fragmentation import find_fragmentation
from memscope.analysis.gcpressure import find_gc_pressure
from memscope.analysis.growth import find_growth
from memscope.analysis.hotspots import GROUPS, find_hotspots
from memscope.analysis.lifetimes import find_lifetimes
from memscope.analysis.measures import BYS, Measures
from memscope.analysis.predictions import PREDICTED, PredictedAdvice, Saving
from memscope.analysis.sizeclasses import find_sizes
from memscope.analysis.summary import summarize
from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture
from memscope.reports.terminal import elements
from memscope.reports.terminal.ab import print_ab
from memscope.reports.terminal.cohorts import print_cohorts
from memscope.reports.terminal.compare import print_comparison
from memscope.reports.terminal.fragmentation import print_fragmentation
from memscope.reports.terminal.gc import print_gc
from memscope.reports.terminal.growth import print_growth
from memscope.reports.terminal.hotspots import print_hotspots
from memscope.reports.terminal.info import print_info
from memscope.reports.terminal.lifetimes import print_lifetimes
from memscope.reports.terminal.sizes import print_sizes
from memscope.reports.terminal.summary import print_summary
from memscope.reports.terminal.timeline import print_timeline
from memscope.reports.terminal.tree import print_tree

Draw = Callable[[Console, Capture], None]


def draw_hotspots(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    for by in BYS:
        for group in GROUPS:
            found = find_hotspots(measures, by=by, group=group)
            print_hotspots(console, found, capture, measures.stacks.origins)


def draw_tree(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    tree = call_tree(measures, threshold=0.001, imports=False)
    print_tree(console, tree, capture, measures.stacks.origins)


def draw_sizes(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    sizes = find_sizes(measures, by_site=True)
    print_sizes(console, sizes, capture, measures.stacks.origins, by_site=True)


def draw_lifetimes(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    for group in GROUPS:
        found = find_lifetimes(measures, group=group)
        print_lifetimes(console, found, capture, measures.stacks.origins)


def draw_fragmentation(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    found = find_fragmentation(measures)
    origins = measures.stacks.origins
    for moment in (None, *found.moments):
        print_fragmentation(console, found, moment, capture, origins, limit=0)


def draw_gc(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    print_gc(console, find_gc_pressure(measures), capture, measures.stacks.origins)


def draw_cohorts(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    print_timeline(console, memory_over_time(capture), capture)
    print_cohorts(console, find_cohorts(measures), measures.stacks.origins)


def draw_growth(console: Console, capture: Capture) -> None:
    measures = Measures(capture)
    print_growth(console, find_growth(measures), capture, measures.stacks.origins)


def draw_comparison(console: Console, capture: Capture) -> None:
    run = read_run(capture)
    print_comparison(console, compare([run], [run] * 2))
    empty = replace(run, sites={}, spots={}, places={}, figures=dict.fromkeys(run.figures, 0))
    print_comparison(console, compare([run] * 6, [empty] * 6))
    print_comparison(console, compare([empty], [run]))


def draw_ab(console: Console, capture: Capture) -> None:
    """Not about a capture: its odd texts and numbers are taken as those of two commands."""
    values = [float(number) for number in (*capture.totals.allocated_bytes, 0, 1, 2, 3)]
    predicted = dict.fromkeys(PREDICTED, Saving(-min(values), 0, max(values)))
    advice = PredictedAdvice(
        capture.meta.memscope, capture.meta.cwd, " ".join(capture.meta.command), predicted
    )
    columns = dict.fromkeys(FIGURES, values)
    command = ["python", *capture.meta.command]
    print_ab(console, ab(command, command, columns, columns, advice, printed=Printed(3, 3, None)))
    halves = {key: [value / 2 for value in values] for key in FIGURES}
    print_ab(console, ab(command, command, columns, halves, printed=Printed(3, 0, 1)))


REPORTS: dict[str, Draw] = {
    "summary": lambda console, capture: print_summary(console, summarize(capture)),
    "hotspots": draw_hotspots,
    "tree": draw_tree,
    "sizes": draw_sizes,
    "lifetimes": draw_lifetimes,
    "compare": draw_comparison,
    "cohorts": draw_cohorts,
    "fragmentation": draw_fragmentation,
    "gc": draw_gc,
    "growth": draw_growth,
    "timeline": lambda console, capture: print_timeline(
        console, memory_over_time(capture), capture
    ),
    "info": print_info,
}
# What may be longer than the screen: a command to copy.
UNCUT = ("next ",)


def drawn(draw: Draw, capture: Capture, width: int = 80, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    draw(console, capture)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.fixture
def shop(tmp_path: Path) -> Capture:
    return captures.load(captures.shop(), tmp_path)


def hostile() -> CaptureWriter:
    """Names with everything that could break a terminal, sizes and counts beyond all measure."""
    made = CaptureWriter(command=["\x1b[2J", "a\nb"], memscope="[red]", cwd="\x07", python="\x9b")
    names = ["\x1b]0;title\x07", "[bold]f[/bold]", "名前" * 40, "\u202eabc", "a\nb", "\udce9", ""]
    for number, name in enumerate(names):
        stack = [(name or "f", f"/{name}/x.py", 1 << 60)] * (number + 1)
        made.site(stack, size=1 << (8 * number), count=1 << number)
    made.sample(1 << 62, (1 << 60, 1 << 62, 0), resident=1 << 63, own=1 << 63)
    made.exit = {"status": None, "signal": 200, "wall_s": 1e18}
    made.meta["started"] = 1e18
    return made


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_fits_the_width(shop: Capture, name: str, width: int) -> None:
    for line in drawn(REPORTS[name], shop, width).splitlines():
        assert line.startswith(UNCUT) or cell_len(line.rstrip()) <= width, line


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [1, 10, 80])
def test_nothing_in_a_capture_breaks_the_terminal(tmp_path: Path, name: str, width: int) -> None:
    text = drawn(REPORTS[name], captures.load(hostile(), tmp_path), width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_will_do(shop: Capture, name: str, encoding: str) -> None:
    assert "memscope" in drawn(REPORTS[name], shop, encoding=encoding)


@pytest.mark.parametrize("name", REPORTS)
def test_an_empty_capture(tmp_path: Path, name: str) -> None:
    made = CaptureWriter()
    made.window_count = 0
    assert "memscope" in drawn(REPORTS[name], captures.load(made, tmp_path))


@pytest.mark.parametrize("name", REPORTS)
def test_a_cut_capture_says_that_it_is_partial(tmp_path: Path, name: str) -> None:
    whole = captures.shop().build()
    path = tmp_path / "cut.mscope"
    for length in (8, len(whole) // 2, len(whole) - 200):
        path.write_bytes(whole[:length])
        assert "partial" in drawn(REPORTS[name], memscope.load(path))


@pytest.mark.parametrize("name", REPORTS)
def test_a_sampled_capture_says_so(tmp_path: Path, name: str) -> None:
    made = captures.shop(mode="sampled", sample_bytes=65536)
    assert "sampled every 64 KiB" in drawn(REPORTS[name], captures.load(made, tmp_path))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("SourceLoader.source_to_code", "compiling modules: source_to_code:7"),
        ("FileLoader.get_data", "loading modules: get_data:7"),
        ("_compile_bytecode", "loading modules: _compile_bytecode:7"),
        ("_call_with_frames_removed", "compiling and loading modules"),
    ],
)
def test_the_import_system_is_told_in_words(tmp_path: Path, function: str, words: str) -> None:
    made = CaptureWriter()
    external = "<frozen importlib._bootstrap_external>"
    made.site([MAIN, (function, external, 7)], size=500, count=9, peak=9)
    capture = captures.load(made, tmp_path)
    measures = Measures(capture)
    assert words in drawn(REPORTS["hotspots"], capture)
    tree = call_tree(measures, threshold=0)
    shown = drawn(
        lambda console, held: print_tree(console, tree, held, measures.stacks.origins), capture
    )
    assert words in shown
    assert "_bootstrap_external" not in shown


CHILD = {"pid": 5, "parent": 1, "role": "spawned", "name": "git", "peak_resident_bytes": 1 << 20}
PROCESSES = {"forked": 2, "spawned": 1, "followed": 0, "replaced_by": "sh", "list": [CHILD]}


def test_no_partial_capture_is_called_exact(tmp_path: Path) -> None:
    path = tmp_path / "cut.mscope"
    made = captures.shop(format=2, objects=True)
    path.write_bytes(made.build(without=[writer.TOTALS, writer.END]))
    whole = captures.load(made, tmp_path)
    for name, draw in REPORTS.items():
        if name == "info":
            continue
        assert "exact" not in drawn(draw, memscope.load(path)).split("\n")[0], name
    told = drawn(REPORTS["summary"], memscope.load(path))
    assert re.search(r"^requested +up to ", told, re.MULTILINE), told
    assert not re.search(r"^requested +up to ", drawn(REPORTS["summary"], whole), re.MULTILINE)
    warnings = compare([read_run(whole)], [read_run(memscope.load(path))]).warnings
    said = f"{path} is partial: its peak is too low, and its requests may be too many"
    assert said in warnings
    assert not any("numbers are too low" in warning for warning in warnings)


@pytest.mark.parametrize("partial", [False, True])
def test_the_summary_fits_one_screen(tmp_path: Path, partial: bool) -> None:
    made = captures.shop()
    for line in range(100, 120):
        made.site([MAIN, ("f", APP, line)], size=500, count=line, peak=line)
    made.end |= {"dropped_events": 7, "processes": PROCESSES}
    path = tmp_path / "app.mscope"
    path.write_bytes(made.build(without=[writer.TOTALS, writer.LIFETIMES] if partial else []))
    lines = drawn(REPORTS["summary"], memscope.load(path)).splitlines()
    assert len(lines) <= 23, "24 with the prompt"


def test_the_summary_answers_the_first_questions(shop: Capture) -> None:
    text = drawn(REPORTS["summary"], shop)
    for said in (
        r"memscope +app.py --rows 1000 +exact$",
        r"^peak +\d+ KiB +at 1\.0 s of 2\.0 s, in 579 blocks",
        r"^resident +62 MiB +<1% of it tracked, without memscope's own 2\.0 MiB$",
        r"^not seen +62 MiB +62 MiB of unknown owner$",
        r"^allocated +139 KiB +in 1,385 allocations .* 37% short-lived",
        r"^at end +51 KiB +live in 521 blocks",
        r"● load +app\.py:10$",
        r"● fill +shop/cart\.py:20$|● Cart\.fill +shop/cart\.py:20$",
        r"the program ended with status 0 · waited 2 ms for the recorder \(2 times\)",
        r"^next → memscope advise .*app\.mscope",
    ):
        assert re.search(said, text, re.MULTILINE), f"{said}\n{text}"


def test_the_next_command_stays_whole_and_what_else_there_is_goes_first(shop: Capture) -> None:
    command = f"next → memscope advise {shop.path}"
    others = "  or report, hotspots, tree"
    for width, told in ((len(command + others), command + others), (60, command)):
        assert drawn(REPORTS["summary"], shop, width).splitlines()[-1] == told


def test_where_a_snapshot_tells_of_holders_the_next_commands_name_them(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.join(with_snapshots(captures.loop(), 3), writer.VERSIONS))
    with memscope.load(path) as capture:
        last = drawn(REPORTS["summary"], capture, 300).splitlines()[-1]
    assert last.endswith("app.mscope  or holders, report, hotspots, tree")


def test_what_native_recording_would_show_is_said(tmp_path: Path) -> None:
    told = {}
    for domains in (["raw", "mem", "obj"], ["raw", "mem", "obj", "native", "mapped"]):
        made = captures.shop()
        made.meta["domains"] = domains
        made.look([("heap", "", 100 << 20)], time_ns=1_000_000_000, live_bytes=1 << 20)
        text = drawn(REPORTS["summary"], captures.load(made, tmp_path), 300)
        told[len(domains)] = text.splitlines()[-1]
    assert re.search(r"app\.mscope  or run --native, to see \d+ MiB more$", told[3]), told
    assert "--native" not in told[5]


@pytest.mark.parametrize("width", [60, 68, 80])
def test_no_figures_are_cut_off_in_silence(shop: Capture, width: int) -> None:
    sizes = drawn(REPORTS["sizes"], shop, width)
    assert re.search(r"33-48 B .* 50 .*1\.6 KiB +50 +750 B$", sizes, re.MULTILINE), sizes
    lifetimes = drawn(REPORTS["lifetimes"], shop, width)
    assert re.search(r"blocks +share +so far$", lifetimes, re.MULTILINE)
    assert re.search(r"median.* (in time|median)$", lifetimes, re.MULTILINE)


def test_dropped_events_are_said_in_the_summary(tmp_path: Path) -> None:
    made = captures.shop()
    made.end["dropped_events"] = 12345
    text = drawn(REPORTS["summary"], captures.load(made, tmp_path))
    assert "partial: 12,345 events were dropped: all numbers are too low" in text


def test_own_code_is_told_by_sign_and_not_by_colour_alone(shop: Capture) -> None:
    measures = Measures(shop)
    found = find_hotspots(measures)
    text = drawn(
        lambda console, capture: print_hotspots(console, found, capture, measures.stacks.origins),
        shop,
    )
    assert re.search(r"● shop/cart\.py:20  (Cart\.)?fill", text)
    assert re.search(r"○ json/decoder\.py:353  (JSONDecoder\.)?raw_decode", text)
    assert re.search(r"for ● app\.py:10  load", text)


def test_a_stack_is_told_with_libraries_folded(shop: Capture) -> None:
    measures = Measures(shop)
    found = find_hotspots(measures, group="stack", limit=1)
    text = drawn(
        lambda console, capture: print_hotspots(console, found, capture, measures.stacks.origins),
        shop,
    )
    assert "<module>:3 → load:10 → ⋯ 1 frame of json" in text


def test_deep_recursion_stays_readable(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, *[("walk", APP, 5)] * 5000, DECODE, RAW_DECODE], count=9)
    made.site([MAIN, *[("walk", APP, 5)] * 100, LOAD, PARSE], count=9)
    capture = captures.load(made, tmp_path)
    text = drawn(REPORTS["tree"], capture)
    assert len(text.splitlines()) < 20
    assert "walk x100" in text
    assert "walk x4900" in text.replace(",", "")


def test_the_tree_says_what_it_cut(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, LOAD], size=64, count=10_000)
    made.site([MAIN, FILL], size=64, count=1)
    text = drawn(REPORTS["tree"], captures.load(made, tmp_path))
    assert "1 call below 0.10% is cut, 64 B together" in text


def test_sizes_say_where_rounding_is_not_known(tmp_path: Path) -> None:
    text = drawn(REPORTS["sizes"], captures.load(captures.shop(allocator="malloc"), tmp_path))
    assert "The allocator was malloc, not pymalloc" in text
    assert "rounding " not in text.replace("rounding is not modelled", "").replace(
        "rounding to its size classes", ""
    )
    assert "its rounding is not modelled" in text


def test_lifetimes_are_told_as_ranges(shop: Capture) -> None:
    text = drawn(REPORTS["lifetimes"], shop)
    for said in (
        r"^1,385 blocks, 62% released; 521 live at end$",
        r"^ +16-64 B +━+ +500 +58% +58%$",
        r"^ +<10 ms +━+ +4 +100% +100%$",
        r"^ +1,000 +80% .* 16-64 B +1-4 MiB *$",
        r"^ +○ json/decoder\.py:353  (JSONDecoder\.)?raw_decode  for ● app\.py:10  load$",
    ):
        assert re.search(said, text, re.MULTILINE), f"{said}\n{text}"


def test_lifetimes_that_were_cut_off_are_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(captures.shop().build(without=[writer.LIFETIMES]))
    assert "Lifetimes are missing" in drawn(REPORTS["lifetimes"], memscope.load(path))


def test_the_timeline_marks_the_peak_and_names_its_axes(shop: Capture) -> None:
    text = drawn(REPORTS["timeline"], shop)
    assert re.search(r"▼ peak \d+ KiB at 1\.0 s", text)
    assert "18 MiB │" in text
    assert "resident 62 MiB at most, without memscope's own 2.0 MiB" in text
    assert re.search(r"^ +0 .* 2\.0 s$", text, re.MULTILINE)


def test_info_tells_every_kind_of_frame(shop: Capture) -> None:
    shop.verify()
    text = drawn(REPORTS["info"], shop)
    for name in ("META", "STRINGS", "CODES", "NODES", "ROWS", "WINDOW", "TOTALS", "END", "EXIT"):
        assert re.search(rf"^{name} +\d", text, re.MULTILINE)
    assert "yes, every checksum was checked" in text
    assert re.search(r"older blocks +3 frees, 1 reallocation", text)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    position=st.floats(0, 1),
    flip=st.integers(1, 255),
    name=st.sampled_from(sorted(REPORTS)),
)
def test_damaged_captures_are_drawn_all_the_same(
    tmp_path: Path, position: float, flip: int, name: str
) -> None:
    data = bytearray(captures.shop().build())
    data[8 + int(position * (len(data) - 9))] ^= flip
    path = tmp_path / "bad.mscope"
    path.write_bytes(data)
    assert "memscope" in drawn(REPORTS[name], memscope.load(path))


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), name=st.sampled_from(sorted(REPORTS)))
def test_hostile_captures_whose_checksums_are_right(
    tmp_path: Path, data: st.DataObject, name: str
) -> None:
    frames = captures.shop().frames()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(frames) - 1))
        kind, payload = frames[place]
        changed = bytearray(payload)
        for _ in range(data.draw(st.integers(1, 5))):
            position = data.draw(st.integers(0, len(changed) - 1))
            changed[position] = data.draw(st.sampled_from([0, 1, 255]) | st.integers(0, 255))
        frames[place] = kind, bytes(changed)
    path = tmp_path / "hostile.mscope"
    path.write_bytes(writer.join(frames))
    try:
        capture = memscope.load(path)
    except memscope.MemscopeError as error:
        told = str(error)
    else:
        told = drawn(REPORTS[name], capture)
    assert told


@pytest.mark.parametrize("width", [1, 10, 40, 80, 140])
@pytest.mark.parametrize("make", [captures.shop, hostile])
def test_the_outcome_of_a_trial(
    tmp_path: Path, make: Callable[[], CaptureWriter], width: int
) -> None:
    text = drawn(draw_ab, captures.load(make(), tmp_path), width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert all(cell_len(line.rstrip()) <= width for line in text.splitlines())


def test_a_map_shows_each_arena_and_its_fullness(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=512, count=5000)
    mib = 1 << 20
    full = [(2, pool, 1, 32, 31) for pool in range(63)]
    made.survey([(4096 + place * mib, mib, 0) for place in range(3)], [(1, 5, 1, 32, 9), *full])
    text = drawn(draw_fragmentation, captures.load(made, tmp_path), 80)
    assert "1000 ·▁█" in text
    assert "3 arenas, 3.0 MiB" in text
    assert "2 less than half full, 1 of these empty" in text


def test_ten_thousand_arenas_fit_on_a_screen(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=512, count=5000)
    mib = 1 << 20
    arenas = [(4096 + place * mib, mib, 0) for place in range(10_000)]
    made.survey(arenas, [(place, 0, 1, 32, 31) for place in range(10_000)])
    text = drawn(draw_fragmentation, captures.load(made, tmp_path), 80)
    assert "to a sign" in text
    assert len(text.splitlines()) < 50


def test_estimated_and_exact_pauses_are_told_apart(tmp_path: Path) -> None:
    made = captures.shop()
    assert "an estimate from" in drawn(draw_gc, captures.load(made, tmp_path), 80)
    made.end["collections_ns"] = [1_000_000, 0, 0]
    exact = drawn(draw_gc, captures.load(made, tmp_path), 80)
    assert "as it timed itself" in exact
    assert "estimate" not in exact


def test_quadratic_growth_is_named(tmp_path: Path) -> None:
    text = drawn(draw_growth, captures.load(captures.shop(), tmp_path), 80)
    assert "steady steps: quadratic" in text


@pytest.mark.parametrize("character", ["x", ".", "长", "\u0301"])
def test_long_names_are_cut_in_a_few_looks(monkeypatch: pytest.MonkeyPatch, character: str) -> None:
    """A name of 64 KiB, looked at once for each of its characters, took a minute."""
    looks = 0

    def counted(text: str) -> int:
        nonlocal looks
        looks += 1
        return cell_len(text)

    monkeypatch.setattr(elements, "cell_len", counted)
    name = character * 50_000 + "." + "y" * 100
    for cut in (elements.cut_front, elements.cut_end):
        assert cell_len(cut(name, 40, elements.UNICODE)) in (39, 40)
    assert cell_len(elements.function_name(name, 40)) == 40
    assert looks < 100
