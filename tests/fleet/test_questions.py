"""What is found in a fleet is what was planted, nothing else; Spark says the same as DuckDB."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from cli.console import inside
from fleet.datasets import base, benchmark, captures
from rich.console import Console

from memscope.fleet.asking import Asked
from memscope.fleet.compacting import compact
from memscope.fleet.questions import ask
from memscope.fleet.storing import write_run
from memscope.reports.terminal.fleet import print_answer

pytest.importorskip("duckdb", reason="needs duckdb")
pytest.importorskip("pyarrow", reason="needs pyarrow")

QUESTIONS = ("top", "grew", "regressions", "limits")
RUNS = 10  # of each release of each service


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    place = tmp_path_factory.mktemp("fleet")
    plan = benchmark().Plan([base(place)], services=6)
    for run in plan.made(RUNS * 6 * 5):
        write_run(place / "set", run, durable=False)
    return place / "set", plan


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A data set of three runs, and their captures."""
    place = tmp_path_factory.mktemp("small")
    paths = captures(place)
    inside("export", "-f", "parquet", *paths, place / "set")
    return place / "set", paths


def answers(name: str, place: Path, plan: Any) -> dict[str, Any]:
    engine = benchmark().open_engine(name, str(place))
    found: dict[str, Any] = benchmark().answers(engine, plan)
    engine.close()
    return found


def test_exactly_what_was_planted_is_found(fleet: tuple[Path, Any]) -> None:
    place, plan = fleet
    found = answers("duckdb", place, plan)
    assert {question: of["as_planted"] for question, of in found.items()} == dict.fromkeys(
        QUESTIONS, True
    )
    assert len(plan.grew()) >= 4
    assert 0 < len(plan.regressed()) < len(plan.grew())
    assert found["top"]["found"] >= 40


def test_spark_says_the_same_as_duckdb_also_of_a_compacted_data_set(
    fleet: tuple[Path, Any], tmp_path: Path
) -> None:
    pytest.importorskip("pyspark", reason="needs pyspark")
    place, plan = fleet
    packed = tmp_path / "packed"
    for run in plan.made(RUNS * 6 * 5):
        write_run(packed, run, durable=False)
    compact(packed)
    for run in plan.made(RUNS * 6 * 5, [1]):  # one service once more: what packs have is left out
        write_run(packed, run, durable=False)
    found = [answers("duckdb", place, plan)]
    found += [answers(name, packed, plan) for name in ("duckdb", "spark")]
    for question in QUESTIONS:
        first, *others = ({**of[question], "seconds": 0, "cpu_s": 0} for of in found)
        assert others == [first] * 2, question


def test_top_lines_are_sums_over_all_runs(small: tuple[Path, list[Path]]) -> None:
    place, paths = small
    words = ("--json", "--by", "allocated", "-n", "0")
    told = json.loads(inside("fleet", place, "top", *words).stdout)
    assert told["schema"] == "memscope.fleet/1"
    rows = json.loads(inside("hotspots", "--json", "-n", "0", paths[0]).stdout)["rows"]
    wanted = {(row["function"], row["line"]): row["allocated_bytes"] * 3 for row in rows}
    assert {(row["function"], row["line"]): row["total"] for row in told["rows"]} == wanted
    assert told["runs"]["runs"] == 3
    one = json.loads(inside("fleet", place, "top", *words, "--service", "web/2").stdout)
    assert sum(row["total"] for row in one["rows"]) * 3 == sum(wanted.values())
    since = json.loads(inside("fleet", place, "top", *words, "--since", "2026-09-22").stdout)
    assert since["runs"]["runs"] == 2


def test_a_run_that_is_not_whole_in_the_data_set_does_not_count(tmp_path: Path) -> None:
    paths = captures(tmp_path)
    inside("export", "-f", "parquet", *paths, tmp_path / "set")
    words = ("fleet", tmp_path / "set", "top", "--json", "--by", "allocated", "-n", "0")
    whole = json.loads(inside(*words).stdout)["rows"]
    next((tmp_path / "set").glob("runs/service=api/*/*.parquet")).unlink()
    left = json.loads(inside(*words).stdout)["rows"]
    assert sum(row["total"] for row in left) * 3 == sum(row["total"] for row in whole) * 2


def test_two_named_releases(fleet: tuple[Path, Any]) -> None:
    place, plan = fleet
    engine = benchmark().open_engine("duckdb", str(place))
    answer = ask(engine, Asked("regressions", old="1.0", new="1.4", limit=0))
    engine.close()
    # All that stayed, whenever it came; and what was taken back is not there.
    found = {(row["service"], row["function"]) for row in answer.rows}
    assert found == {(service, line[1]) for service, line, _ in plan.grew()}
    assert all(row["p"] < 1e-4 for row in answer.rows)


def test_too_few_runs_are_said(small: tuple[Path, list[Path]]) -> None:
    ran = inside("fleet", small[0], "regressions")
    assert "too few runs for anything to be shown (api 1.0: 1, 1.1: 1)" in " ".join(
        ran.stdout.split()
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_tables_fit_80_columns_and_pages_call_nobody(
    fleet: tuple[Path, Any], question: str, tmp_path: Path
) -> None:
    place, _ = fleet
    page = tmp_path / "page.html"
    ran = inside("fleet", place, question, "--html", page, "-o", "/dev/stdout")
    assert ran.returncode == 0, ran.stderr
    text = page.read_text()
    assert "default-src 'none'" in text
    assert "<script" not in text
    engine = benchmark().open_engine("duckdb", str(place))
    console = Console(file=io.StringIO(), width=80)
    print_answer(console, ask(engine, Asked(question)))  # type: ignore[arg-type]
    engine.close()
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(lines) > 4
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["nowhere", "top"], 1, "is no data set of runs"),
        (["set", "what"], 2, "'what' is not one of"),
        (["set", "top", "--service", "no"], 1, "no run is of the service no; there are api, web/2"),
        (["set", "top", "--since", "yesterday"], 2, "is no day such as"),
        (["set", "top", "--old", "1", "--new", "2"], 2, "go with regressions"),
        (["set", "regressions", "--old", "1.0"], 2, "go together"),
        (["set", "regressions", "--old", "1.0", "--new", "9"], 1, "no service has runs of 1.0"),
    ],
)
def test_wrong_usage(
    small: tuple[Path, list[Path]], words: list[str], status: int, message: str
) -> None:
    ran = inside("fleet", *words, cwd=small[0].parent)
    assert (ran.returncode, ran.stdout) == (status, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
