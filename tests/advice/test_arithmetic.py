"""What is predicted, on captures made by hand: growth, peaks without a line, faults, ranking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from capture.writer import CaptureWriter
from cli.console import call

from memscope.advice import trends
from memscope.advice.calibration import DEFAULT_COSTS, host_costs
from memscope.advice.evidence import Case
from memscope.advice.model import Interval
from memscope.advice.source import Sources
from memscope.analysis.measures import Measures
from memscope.capture import load

APP = "/home/me/app/app.py"


def case_of(writer: CaptureWriter, tmp_path: Path) -> Case:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.build())
    capture = load(path)
    return Case(Measures(capture), DEFAULT_COSTS, Sources(capture.meta))


def test_an_interval_is_in_order_whatever_its_formulas_gave() -> None:
    assert Interval(5, 3, 1) == Interval(3, 3, 3)
    assert Interval.around(10, 0.5, 2) == Interval(5, 10, 20)


def test_steady_growth_is_told_from_a_load_and_from_a_saw() -> None:
    progress = [100.0 * step for step in range(1, 13)]
    steady = trends.growth_of([50.0 * step for step in range(12)], progress)
    assert steady is not None
    assert steady.steady
    assert steady.grown_bytes == 550
    loaded = trends.growth_of([100.0 * min(step, 4) for step in range(12)], progress)
    assert loaded is not None
    assert not loaded.steady
    # A program that waits at its end for a while has not stopped growing.
    waiting = trends.growth_of(
        [50.0 * min(step, 11) for step in range(42)],
        [*progress, *(progress[-1] + step for step in range(1, 31))],
    )
    assert waiting is not None
    assert waiting.steady
    saw = trends.growth_of([500.0 * (step % 3) for step in range(12)], progress)
    assert saw is None or not saw.steady
    assert trends.growth_of([0.0] * 12, progress) is None
    assert trends.growth_of([], []) is None


def test_what_goes_in_the_last_window_went_with_the_program() -> None:
    progress = [100.0 * step for step in range(1, 13)]
    growth = trends.growth_of([*(50.0 * step for step in range(11)), 0.0], progress)
    assert growth is not None
    assert growth.steady
    assert growth.dropped
    # It may take more than one window to go.
    going = trends.growth_of(
        [*(50.0 * step for step in range(11)), 340.0, 20.0], [*progress, 1250.0]
    )
    assert going is not None
    assert going.steady


def test_the_peak_without_a_line_is_another_moment(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=10_000_000, count=1, live=0, peak=1)
    writer.site([("main", APP, 9)], size=6_000_000, count=1, live=1, peak=1)
    writer.window_count = 4
    writer.point(400_000_000, (0, 0, 16_000_000))
    writer.point(1_900_000_000, (0, 0, 9_000_000))
    case = case_of(writer, tmp_path)
    line = next(line for line in case.lines if line.frame.line == 3)
    saving = case.peak_saving([line], 10_000_000)
    # In the last window the line's block goes: the 9 MB there were with it or without it.
    assert saving.low == 7_000_000
    assert saving.value == 10_000_000
    assert saving.high == pytest.approx(10_200_000)


def test_faults_are_what_the_kernel_counted_beyond_the_resident_pages(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    assert writer.exit is not None
    writer.exit |= {"minor_faults": 6_000, "system_s": 0.003, "peak_resident_bytes": 4096 * 1000}
    saving = case_of(writer, tmp_path).faults_s(409_600, 100)
    # 5,000 of the blocks' 10,000 pages came again, at 0.5 µs each as the system's time says.
    assert saving.value == pytest.approx(5_000 * 0.5e-6)
    assert (saving.low, saving.high) == pytest.approx((saving.value * 0.6, saving.value * 1.5))


def test_blocks_that_are_never_kept_take_their_faults_first(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    writer.site([("main", APP, 9)], size=40_960_000, count=1, live=0, peak=1)
    assert writer.exit is not None
    writer.exit |= {"minor_faults": 13_000, "system_s": 0.0065, "peak_resident_bytes": 4096 * 1000}
    case = case_of(writer, tmp_path)
    # Of the 12,000 pages that came again, 10,000 are those of the large block.
    assert case.faults_s(40_960_000, 1).value == pytest.approx(10_000 * 0.5e-6)
    assert case.faults_s(409_600, 100).value == pytest.approx(2_000 * 0.5e-6)


def test_faults_are_unknown_without_the_kernels_count(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    saving = case_of(writer, tmp_path).faults_s(409_600, 100)
    assert (saving.low, saving.value) == (0, 0)
    assert saving.high > 0


def rows_of_dictionaries(count: int, **meta: Any) -> CaptureWriter:
    writer = CaptureWriter(**meta)
    stack = [("main", APP, 20), ("load", APP, 7)]
    writer.site(stack, size=64, count=count, live=0, peak=count)
    writer.site(stack, size=184, count=count, live=0, peak=count)
    writer.site([("main", APP, 21)], size=100_000, count=1)
    return writer


def advised(writer: CaptureWriter, tmp_path: Path, *words: str) -> dict[str, Any]:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.build())
    done = call("advise", path, "--json", "--no-calibration", *words)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_dictionaries_are_told_without_the_source(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(50_000), tmp_path)
    assert document["schema"] == "memscope.advise/1"
    [advice] = document["advice"]
    assert advice["kind"] == "compact"
    assert advice["site"] == {"file": APP, "line": 7, "function": "load"}
    assert [frame["line"] for frame in advice["stack"]] == [20, 7]
    assert advice["evidence"]["rows"] == 50_000
    assert advice["evidence"]["bytes_each"] == 248
    saving = advice["predicted"]["peak_bytes"]
    # With slots for five fields a row takes 80 bytes instead of 248.
    assert saving["value"] == pytest.approx(50_000 * (248 - 80))
    assert saving["low"] <= saving["value"] <= saving["high"]
    assert set(advice) >= {"summary", "cost", "confidence", "fix", "verify"}
    assert 0 < advice["confidence"] < 0.9
    assert set(advice["fix"]) == {"text", "code"}


def test_a_few_thousand_rows_are_left_alone(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(5_000), tmp_path)
    assert document["advice"] == []


def test_sampling_and_missing_calibration_are_said(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(50_000, mode="sampled", sample_bytes=1 << 16), tmp_path)
    assert any("sampled" in note for note in document["notes"])
    assert any("not calibrated" in note for note in document["notes"])
    assert document["calibration"]["source"] == "default"


def test_costs_are_measured_once_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = host_costs(), host_costs()
    assert (first.source, second.source) == ("measured", "remembered")
    assert second.copy_bytes_per_s == first.copy_bytes_per_s
    [stored] = (tmp_path / "memscope").iterdir()
    below_zero = json.dumps(json.loads(stored.read_text()) | {"page_fault_s": -1.0})
    for damage in ("", "[]", "{}", '{"host": 3}', below_zero):
        stored.write_text(damage)
        assert host_costs().source == "measured"
    assert host_costs(calibrate=False) is DEFAULT_COSTS


@pytest.mark.parametrize(("most_live", "warms_up"), [(1, False), (6_000, True)])
def test_a_pool_that_made_all_in_one_window_is_judged_by_what_stayed(
    most_live: int, warms_up: bool, tmp_path: Path
) -> None:
    """The first window straddles the middle of the run: when in it objects were made is unknown."""
    source = tmp_path / "app.py"
    source.write_text(
        "class Pool:\n"
        "    def __init__(self):\n"
        "        self.idle = []\n"
        "    def acquire(self):\n"
        "        return self.idle.pop() if self.idle else bytearray(4000)\n"
        "    def release(self, item):\n"
        "        self.idle.append(item)\n"
        "def serve(pool):\n"
        "    item = pool.acquire()\n"
        "    work(item)\n"
        "    pool.release(item)\n"
    )
    writer = CaptureWriter(main=str(source), cwd=str(tmp_path))
    writer.first_window_events = 1_000
    for function, line in (("Pool.acquire", 4), ("serve", 8)):
        writer.first_lines[function] = line
    file = str(source)
    stack = [("<module>", file, 20), ("serve", file, 9), ("Pool.acquire", file, 5)]
    writer.site(stack, size=4_001, count=6_000, live=0, peak=most_live)
    document = advised(writer, tmp_path)
    reasons = [item["reason"] for item in document["rejected"] if item["kind"] == "pool-leak"]
    advice = [item for item in document["advice"] if item["kind"] == "pool-leak"]
    if warms_up:
        assert not advice
        assert any("warms up" in reason for reason in reasons)
    else:
        assert [item["site"]["line"] for item in advice] == [9]
