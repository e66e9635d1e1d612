"""The two files of text that are read besides captures: advice as JSON, and baselines of tests.

Each is made of the pieces of a true one and of what people and enemies put in their place. What is
read must be refused in one line, or be of use to whoever asked for it.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from memscope.analysis.ab import FIGURES, Printed, ab
from memscope.analysis.predictions import read_advice
from memscope.errors import MemscopeError
from memscope.pytest_plugin.baseline import (
    END,
    HEADER,
    PYTHON,
    Entry,
    changes,
    load_baseline,
    parse_fail_on,
    save_baseline,
)
from memscope.pytest_plugin.figures import Figures
from memscope.reports.comparisons import ab_document
from memscope.reports.terminal.ab import print_ab

FIGURES_NOW = Figures(peak_bytes=5000, allocated_bytes=9000, allocations=30, live_bytes=10)
HUGE = "9" * 5000  # more digits than int() takes

quickly = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# ---- baselines ---------------------------------------------------------------------------------

pythons = st.sampled_from([PYTHON, "3.9", "3.²", "\u0663.\u0661", "", "3", f"3.{HUGE}", "x.y"])
figures = st.one_of(
    st.integers(0, 1 << 70).map(str),
    st.sampled_from(["10-20", "20-10", "1-", "-1", "1e3", "²", "", HUGE, f"1-{HUGE}", "9" * 400]),
)
places = st.sampled_from(["a.py:3 f", "", "\x1b[2J", "<script>", 7, None, ["x"]])
numbers = st.one_of(
    st.integers(-1, 1 << 70),
    st.sampled_from([float("nan"), float("inf"), 0.5, "7", HUGE, None, {}, True]),
)
functions = st.lists(st.lists(st.one_of(places, numbers), max_size=5), max_size=3)
told = st.one_of(
    st.just(""),
    functions.map(lambda value: "\t" + json.dumps(value)),
    st.sampled_from(["\t[", "\t" + "[" * 5000, f"\t[[1, {HUGE}]]", "\t{}", "\t1", '\t"abcd"']),
)
tests = st.sampled_from(["t.py::test_a", "t.py::test a b", "", "\x1b]0;x\x07"])
entries = st.builds("{} {} {} {} {}{}".format, pythons, figures, figures, figures, tests, told)
headers = st.sampled_from([HEADER, HEADER[:-1], "", "\ufeff" + HEADER])


@quickly
@given(
    header=st.one_of(st.just(HEADER), headers),
    lines=st.lists(st.one_of(entries, st.text(max_size=20)), max_size=4),
    end=st.sampled_from([f"\n{END}\n".encode(), b"", b"\n", b"\xff", b"\0"]),
)
@example(header=HEADER, lines=[f"3.² 1 1 1 t\n{PYTHON} 1 1 1 t"], end=f"\n{END}\n".encode())
@example(header=HEADER, lines=[f"{PYTHON} {HUGE} 1 1 t"], end=f"\n{END}\n".encode())
@example(header=HEADER, lines=[f"{PYTHON} {'9' * 400} 1 1 t"], end=f"\n{END}\n".encode())
@example(
    header=HEADER, lines=[f'{PYTHON} 1 1 1 t\t[["a", 1, 1, Infinity]]'], end=f"\n{END}\n".encode()
)
def test_a_baseline_is_refused_or_of_use(
    header: str, lines: list[str], end: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.txt"
    text = "\n".join([header, *lines])
    path.write_bytes(text.encode("utf-8", "surrogatepass") + end)
    try:
        loaded = load_baseline(path)
    except MemscopeError as error:
        told = str(error)
        loaded = None
    if loaded is None:
        assert len(told.splitlines()) == 1
        return
    for entry in loaded.values():
        changes(entry, FIGURES_NOW, parse_fail_on("peak:10%"))
        assert isinstance(entry.widened(Entry.seen(entry.test, FIGURES_NOW)), Entry)
    save_baseline(path, {"t.py::test_a": FIGURES_NOW}, widen=True, functions={})
    assert set(load_baseline(path)) == {*loaded, (PYTHON, "t.py::test_a")}


# ---- advice ------------------------------------------------------------------------------------

ends = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(1 << 80), 1 << 80),
    st.sampled_from([None, "1", True, [], 10**400]),
)
savings = st.one_of(
    st.fixed_dictionaries({"low": ends, "value": ends, "high": ends}),
    st.tuples(ends, ends, ends).map(
        lambda three: dict(zip(("low", "value", "high"), sorted(three, key=str), strict=True))
    ),
    st.just({"low": 0.1, "value": 0.2, "high": 0.3}),
    ends,
)
texts = st.one_of(
    st.sampled_from(["pool", "\x1b[2J\x1b]0;x\x07", "[bold]x[/no]", "\ud800", "a\nb", "é" * 99]),
    ends,
)
sites = st.one_of(st.none(), st.fixed_dictionaries({"file": texts, "line": texts}), texts)
names = st.sampled_from(["cpu_s", "peak_bytes", "rss_bytes", "x"])
predictions = st.one_of(st.dictionaries(names, savings), ends)
pieces = st.fixed_dictionaries(
    {"kind": texts, "site": sites, "summary": texts, "predicted": predictions}
)
documents = st.one_of(
    st.fixed_dictionaries(
        {"schema": st.just("memscope.advise/1"),
         "advice": st.one_of(st.lists(st.one_of(pieces, ends), max_size=3), ends)}
    ),
    st.dictionaries(st.sampled_from(["schema", "advice"]), texts),
    ends,
)  # fmt: skip


@quickly
@given(document=documents)
def test_advice_is_refused_or_held_against_the_outcome(document: Any) -> None:
    try:
        pieces_of_advice = read_advice(json.loads(json.dumps(document)))
    except ValueError as error:
        told = str(error)
        pieces_of_advice = None
    if pieces_of_advice is None:
        assert len(told.splitlines()) == 1
        return
    for advice in pieces_of_advice:
        runs = {name: [1.0 + 0.01 * turn for turn in range(8)] for name in FIGURES}
        less = {name: [0.5 + 0.01 * turn for turn in range(8)] for name in FIGURES}
        found = ab(
            ["python", "a.py"], ["python", "b.py"], runs, less, advice, printed=Printed(0, 0, None)
        )
        json.dumps(ab_document(found), allow_nan=False)
        drawn = io.StringIO()
        print_ab(Console(file=drawn, width=80, force_terminal=True, color_system=None), found)
        assert "\x1b]" not in drawn.getvalue()
        assert "\x1b[2J" not in drawn.getvalue()
        drawn.getvalue().encode("utf-8")
