"""Reading whole captures: what was written comes back, in whatever pieces it was written."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from capture import captures, writer
from capture.captures import loop, shop
from capture.writer import CaptureWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import memscope
from memscope.capture import Capture
from memscope.capture.model import TOTALS_COLUMNS, CodeFrame

APP = "/home/me/app/app.py"
MAIN = ("<module>", APP, 3)
LOAD = ("load", APP, 10)

frames = st.tuples(
    st.sampled_from(["f", "g", "C.method", "naïve", "caf\udce9"]),
    st.sampled_from([APP, "/usr/lib/python3.12/json/decoder.py", "<string>"]),
    st.integers(0, 5),
)
sites = st.fixed_dictionaries(
    {
        "stack": st.lists(frames, max_size=6),
        "size": st.integers(0, 600) | st.integers(0, 1 << 40),
        "count": st.integers(1, 1 << 20),
        "live": st.just(0) | st.just(1),
        "domain": st.sampled_from(["raw", "mem", "obj"]),
        "thread": st.integers(1, 3),
    }
)


def written(tmp_path: Path, data: bytes, name: str = "app.mscope") -> Capture:
    path = tmp_path / name
    path.write_bytes(data)
    return memscope.load(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sites, max_size=12), st.sampled_from([1, 2]))
def test_sites_come_back(tmp_path: Path, given_sites: list[dict[str, Any]], of_format: int) -> None:
    made = CaptureWriter(format=of_format)
    expected = [made.site(**site) for site in given_sites]
    capture = written(tmp_path, made.build())
    rows = capture.tables.rows
    for index, (site, told) in enumerate(zip(expected, given_sites, strict=True)):
        assert capture.tables.stack(rows.stack[index]) == tuple(map(CodeFrame._make, told["stack"]))
        assert (rows.domain[index], rows.size_class[index]) == (site.domain, site.size_class)
        for name in TOTALS_COLUMNS:
            assert getattr(capture.totals, name)[index] == getattr(site, name)
    assert len(rows.stack) == len(rows.type) == len(expected)
    assert capture.complete
    assert capture.notes == ()


def test_description_and_end(tmp_path: Path) -> None:
    made = CaptureWriter(command=["-m", "shop"], main="-m shop", allocator="malloc")
    made.site([MAIN, LOAD], size=100, count=10, live=4, peak=6)
    made.exit = {"status": None, "signal": 9, "peak_resident_bytes": 5, "a later key": {}}
    capture = written(tmp_path, made.build())
    assert capture.meta.command == ("-m", "shop")
    assert capture.meta.allocator == "malloc"
    assert capture.exit is not None
    assert (capture.exit.status, capture.exit.signal) == (None, 9)
    assert capture.end is not None
    assert capture.end.waits == 2
    assert capture.sums.total.peak_bytes == 600
    assert capture.sums.domains["obj"].live_bytes == 400
    assert capture.sums.domains["raw"].live_bytes == 0


def test_windows_timeline_lifetimes_threads(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=64, count=9, live=2, peak=5, lifetimes={(0, 1): 4, (1, 0): 3})
    made.site([LOAD], size=64, count=9, live=2, peak=5, thread=2, lifetimes={(0, 15): 1})
    made.threads.append((200, "worker", 0))
    made.sample(1_000, (1, 2, 3), highest=9, resident=4096, own=512)
    made.sample(3_000, (0, 0, 1), collecting=1)
    capture = written(tmp_path, made.build())
    windows = list(capture.windows())
    assert [list(window.row) for window in windows] == [[1, 2], [1, 2]]
    assert [sum(w.allocations) - sum(w.released) for w in windows] == [10, -6]
    assert windows[0].end_ns == windows[1].start_ns
    assert capture.timeline is not None
    assert list(capture.timeline.time_ns) == [1_000, 3_000]
    assert list(capture.timeline.max_live) == [9, 1]
    assert list(capture.timeline.collecting) == [0, 1]
    assert capture.lifetimes is not None
    assert list(capture.lifetimes.row) == [1, 1, 2]
    assert list(capture.lifetimes.count) == [4, 3, 1]
    assert [(thread.name, thread.is_main) for thread in capture.tables.threads] == [
        ("MainThread", True),
        ("worker", False),
    ]


def test_sampled_counters_are_divided(tmp_path: Path) -> None:
    made = CaptureWriter(mode="sampled", sample_bytes=65536)
    made.site([MAIN], size=64, count=3, live=1)
    capture = written(tmp_path, made.build())
    assert capture.meta.sampled
    assert list(capture.totals.allocations) == [3]
    assert capture.sums.total.allocated_bytes == 192
    assert [list(window.allocations) for window in capture.windows()] == [[3], [0]]


def test_events_come_frame_by_frame(tmp_path: Path) -> None:
    made = CaptureWriter(events=True)
    made.site([MAIN])
    told = made.frames()
    block = writer.table([1, 2], [2, 2], [1 << 47, 1 << 47], [0, 0], [64, 0], [2, 1])
    told[-1:-1] = [(writer.EVENTS, block), (writer.EVENTS, block)]
    blocks = list(written(tmp_path, writer.join(told)).events())
    assert [list(events.kind) for events in blocks] == [[1, 2], [1, 2]]
    assert list(blocks[0].address) == [1 << 47] * 2


def test_without_totals_the_windows_are_summed(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=64, count=90, live=2, peak=50)
    made.site([LOAD], size=1000, count=9, live=4, peak=5, domain="raw")
    whole = written(tmp_path, made.build())
    late = [writer.TOTALS, writer.EXIT, writer.END]
    cut = written(tmp_path, made.build(without=late), "cut.mscope")
    assert cut.totals.source == "windows"
    for name in ("allocations", "allocated_bytes", "released", "peak_blocks", "peak_bytes"):
        assert list(getattr(cut.totals, name)) == list(getattr(whole.totals, name)), name
    assert cut.sums.total.peak_bytes == whole.sums.total.peak_bytes
    assert cut.sums.domains["raw"].live_bytes == 4000
    assert cut.sums.duration_ns == 2_000_000_000
    assert not cut.complete
    assert any("windows" in note for note in cut.notes)


def test_requests_of_objects_without_totals_are_an_upper_bound(tmp_path: Path) -> None:
    made = CaptureWriter(format=2, objects=True)
    made.site([MAIN], size=64, count=90, live=2, peak=50)
    late = [writer.TOTALS, writer.EXIT, writer.END]
    whole = written(tmp_path, made.build())
    cut = written(tmp_path, made.build(without=late), "cut.mscope")
    assert (whole.requests_at_most, cut.requests_at_most) == (False, True)
    assert any("requests are at most these" in note for note in cut.notes)
    plain = CaptureWriter()
    plain.site([MAIN], size=64, count=90, live=2, peak=50)
    cut = written(tmp_path, plain.build(without=late), "plain.mscope")
    assert not cut.requests_at_most
    assert not any("at most" in note for note in cut.notes)


def test_totals_and_lifetimes_may_come_in_pieces(tmp_path: Path) -> None:
    made = CaptureWriter()
    for line in range(5):
        made.site([("f", APP, line)], count=line + 1, live=0, lifetimes={(0, 1): line + 1})
    pieces = []
    for kind, payload in made.frames():
        if kind == writer.TOTALS:
            columns = writer.columns_of([site.totals() for site in made.sites], 16)
            for part in (slice(0, 2), slice(2, 5)):
                pieces.append((kind, writer.table(*(column[part] for column in columns))))
        elif kind == writer.LIFETIMES:
            pieces.append((kind, writer.table([1, 1], [0, 0], [1, 1], [1, 2])))
            pieces.append((kind, writer.table([3, 1, 1], [0] * 3, [1] * 3, [3, 4, 5])))
        else:
            pieces.append((kind, payload))
    capture = written(tmp_path, writer.join(pieces))
    assert list(capture.totals.allocations) == [1, 2, 3, 4, 5]
    assert capture.lifetimes is not None
    assert list(capture.lifetimes.row) == [1, 2, 3, 4, 5]
    assert list(capture.lifetimes.count) == [1, 2, 3, 4, 5]
    assert capture.complete


def test_a_closed_capture_says_so(tmp_path: Path) -> None:
    with written(tmp_path, CaptureWriter().build()) as capture:
        pass
    with pytest.raises(memscope.MemscopeError, match="closed"):
        _ = capture.tables


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(CaptureWriter().build())
    told: list[tuple[int, int]] = []
    capture = memscope.load(path, progress=lambda done, size: told.append((done, size)))
    capture.verify()
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_growth_and_surveys(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=64, count=9)
    made.site([LOAD], size=30, count=9)
    made.grows([MAIN], links=20, copied=12_345, chains=2, steep=3, longest=11, largest=2_000)
    mib = 1 << 20
    arenas = [(0x7F0000001000, mib, 1), (0x7F0000101000, mib, 0), (0x7F0000501000, mib, 0)]
    low = [(0, 7, 1, 4, 5), (0, 7, 2, 4, 1), (2, 62, 2, 2, 8)]
    made.survey(arenas, low, moment=1, flags=0, time_ns=7, live=640, resident=5 << 20)
    made.survey(arenas[1:], [(0, 0, 1, 4, 9), (1, 3, 0, 32, 31)], live=600)
    capture = written(tmp_path, made.build())
    growth = capture.growth
    assert growth is not None
    assert capture.tables.stack(growth.stack[0]) == (CodeFrame(*MAIN),)
    assert (growth.chains[0], growth.links[0], growth.steep_links[0]) == (2, 20, 3)
    assert (growth.copied_bytes[0], growth.longest_chain[0]) == (12_345, 11)
    assert growth.largest_bytes[0] == 2_000
    first, second = capture.surveys
    assert (first.moment, first.counted, first.whole) == ("low", False, True)
    assert (first.time_ns, first.live_bytes, first.resident_bytes) == (7, 640, 5 << 20)
    columns = (first.arena_address, first.arena_bytes, first.arena_older)
    assert list(zip(*columns, strict=True)) == arenas
    held = (first.arena, first.pool, first.row, first.size_class, first.blocks)
    assert list(zip(*held, strict=True)) == low
    assert (second.moment, second.counted) == ("end", True)
    assert list(second.arena) == [0, 1]
    assert list(second.row) == [1, 0]
    assert capture.complete


def test_captures_without_growth_and_surveys(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=64)
    capture = written(tmp_path, made.build())
    assert capture.growth is None
    assert capture.surveys == ()
    assert capture.notes == ()


def test_a_survey_that_ran_out_of_memory_says_so(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.survey([(1 << 20, 1 << 20, 0)], [], flags=2)
    (survey,) = written(tmp_path, made.build()).surveys
    assert not survey.whole


@pytest.mark.parametrize("mode", ["exact", "sampled"])
def test_cohorts(tmp_path: Path, mode: str) -> None:
    made = CaptureWriter(mode=mode)
    made.site([MAIN], size=64, count=9)
    made.site([LOAD], size=30, count=9)
    unit = made.unit
    told = [(1, 0, 7, 3, 192), (1, 7, 9, 1, 64), (2, 0, 0, 9, 270)]
    made.born = [(row, start, end, n * unit, size * unit) for row, start, end, n, size in told]
    cohorts = written(tmp_path, made.build()).cohorts
    assert cohorts is not None
    columns = (cohorts.row, cohorts.from_ns, cohorts.until_ns, cohorts.blocks, cohorts.size_bytes)
    assert list(zip(*columns, strict=True)) == told


def test_a_capture_is_gone_when_nobody_has_it(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(shop().build())
    gc.disable()  # as `compare` does, which reads one capture after the other
    try:
        capture = memscope.load(path)
        assert len(capture.tables.nodes.parent) > 1
        assert capture.totals.live_bytes
        capture.close()
        left = weakref.ref(capture)
        del capture
        assert left() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("asked_before", [(), ("allocated_bytes",), ("released", "taken_in")])
def test_a_column_that_passes_is_the_one_that_is_kept(
    tmp_path: Path, asked_before: tuple[str, ...]
) -> None:
    path = tmp_path / "app.mscope"
    path.write_bytes(loop().build())
    with memscope.load(path) as kept, memscope.load(path) as passed:
        for name in asked_before:
            assert len(getattr(passed.totals, name)) == len(kept.tables.rows.stack)
        for name in (*TOTALS_COLUMNS, "live_blocks", "live_bytes"):
            for _ in range(2):
                assert list(passed.totals.passing(name)) == list(getattr(kept.totals, name)), name
        totals = kept.totals
        live = [
            allocated - released + taken - given
            for allocated, released, taken, given in zip(
                totals.allocated_bytes,
                totals.released_bytes,
                totals.taken_in_bytes,
                totals.handed_over_bytes,
                strict=True,
            )
        ]
        assert list(passed.totals.live_bytes) == live
        assert any(live)


@pytest.mark.parametrize(
    ("cost_ns", "waited_ns", "share"),
    [(100, 0, 0.1111), (6000, 6300, 6.0), (6000, 5500, 12.0), (1500, 0, 1.5), (0, 0, 0.0)],
    ids=["none waited for", "only waits", "most of it waits", "more than there was", "nothing"],
)
def test_what_recording_cost_is_told_also_where_the_program_waited(
    tmp_path: Path, cost_ns: int, waited_ns: int, share: float
) -> None:
    made = CaptureWriter(mode="budget", budget_ppm=10_000, sample_bytes=1 << 17)
    kept = {"share_ppm": 10_000, "cpu_ns": 1000, "cost_ns": cost_ns, "switches_ns": [5]}
    made.end = {"wait_ns": waited_ns, "budget": kept}
    end = captures.load(made, tmp_path).end
    assert end is not None
    assert end.budget is not None
    assert end.budget.cost_share == pytest.approx(share, abs=1e-4)
