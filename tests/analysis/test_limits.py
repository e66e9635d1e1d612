"""Sizes and limits as people write them: one grammar, one text for what it does not take."""

from __future__ import annotations

import pytest

from memscope.analysis.limits import parse_growth_limits, parse_size

FIGURES = {"peak": ("peak_bytes", "bytes"), "allocations": ("n", "count"), "cpu": ("c", "seconds")}


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("24 MB", 24 << 20),
        ("24MiB", 24 << 20),
        ("1.5 kb", 1536),
        ("64K", 65536),
        ("100 B", 100),
        (" 1 GiB ", 1 << 30),
    ],
)
def test_sizes(text: str, size_bytes: int) -> None:
    assert parse_size(text) == parse_size(text, bare=True) == size_bytes


@pytest.mark.parametrize(
    "text", ["", "MB", "-1 MB", "1 TB", "24 potatoes", "1e3 B", "\u0661 MB", "1 2 B", 24, None]
)
def test_no_sizes(text: object) -> None:
    for bare in (False, True):
        with pytest.raises(ValueError, match="is not a size: write a number and a unit"):
            parse_size(text, bare)


def test_a_number_alone_is_a_size_only_where_it_may_be() -> None:
    assert parse_size("65536", bare=True) == 65536
    with pytest.raises(ValueError, match="'65536' is not a size"):
        parse_size("65536")


@pytest.mark.parametrize("unit", ["B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "k", "m", "g"])
def test_a_limit_takes_the_units_that_a_size_has(unit: str) -> None:
    (limit,) = parse_growth_limits(f"peak:10%+3{unit}", FIGURES)  # type: ignore[arg-type]
    assert limit.growth(0) == parse_size(f"3 {unit}")


def test_a_list_of_limits() -> None:
    found = parse_growth_limits(" peak : 5% ,allocations:0,cpu:20ms", FIGURES)  # type: ignore[arg-type]
    assert [(limit.figure, limit.growth(1000)) for limit in found] == [
        ("peak_bytes", 50), ("n", 0), ("c", 0.02),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a limit"),
        ("peak", "is not a limit"),
        ("peak:-5%", "is not a limit"),
        ("peak:5%,", "is not a limit"),
        ("peak:+4KB", "is not a limit"),
        ("peak:5%4KB", "is not a limit"),
        ("peak:5%+", "is not a limit"),
        ("peak:4KB+5%", "is not a limit"),
        ("peak:5%+5%", "is not a limit"),
        ("peak:", "is not a limit"),
        ("peak:5%+4ms", "not a unit of bytes"),
        ("colour:5%", "choose from peak, allocations, cpu"),
        ("peak:5ms", "not a unit of bytes"),
        ("cpu:5MiB", "not a unit of seconds"),
    ],
)
def test_limits_that_say_nothing(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_growth_limits(text, FIGURES)  # type: ignore[arg-type]
