"""Lines of one version find theirs in another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memscope.analysis.matching import Spot, match


def spot(
    offset: int, *, scope: str = "f", start: int = 10, count: float = 10, mean: float = 64
) -> Spot:
    return Spot(scope, start + offset, offset, count, mean)


def spots(*found: Spot) -> dict[object, Spot]:
    return {(item.scope, item.line): item for item in found}


def pairs(old: dict[object, Spot], new: dict[object, Spot]) -> set[tuple[object, object]]:
    return {
        (None if a is None else old[a].offset, None if b is None else new[b].offset)
        for a, b in match(old, new)
    }


def test_a_function_that_moved_as_a_whole() -> None:
    old = spots(spot(1), spot(2, mean=1000))
    new = spots(spot(1, start=200, mean=1000), spot(2, start=200))
    assert pairs(old, new) == {(1, 1), (2, 2)}, "whatever its lines allocate now"


def test_a_line_was_put_in() -> None:
    old = spots(spot(1, mean=32), spot(2, mean=500), spot(3, mean=80))
    new = spots(spot(1, mean=32), spot(2, mean=9000), spot(3, mean=500), spot(4, mean=80))
    assert pairs(old, new) == {(1, 1), (None, 2), (2, 3), (3, 4)}


def test_a_line_was_taken_out() -> None:
    old = spots(spot(1, mean=32), spot(2, mean=9000), spot(3, mean=500))
    new = spots(spot(1, mean=32), spot(2, mean=500))
    assert pairs(old, new) == {(1, 1), (2, None), (3, 2)}


def test_lines_without_allocations_in_between() -> None:
    old = spots(spot(1), spot(2, mean=700))
    new = spots(spot(4), spot(9, mean=700))
    assert pairs(old, new) == {(1, 4), (2, 9)}


def test_other_functions_are_never_paired() -> None:
    old, new = spots(spot(1, scope="f")), spots(spot(1, scope="g"))
    assert pairs(old, new) == {(1, None), (None, 1)}


def test_enormous_functions_are_paired_by_offset_in_no_time() -> None:
    old = spots(*(spot(line) for line in range(3000)))
    new = spots(*(spot(line) for line in range(1, 3001)))
    assert pairs(old, new) == {(0, None), (None, 3000), *((n, n) for n in range(1, 3000))}


some = st.dictionaries(
    st.integers(0, 9),
    st.builds(spot, st.integers(0, 9), scope=st.sampled_from("fg"), mean=st.integers(0, 99)),
)


@given(some, some)
def test_each_site_is_in_one_pair(old: dict[object, Spot], new: dict[object, Spot]) -> None:
    found = match(old, new)
    assert sorted(a for a, _ in found if a is not None) == sorted(old)  # type: ignore[type-var]
    assert sorted(b for _, b in found if b is not None) == sorted(new)  # type: ignore[type-var]
    assert all(a is None or b is None or old[a].scope == new[b].scope for a, b in found)
