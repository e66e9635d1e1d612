"""Thresholds of a memory limit are told as they are passed, and again after there was less."""

from __future__ import annotations

from memscope.recording.memorylimits import MemoryLimit
from memscope.recording.thresholds import Thresholds


def told(*percents: int | None) -> list[int]:
    """What is told of these looks; None: the process held too little for a limit to be its own."""
    thresholds = Thresholds()
    limits = [None if each is None else MemoryLimit("cgroup", 100, each) for each in percents]
    return [thresholds.passed(limit) for limit in limits]


def test_each_threshold_is_told_once_on_the_way_up() -> None:
    assert told(10, 79, 80, 85, 90, 99, 100) == [0, 0, 80, 0, 90, 0, 0]


def test_only_the_highest_is_told_where_both_are_passed_at_once() -> None:
    assert told(10, 95, 89, 91) == [0, 90, 0, 0]


def test_it_is_told_again_once_there_was_clearly_less() -> None:
    assert told(82, 71, 82, 69, 82, 92, 79, 92) == [80, 0, 0, 0, 80, 90, 0, 90]


def test_memory_that_stays_with_the_allocators_is_told_of_when_it_is_full_again() -> None:
    """Resident memory stays at 85 of 100 while what is live falls and comes back."""
    thresholds = Thresholds()
    live = [60, 20, 30, 49, 50, 60, 10, 59]
    assert [thresholds.passed(MemoryLimit("given", 100, 85), each) for each in live] == [
        *(80, 0, 0, 0, 80, 0, 0, 80),
    ]


def test_what_is_live_is_held_against_the_most_of_before() -> None:
    """The second threshold may be passed while the first one's functions let go."""
    thresholds = Thresholds()
    looks = [(82, 70), (91, 40), (91, 5), (91, 45), (91, 60)]
    limits = [(MemoryLimit("given", 100, used), live) for used, live in looks]
    assert [thresholds.passed(*each) for each in limits] == [80, 90, 0, 0, 90]


def test_who_lets_go_of_nearly_all_is_told_again() -> None:
    assert told(82, None, None, 82, 92) == [80, 0, 0, 80, 90]
