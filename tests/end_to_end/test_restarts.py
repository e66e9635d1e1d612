"""Recording starts and stops while other threads are in the middle of allocations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from end_to_end.side_by_side import Bench


@pytest.mark.parametrize("times", [60, pytest.param(1000, marks=pytest.mark.exhaustive)])
def test_every_recording_is_exact(bench: Bench, program: Callable[[str], str], times: int) -> None:
    ran = bench.native(program("restarts.py"), str(bench.capture), str(times))
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    assert int(ran.stdout) == times
