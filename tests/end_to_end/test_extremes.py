"""Many of everything, threads, code objects, frames, stacks: nothing is lost or mixed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from end_to_end.side_by_side import UNRECORDED, Bench

from memscope.capture import Capture, load


def recorded(bench: Bench, *target: str) -> tuple[int, Capture]:
    """How many known blocks the program says that it made, and the capture."""
    ran = bench.recorded(*target)
    assert (ran.status, UNRECORDED.sub(b"", ran.stderr)) == (0, b""), ran.stderr.decode()
    return int(ran.stdout), load(bench.capture)


def known_rows(capture: Capture) -> list[int]:
    tables = capture.tables
    names, codes = tables.codes.function, tables.nodes.code
    return [
        row
        for row, node in enumerate(tables.rows.stack)
        if names[codes[node]] == "known" and tables.rows.size_class[row] > 40
    ]


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("threads", 3000),
        ("codes", 5000),
        ("deep", 10_000),
        ("stacks", 1 << 15),
        pytest.param("stacks", 1 << 20, marks=pytest.mark.slow),
    ],
)
def test_every_block_is_there(
    bench: Bench, program: Callable[[str], str], what: str, number: int
) -> None:
    made, capture = recorded(bench, program("extremes.py"), what, str(number))
    with capture:
        assert capture.complete
        allocations = capture.totals.allocations
        assert sum(int(allocations[row]) for row in known_rows(capture)) == made == number


def test_code_objects_at_the_same_address_are_told_apart(
    bench: Bench, program: Callable[[str], str]
) -> None:
    _, capture = recorded(bench, program("extremes.py"), "codes", "5000")
    with capture:
        callers: Counter[str] = Counter()
        for row in known_rows(capture):
            caller = capture.tables.stack(capture.tables.rows.stack[row])[-2]
            callers[caller.function] += int(capture.totals.allocations[row])
        assert callers == {f"made_{number}": 100 for number in range(50)}


def test_every_stack_is_one_of_its_own(bench: Bench, program: Callable[[str], str]) -> None:
    made, capture = recorded(bench, program("extremes.py"), "stacks", str(1 << 12))
    with capture:
        rows = known_rows(capture)
        assert len(rows) == made
        assert len({capture.tables.stack(capture.tables.rows.stack[row]) for row in rows}) == made


def test_the_deepest_stack_is_whole(bench: Bench, program: Callable[[str], str]) -> None:
    made, capture = recorded(bench, program("extremes.py"), "deep", "10000")
    with capture:
        depths = [
            sum(frame.function == "deep.<locals>.down" for frame in stack)
            for stack in (
                capture.tables.stack(capture.tables.rows.stack[row])
                for row in known_rows(capture)[-3:]
            )
        ]
        assert max(depths) == made


def test_a_service_under_load(bench: Bench, program: Callable[[str], str]) -> None:
    """Threads, sockets and forks; reliability/service.py does the same for an hour."""
    made, capture = recorded(bench, program("service.py"), "3")
    with capture:
        assert capture.complete
        nodes, rows = capture.tables.nodes, capture.tables.rows
        source = Path(program("service.py")).read_text().splitlines()
        line = next(at for at, text in enumerate(source, 1) if text.endswith("# the line"))
        names = capture.tables.codes.function
        assert made == sum(
            int(capture.totals.allocations[row])
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == line
            and names[nodes.code[node]] == "Handler.do_GET"
            and rows.size_class[row] > 40
        )


FAR_LINES = """
import ast
tree = ast.parse("def known():\\n    return bytearray(5000)\\nkeep = known()")
ast.increment_lineno(tree, 2**31 - 4)
exec(compile(tree, "far.py", "exec"))
def known():
    return bytearray(5000)
known.__code__ = known.__code__.replace(co_firstlineno=2**31 - 1)
also = known()
print(2)
"""


def test_lines_reach_as_far_as_pythons_own(bench: Bench) -> None:
    """The last but one is told, and one beyond the last is unknown, as it is to Python itself."""
    made, capture = recorded(bench, "-c", FAR_LINES)
    with capture:
        tables = capture.tables
        nodes = [tables.rows.stack[row] for row in known_rows(capture)]
        assert len(set(nodes)) == made
        assert sorted({tables.nodes.line[node] for node in nodes}) == [0, 2**31 - 2]
