"""Which of memscope's signals were sent to all, by what the witness got."""

from __future__ import annotations

import signal

from memscope.recording.signals import Tracker
from memscope.recording.witness import Receipt

MS = 1_000_000
TERM, QUEUED = int(signal.SIGTERM), int(signal.SIGRTMIN)


def at(ms: float, number: int = TERM, sender: int = 7, *, delayed: bool = False) -> Receipt:
    return Receipt(number, 0, sender, int(ms * MS), delayed=delayed)


def passed_on(ours: list[Receipt], witness: list[Receipt]) -> list[float]:
    """When those came that have to be passed on."""
    tracker = Tracker()
    for receipt in ours:
        tracker.received(receipt)
    tracker.witnessed(witness, max(receipt.at_ns for receipt in [*ours, *witness]))
    return [r.at_ns / MS for r in ours if not tracker.was_sent_to_all(r)]


def test_what_the_witness_has_not_is_passed_on() -> None:
    assert passed_on([at(0), at(1), at(9)], []) == [0, 1, 9]


def test_what_it_has_is_not() -> None:
    assert passed_on([at(0), at(10)], [at(0.1), at(10.1)]) == []
    assert passed_on([at(0)], [at(-20)]) == [], "one process after the other"


def test_another_sender_or_number_is_another_signal() -> None:
    assert passed_on([at(0)], [at(0, sender=8)]) == [0]
    assert passed_on([at(0)], [at(0, signal.SIGHUP)]) == [0]


def test_one_to_all_and_one_to_memscope() -> None:
    assert passed_on([at(0), at(10)], [at(10.2)]) == [0]
    assert passed_on([at(0), at(10)], [at(0.2)]) == [10]


def test_at_the_same_time_they_are_one() -> None:
    assert passed_on([at(0), at(0.1)], [at(0.2)]) == []
    assert passed_on([at(0)], [at(0.1), at(0.2)]) == []


def test_what_became_one_for_memscope_takes_no_later_one_away() -> None:
    assert passed_on([at(0), at(50)], [at(0.1), at(0.2)]) == [50]


def test_real_time_signals_are_counted() -> None:
    ours = [at(0, QUEUED), at(0.1, QUEUED), at(0.2, QUEUED)]
    assert len(passed_on(ours, [at(0.3, QUEUED), at(0.4, QUEUED)])) == 1
    assert passed_on(ours, [at(5, QUEUED), at(5, QUEUED), at(5, QUEUED)]) == []


def test_one_that_waited_while_memscope_was_stopped() -> None:
    assert passed_on([at(60_000)], [at(0, delayed=True), at(60_000, sender=9)]) == []
    assert passed_on([at(60_000)], [at(0), at(60_000, sender=9)]) == [60_000]
