"""Near a limit a snapshot is asked for as long as there is room for it, and none later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from memscope.recording.memorylimits import MemoryLimit
from memscope.recording.nearlimits import NearLimits

MIB = 1 << 20
UNLIMITED = 2**63


@dataclass
class Recording:
    """Counts what it is asked for; it is its own drain."""

    blocks: int = 0
    asked: int = 0
    rooms: list[int] = field(default_factory=list)

    @property
    def drain(self) -> Any:
        return self

    def counters(self) -> dict[str, int]:
        return {"live_blocks": self.blocks, "live_bytes": self.blocks * 64}

    def room_for_snapshots(self, size_bytes: int) -> None:
        self.rooms.append(size_bytes)

    def ask_snapshot(self) -> bool:
        self.asked += 1
        return True


def grown(recording: Recording, near: NearLimits, blocks: int, used: int) -> None:
    recording.blocks = blocks
    limits = [MemoryLimit("cgroup", 200 * MIB, used * MIB), MemoryLimit("given", 900 * MIB, 0)]
    near.look(limits, recording.counters())


def test_small_objects_are_asked_for_before_there_is_no_room() -> None:
    recording: Any = Recording()
    near = NearLimits(recording)
    grown(recording, near, 100_000, 40)
    assert recording.asked == 0
    for blocks, used in ((600_000, 70), (620_000, 72), (640_000, 73)):
        grown(recording, near, blocks, used)
    assert recording.asked == 1  # and not again for a little more
    grown(recording, near, 2_000_000, 130)
    assert recording.asked == 1
    assert not near.has_room(MemoryLimit("cgroup", 200 * MIB, 160 * MIB))


def test_with_room_the_capture_at_a_threshold_gets_one() -> None:
    recording: Any = Recording(blocks=10_000)
    assert NearLimits(recording).has_room(MemoryLimit("cgroup", 200 * MIB, 160 * MIB))


def test_peaks_have_half_of_what_is_left_of_the_tightest() -> None:
    recording: Any = Recording()
    near = NearLimits(recording)
    grown(recording, near, 0, 40)
    grown(recording, near, 0, 250)
    near.look([], recording.counters())
    assert recording.rooms == [80 * MIB, 0, UNLIMITED // 2]
