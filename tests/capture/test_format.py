"""The format's vocabulary against an independent writer and the specification's own words."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from capture import writer
from hypothesis import given
from hypothesis import strategies as st

from memscope.capture.format import (
    LARGEST_SIZE_CLASS,
    FormatError,
    lifetime_bytes_range,
    lifetime_ms_range,
    parse_header,
    read_strings,
    read_table,
    size_class,
    size_range,
)

VALUES = st.integers(0, 255) | st.integers(0, (1 << 64) - 1)
WIDTHS = st.sampled_from([None, 0, 1, 2, 4, 8])


@given(
    st.lists(st.tuples(st.integers(1, 70_000), VALUES, VALUES), max_size=30),
    st.tuples(WIDTHS, WIDTHS, WIDTHS),
)
def test_tables_come_back_in_every_width(
    entries: list[tuple[int, int, int]], widths: tuple[int | None, ...]
) -> None:
    columns = writer.columns_of(entries, 3)
    payload = writer.table(*columns, widths=widths)
    count, found = read_table(payload, 3)
    assert count == len(entries)
    assert [list(column) for column in found] == columns


def test_later_columns_are_skipped() -> None:
    payload = writer.table([1, 2], [3, 4], [5, 6])
    assert [list(column) for column in read_table(payload, 2)[1]] == [[1, 2], [3, 4]]


@given(st.lists(st.text(st.characters(), max_size=20), max_size=20))
def test_strings_come_back(values: list[str]) -> None:
    assert read_strings(writer.strings(values)) == values


def test_lone_surrogates_come_back() -> None:
    assert read_strings(writer.strings(["caf\udce9"])) == ["caf\udce9"]


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_raise_a_format_error(data: bytes) -> None:
    for read in (lambda: read_table(data, 3), lambda: read_strings(data)):
        try:
            read()
        except FormatError:
            continue


@pytest.mark.parametrize(
    "payload",
    [
        struct.pack("<IB", 1 << 26, 1) + struct.pack("<BI", 0, 0),
        struct.pack("<IB", 2, 1) + struct.pack("<BI", 3, 0) + bytes(6),
        struct.pack("<IB", 2, 1) + struct.pack("<BI", 8, 0) + bytes(15),
        struct.pack("<IB", 1, 1) + struct.pack("<BI", 0, 2) + bytes(24),
        struct.pack("<IB", 2, 1) + struct.pack("<BI", 0, 1) + struct.pack("<IQ", 2, 9),
        struct.pack("<IB", 2, 1)
        + struct.pack("<BI", 0, 2)
        + struct.pack("<IQ", 1, 9)
        + struct.pack("<IQ", 0, 9),
        struct.pack("<IB", 1, 0),
        b"\1\0\0",
    ],
    ids=["entries of nothing", "width", "cut", "too many exceptions", "exception outside",
         "exceptions out of order", "no columns", "no header"],
)  # fmt: skip
def test_tables_that_break_a_rule_are_refused(payload: bytes) -> None:
    with pytest.raises(FormatError):
        read_table(payload, 1)


def test_a_header_with_any_bit_flipped_is_no_header() -> None:
    good = writer.frame(writer.ROWS, b"payload", 5)[:24]
    header = parse_header(good)
    assert header is not None
    assert header[:5] == (writer.ROWS, 1, False, 7, 5)
    for bit in range(24 * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << (bit % 8)
        assert parse_header(bytes(bad)) is None


@given(st.integers(0, 70_000) | st.integers(0, (1 << 63)))
def test_size_classes_hold_the_sizes_the_specification_lists(size_bytes: int) -> None:
    number = size_class(size_bytes)
    assert number == writer.size_class_of(size_bytes)
    lower, upper = size_range(number)
    assert lower <= size_bytes <= upper


def test_size_classes_follow_one_another_without_gap() -> None:
    ranges = [size_range(number) for number in range(LARGEST_SIZE_CLASS + 1)]
    assert all(a.to_bytes + 1 == b.from_bytes for a, b in pairwise(ranges))
    assert ranges[-1].to_bytes == (1 << 64) - 1


def test_lifetime_buckets() -> None:
    assert lifetime_bytes_range(0) == (0, 16)
    assert lifetime_bytes_range(4) == (1024, 4096)
    assert lifetime_bytes_range(15) == (16 * 4**14, None)
    assert lifetime_ms_range(2) == (10, 100)
    assert lifetime_ms_range(7) == (10**6, None)
