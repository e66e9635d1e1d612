"""Comparisons: exact where figures are exact, by rank where they are noise, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import APP, FILL, LOAD, MAIN, PARSE
from capture.writer import CaptureWriter

from memscope.analysis.changes import Change, Sample, change, undecidable
from memscope.analysis.compare import Comparison, Run, compare, read_run, verdict
from memscope.analysis.limits import parse_growth_limits


def run(made: CaptureWriter, tmp_path: Path, group: str = "line") -> Run:
    with captures.load(made, tmp_path) as capture:
        return read_run(capture, group)  # type: ignore[arg-type]


def counted(old: list[float], new: list[float]) -> Change:
    return Change("counted", Sample(tuple(old)), Sample(tuple(new)))


def measured(old: list[float], new: list[float]) -> Change:
    return Change("measured", Sample(tuple(old)), Sample(tuple(new)))


def both(old: CaptureWriter, new: CaptureWriter, tmp_path: Path, **how: object) -> Comparison:
    return compare([run(old, tmp_path)], [run(new, tmp_path)], **how)  # type: ignore[arg-type]


def test_the_same_capture_has_not_changed(tmp_path: Path) -> None:
    made = captures.shop()
    made.exit = {"status": 0, "cpu_s": 2.0, "peak_resident_bytes": 24 << 20}
    found = both(made, made, tmp_path)
    assert found.verdict == "unchanged"
    assert found.sites == ()
    assert (found.changed_count, found.sites_count) == (0, 5)
    assert all(item.delta == 0 for item in found.totals.values())
    assert found.warnings == ()


def test_what_was_not_seen_may_have_changed_all_the_same(tmp_path: Path) -> None:
    new = captures.shop()
    new.exit = {"status": 0, "peak_resident_bytes": 300 << 20}
    new.end["processes"] = {"forked": 2, "spawned": 0, "followed": 0, "list": []}
    found = both(new, new, tmp_path)
    assert found.verdict == "unchanged"
    assert "100% of resident memory was not tracked, and shows in no line" in found.warnings[0]
    assert "2 processes of it were not recorded" in found.warnings[1]


def test_a_site_that_changed(tmp_path: Path) -> None:
    new = captures.shop()
    new.site([MAIN, LOAD], size=4000, count=5, live=0)
    found = both(captures.shop(), new, tmp_path)
    (site,) = found.sites
    assert (site.site.file, site.site.line, site.status) == ("app.py", LOAD[2], "both")
    item = site.measures["allocations"]
    assert (item.old.median, item.new.median, item.delta) == (10, 15, 5)
    assert found.totals["allocated_bytes"].delta == 20_000
    assert found.verdict == "worse"
    assert both(new, captures.shop(), tmp_path).verdict == "better"


def test_sites_come_and_go(tmp_path: Path) -> None:
    old, new = CaptureWriter(), CaptureWriter()
    old.site([MAIN, LOAD], size=100)
    new.site([MAIN, FILL], size=100)
    found = both(old, new, tmp_path)
    assert {(site.site.line, site.status) for site in found.sites} == {
        (LOAD[2], "removed"), (FILL[2], "added"),
    }  # fmt: skip
    assert found.verdict == "unchanged", "as much as before"


def test_a_function_moved_down_and_the_program_was_renamed(tmp_path: Path) -> None:
    old = CaptureWriter()
    old.first_lines["load"] = 8
    old.site([MAIN, LOAD], size=100, count=3)
    new = CaptureWriter(main="/home/me/app/better.py")
    new.first_lines["load"] = 28
    new.site([MAIN, ("load", "/home/me/app/better.py", 30)], size=100, count=2)
    (site,) = both(old, new, tmp_path).sites
    assert (site.site.file, site.site.line) == ("better.py", 30)
    assert site.old_site is not None
    assert (site.old_site.file, site.old_site.line) == ("app.py", 10)
    assert site.measures["allocations"].delta == -1


def test_the_same_program_in_another_place_is_the_same(tmp_path: Path) -> None:
    old, new = CaptureWriter(), CaptureWriter(cwd="/srv/app", main="/srv/app/app.py")
    old.site([MAIN, FILL], size=100)
    new.site(
        [("<module>", "/srv/app/app.py", 3), ("Cart.fill", "/srv/app/shop/cart.py", 20)], size=100
    )
    assert both(old, new, tmp_path).changed_count == 0


@pytest.mark.parametrize("group", ["function", "file"])
def test_groups(tmp_path: Path, group: str) -> None:
    old, new = CaptureWriter(), CaptureWriter()
    old.site([MAIN, ("f", APP, 10)], size=10, count=2)
    new.site([MAIN, ("f", APP, 11)], size=10, count=5)
    (site,) = compare(
        [run(old, tmp_path, group)],
        [run(new, tmp_path, group)],
        group=group,  # type: ignore[arg-type]
    ).sites
    assert site.status == "both"
    assert site.measures["allocations"].delta == 3


def test_what_is_counted_is_compared_exactly() -> None:
    assert counted([1000], [1002]).significant
    assert not counted([10**7], [10**7 + 3]).significant, "a few blocks in millions are no change"
    assert counted([10**7], [10**7 + 3]).shown
    assert not counted([1000, 1010], [1005, 1020]).significant, "the runs overlap"
    assert counted([1000, 1010], [1015, 1020]).significant
    assert counted([1000] * 4, [900] * 4).p == pytest.approx(2 / 70)
    assert not counted([1000, 1001, 1002, 1003], [1000, 1001, 1002, 1004]).significant


def test_what_is_measured_needs_runs() -> None:
    assert measured([1.0, 1.1, 1.2], [9.0, 9.1, 9.2]).p is None
    assert not measured([1.0, 1.1, 1.2], [9.0, 9.1, 9.2]).significant
    assert measured([1.0, 1.1, 1.2, 1.3], [9.0, 9.1, 9.2, 9.3]).significant
    assert not measured([1.0, 1.1, 1.2, 9.9], [1.05, 1.15, 1.25, 1.3]).significant


def test_the_verdict_is_about_what_matters() -> None:
    half_a_percent = measured([1000, 1001, 1002, 1003], [1005, 1006, 1007, 1008])
    assert half_a_percent.significant
    assert verdict([half_a_percent]) == "unchanged"
    less, more = counted([10], [5]), measured([1, 1, 1, 1], [2, 2, 2, 2])
    assert verdict([half_a_percent, less]) == "better"
    assert verdict([less, more]) == "mixed"
    assert verdict([more]) == "worse"


def test_the_verdict_passes_over_little_that_is_left(tmp_path: Path) -> None:
    def left(count: int, live: int) -> CaptureWriter:
        made = CaptureWriter()
        made.site([MAIN, LOAD], size=100, count=count, peak=count, live=0)
        made.site([MAIN, PARSE], size=10, count=live, live=live)
        return made

    old, less = left(50_000, 20), left(20_000, 22)
    found = both(old, less, tmp_path)
    assert found.totals["live_bytes"].delta == 20, "it is listed"
    assert found.verdict == "better"
    assert both(left(50_000, 20), left(20_000, 900), tmp_path).verdict == "mixed"


def test_several_runs_of_each(tmp_path: Path) -> None:
    def several(wall: float, live: int) -> list[Run]:
        runs = []
        for number in range(4):
            made = CaptureWriter()
            made.site([MAIN, LOAD], size=100, count=50, live=live)
            if number == 3:
                made.site([MAIN, PARSE], size=10)
            made.exit = {"status": 0, "wall_s": wall + number / 10, "cpu_s": 1.0 + number / 10}
            runs.append(run(made, tmp_path))
        return runs

    found = compare(several(1, 5), several(2, 6), by="live_blocks")
    assert found.totals["wall_s"].significant
    assert found.totals["cpu_s"].p == 1
    assert found.totals["wall_s"].old.median == pytest.approx(1.15)
    (site,) = found.sites
    assert site.measures["live_blocks"].old.values == (5, 5, 5, 5)
    assert found.sites_count == 2


def test_a_sampled_capture_shows_nothing_alone(tmp_path: Path) -> None:
    sampled = {"mode": "sampled", "sample_bytes": 4096}
    old, new = CaptureWriter(**sampled), CaptureWriter(**sampled)
    old.site([MAIN, LOAD], size=100, count=50)
    new.site([MAIN, LOAD], size=100, count=90)
    found = both(old, new, tmp_path)
    assert found.verdict == "unchanged"
    assert any("estimates" in warning for warning in found.warnings)


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    old, new = captures.shop(python="3.11.7"), captures.shop(python="3.13.0", imports=False)
    new.end["complete"] = False
    told = "\n".join(both(old, new, tmp_path).warnings)
    for part in ("3.11.7 and 3.13.0", "partial", "--no-imports"):
        assert part in told


def test_a_figure_that_a_side_lacks_is_left_out() -> None:
    assert change("measured", [1.0, None], [None]) is None
    found = change("measured", [1.0, None], [2.0])
    assert found is not None
    assert found.old.values == (1.0,)


FIGURES = {"peak": ("peak_bytes", "bytes"), "allocations": ("n", "count"), "cpu": ("c", "seconds")}


@pytest.mark.parametrize(
    ("text", "old", "new", "passed"),
    [
        ("peak:5%", 1000, 1050, False),
        ("peak:5%", 1000, 1051, True),
        ("peak:5%", 1000, 10, False),
        ("peak:1KiB", 1000, 2024, False),
        ("peak:1k", 1000, 2025, True),
        ("peak:0%", 10**9, 10**9 + 1, True),
        ("peak:5%", 0, 1, True),
        ("peak:10%+4KB", 1000, 1000 + 100 + 4096, False),
        ("peak:10%+4KB", 1000, 1000 + 100 + 4097, True),
        ("peak:0%+0B", 1000, 1001, True),
        ("peak: 2.5 % + 1.5 KiB", 0, 1536, False),
        ("peak:10%+4KB", 0, 4097, True),
    ],
)
def test_limits(text: str, old: float, new: float, passed: bool) -> None:
    (limit,) = parse_growth_limits(text, FIGURES)  # type: ignore[arg-type]
    assert counted([old], [new]).passes(limit) is passed


def test_a_limit_that_nothing_could_pass_is_found() -> None:
    limits = parse_growth_limits("cpu:5%", FIGURES)  # type: ignore[arg-type]
    assert "4 runs" in str(undecidable(limits, {"c": measured([1], [2])}))
    assert "not both" in str(undecidable(limits, {}))
    assert undecidable(limits, {"c": measured([1] * 4, [2] * 4)}) is None
