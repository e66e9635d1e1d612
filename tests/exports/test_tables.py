"""csv and json: everything, for people's own scripts."""

from __future__ import annotations

import json

from exports.conftest import Export
from exports.openers import read_csv
from golden.make import GOLDEN, HOSTILE, MEASURES, make


def test_csv(export: Export) -> None:
    rows = read_csv(export("csv"))
    assert len(rows) == len(make().sites)
    (grown,) = [
        row for row in rows if row["function"] == "Maß.wachse" and row["allocations"] == "100"
    ]
    assert grown.items() >= {
        "file": MEASURES, "line": "12", "own_function": "Maß.wachse", "domain": "mem",
        "from_bytes": "2048", "to_bytes": "2559", "allocated_bytes": "204800",
        "reallocations": "90", "frees": "8", "live_blocks": "2", "certainty": "exact",
    }.items()  # fmt: skip
    library = [row for row in rows if row["function"] == "parse"]
    assert {row["own_function"] for row in library} == {"<module>", "", "run.<locals>.<lambda>"}


def test_csv_holds_no_formulas_and_no_line_ends(export: Export) -> None:
    cells = [cell for row in read_csv(export("csv")) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK(1)" in cells
    assert all(cell.isprintable() for cell in cells)


def test_json(export: Export) -> None:
    document = json.loads(export("json").read_bytes())
    assert next(iter(document)) == "schema"
    assert document["schema"] == "memscope.export/1"
    assert document["capture"].items() >= {
        "file": str(GOLDEN), "mode": "exact", "complete": True, "remarks": [], "duration_s": 2.0,
    }.items()  # fmt: skip
    assert document["totals"]["allocations"] == sum(
        domain["allocations"] for domain in document["domains"]
    )
    assert [thread["native_id"] for thread in document["threads"]] == [100, 101, 102, 103]
    assert len(document["points"]) == 21
    stacks = {stack["id"]: stack for stack in document["stacks"]}
    assert {stack["thread"] for stack in stacks.values() if stack["parent"] is None} == {1, 2, 3, 4}
    assert {row["stack"] for row in document["rows"]} <= set(stacks)


def test_json_keeps_names_as_they_are(export: Export) -> None:
    document = json.loads(export("json").read_bytes())
    places = {(s.get("function"), s.get("file"), s.get("line")) for s in document["stacks"]}
    assert set(HOSTILE) <= places


def test_csv_and_json_have_the_same_stacks(export: Export) -> None:
    stacks = {stack["id"]: stack for stack in json.loads(export("json").read_bytes())["stacks"]}
    for row in read_csv(export("csv")):
        stack = stacks[int(row["stack"])]
        assert str(stack.get("line", 0)) == row["line"] or "thread" in stack
