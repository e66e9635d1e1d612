"""Memory runs out inside memscope, at each of its own requests: the program does not notice, and
the capture says that it is not whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from end_to_end.side_by_side import Bench


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("once", ["0", "1"], ids=["from then on", "once"])
@pytest.mark.parametrize("native", ["0", "1"], ids=["python", "native"])
def test_each_request(
    bench: Bench, program: Callable[[str], str], native: str, once: str, step: int
) -> None:
    ran = bench.native(program("starved.py"), str(bench.capture), str(step), once, native)
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    lines = [line.split() for line in ran.stdout.decode().splitlines()]
    assert [int(number) for number, _ in lines] == list(range(1, step * len(lines) + 1, step))
    *starved, last = [ended for _, ended in lines]
    assert last == "complete"
    assert len(starved) * step > 40
    # A table that could not grow may have gone on without, and nothing be lost.
    assert {"refused"} < set(starved) <= {"refused", "failed", "incomplete", "complete"}
    assert {"failed", "incomplete"} & set(starved)
