"""Reading several snapshots of objects, as docs/capture-format.md says."""

from __future__ import annotations

from pathlib import Path

from capture import writer
from capture.captures import loop
from capture.graphs import ITEM_BYTES, LIST_BYTES, Frame, with_snapshots

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainergrowth import growth
from memscope.analysis.retainers import Holdings
from memscope.capture import Capture


def loaded(tmp_path: Path, frames: list[Frame]) -> Capture:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.join(frames, writer.VERSIONS))
    return memscope.load(path)


def test_each_has_the_frames_that_follow_it(tmp_path: Path) -> None:
    capture = loaded(tmp_path, with_snapshots(loop(), 1, 4, 9))
    moments = capture.moments
    assert [(of.number, of.time_ns, of.cause) for of in moments] == [
        (number, number * 10**9, "asked") for number in (1, 2, 3)
    ]
    found = [capture.snapshot_at(moment) for moment in moments]
    assert [of and of.objects for of in found] == [9 + 1, 9 + 4, 9 + 9]
    assert [of and len(of.targets) for of in found] == [8 + 1, 8 + 4, 8 + 9]
    assert capture.notes == ()


def test_growth_by_hand(tmp_path: Path) -> None:
    capture = loaded(tmp_path, with_snapshots(loop(), 1, 4, 9))
    measures = Measures(capture)
    now = Holdings(measures)
    rows = now.retainers(0).rows
    grown = growth(measures, now, [row.number for row in rows])
    assert grown is not None
    told = {row.way.path: grown.of[row.number] for row in rows}
    assert told["shop.cache"] == 8 * ITEM_BYTES
    assert told["shop.held"] == 0
    (suspect,) = grown.suspects
    assert suspect.way.path == "shop.cache"
    assert [held.bytes for held in suspect.held] == [
        LIST_BYTES + count * ITEM_BYTES for count in (1, 4, 9)
    ]
    assert suspect.bytes_per_s == 8 * ITEM_BYTES / 2
    (share,) = suspect.types
    assert (share.type, share.bytes) == ("shop.models.Shop.Order", 8 * ITEM_BYTES)


def test_one_that_is_damaged_takes_no_other_with_it(tmp_path: Path) -> None:
    frames = with_snapshots(loop(), 1, 4, 9)
    place = [kind for kind, _ in frames].index(writer.OBJECTS)
    frames[place] = writer.OBJECTS, b"\x05" + frames[place][1][1:]
    capture = loaded(tmp_path, frames)
    found = [capture.snapshot_at(moment) for moment in capture.moments]
    assert [of and of.objects for of in found] == [None, 9 + 4, 9 + 9]
    assert len(capture.notes) == 1
    assert "REFERENCES frame" in capture.notes[0] or "OBJECTS frame" in capture.notes[0]


def test_frames_before_the_first_belong_to_none(tmp_path: Path) -> None:
    frames = with_snapshots(loop(), 2)
    place = [kind for kind, _ in frames].index(writer.SNAPSHOT)
    frames[place : place + 4] = [*frames[place + 1 : place + 4], *frames[place : place + 4]]
    capture = loaded(tmp_path, frames)
    (moment,) = capture.moments
    found = capture.snapshot_at(moment)
    assert found is not None
    assert found.objects == 9 + 2
