"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memscope.analysis.units import bytes_text, cost_text, count_text, plural, share_text, time_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1,023 B"),
        (1024, "1.0 KiB"),
        (10 * 1024 - 1, "10 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (999 * 1024, "999 KiB"),
        (1004 * 1024, "1.0 MiB"),
        (312 << 20, "312 MiB"),
        (1500 << 20, "1.5 GiB"),
        (-2048, "-2.0 KiB"),
        (1 << 80, "1,048,576 EiB"),
        (0.4, "0 B"),
    ],
)
def test_bytes(value: float, text: str) -> None:
    assert bytes_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9876, "9,876"), (9999.4, "9,999"), (9999.6, "10k"), (38_200_000, "38M"),
     (3_820_000, "3.8M"), (999_999, "1.0M"), (-12, "-12")],
)  # fmt: skip
def test_counts(value: float, text: str) -> None:
    assert count_text(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, ">99%"), (1, "100%"), (-0.1, "-10%"),
     (1.2, "120%")],
)  # fmt: skip
def test_shares(share: float, text: str) -> None:
    assert share_text(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.0001, "<1 ms"), (0.35, "350 ms"), (0.9999, "1.0 s"), (8.24, "8.2 s"),
     (9.96, "10 s"), (59.96, "1 min"), (125, "2 min 5 s"), (3599.9, "1 h"), (4320, "1 h 12 min")],
)  # fmt: skip
def test_times(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_plural() -> None:
    assert plural(1, "block") == "1 block"
    assert plural(3000, "block") == "3,000 blocks"
    assert plural(2, "address", "addresses") == "2 addresses"


@given(st.floats(-1e30, 1e30) | st.integers(-(1 << 80), 1 << 80))
def test_any_number_has_a_text(value: float) -> None:
    for text in (bytes_text(value), count_text(value), share_text(value)):
        assert text.isprintable()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (2e-9, "2.0 ns"), (9e-8, "90 ns"), (4e-7, "0.4 µs"), (12e-6, "12 µs"),
        (3.5e-4, "350 µs"), (0.0082, "8.2 ms"), (0.35, "350 ms"), (8.2, "8.2 s"), (81, "81 s"),
        (-0.002, "-2.0 ms"),
    ],
)  # fmt: skip
def test_what_something_takes_never_rounds_to_nothing(seconds: float, text: str) -> None:
    assert cost_text(seconds) == text
