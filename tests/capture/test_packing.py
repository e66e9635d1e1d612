"""A packed capture holds the same in less space, and packing leaves nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from memscope.capture import load, packing

GOLDEN = Path(__file__).parent.parent / "golden" / "golden.mscope"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture with all its frames plain, as the recorder writes them."""
    path = tmp_path / "c.mscope"
    path.write_bytes(GOLDEN.read_bytes())
    with load(path) as capture:
        assert not any(frame.packed for frame in capture.index.frames)
    return path


@pytest.mark.parametrize("large_bytes", [0, 1 << 40], ids=["large", "small"])
def test_the_same_in_less_space(
    capture: Path, monkeypatch: pytest.MonkeyPatch, large_bytes: int
) -> None:
    monkeypatch.setattr(packing, "_LARGE_BYTES", large_bytes)
    before = capture.stat().st_size
    told: list[tuple[int, int]] = []
    assert packing.pack(capture, lambda done, whole: told.append((done, whole)))
    assert capture.stat().st_size < before
    with load(capture) as packed, load(GOLDEN) as golden:
        assert packed.complete
        assert packed.end == golden.end
        assert [f.kind for f in packed.index.frames] == [f.kind for f in golden.index.frames]
    assert told == sorted(told)
    assert told[-1] == (before, before)


@pytest.mark.parametrize("looks", [1, 2, 5])
def test_stopped_on_the_way(capture: Path, looks: int) -> None:
    before = capture.read_bytes()
    answers = iter([False] * (looks - 1) + [True])
    assert not packing.pack(capture, stopped=lambda: next(answers))
    assert capture.read_bytes() == before
    assert list(capture.parent.iterdir()) == [capture]


def test_a_draft_of_somebody_else_is_left_alone(capture: Path) -> None:
    before = capture.read_bytes()
    other = capture.with_name(".c.mscope.packing")
    other.write_bytes(b"theirs")
    assert packing.pack(capture)
    assert (capture.read_bytes(), other.read_bytes()) == (before, b"theirs")
