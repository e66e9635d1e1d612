"""Growth to the end, told from loads and from what comes and goes."""

from __future__ import annotations

from memscope.advice.evidence import trends


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
