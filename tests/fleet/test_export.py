"""Captures become a data set, which DuckDB reads here without any code of ours."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from capture.captures import shop
from capture.writer import CaptureWriter
from cli.console import environment, inside
from fleet.datasets import captures

import memscope
from memscope.analysis import hotspots
from memscope.fleet.contents import contents_of

duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
pytest.importorskip("pyarrow", reason="needs pyarrow")

SUMMED = ("allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes")
TABLES = ("runs", "rows", "stacks", "types", "timeline", "advice")


def read(place: Path, columns: str, table: str, rest: str = "") -> list[tuple[Any, ...]]:
    files = f"{place}/{table}/*/*/*.parquet"
    found: list[tuple[Any, ...]] = duckdb.sql(
        f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning = true) {rest}"
    ).fetchall()
    return found


def export(place: Path, *paths: Path) -> None:
    ran = inside("export", "-f", "parquet", *paths, place)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A data set, and the captures that are in it."""
    place = tmp_path_factory.mktemp("small")
    paths = captures(place)
    export(place / "set", *paths)
    return place / "set", paths


def test_each_table_adds_up_to_what_json_exports_say(small: tuple[Path, list[Path]]) -> None:
    place, paths = small
    wanted = []
    for path in paths:
        told = json.loads(inside("export", "-f", "json", path, "-o", "-").stdout)["rows"]
        wanted.append(tuple(sum(row[name] for row in told) for name in SUMMED))
    sums = ", ".join(f"sum({name})::BIGINT" for name in SUMMED)
    for table in ("runs", "rows", "stacks"):
        found = read(place, sums, table, "GROUP BY run")
        assert sorted(found) == sorted(wanted), table
    live = [row[4] for row in sorted(wanted)]
    found = read(place, "sum(live_bytes)::BIGINT", "types", "GROUP BY run")
    assert [value for (value,) in sorted(found)] == sorted(live)


def test_folders_are_of_service_and_day(small: tuple[Path, list[Path]]) -> None:
    place, _ = small
    found = read(place, "service, day::VARCHAR, version", "runs", "ORDER BY version")
    assert found == [
        ("api", "2026-09-21", "1.0"),
        ("api", "2026-09-22", "1.1"),
        ("web/2", "2026-09-23", "1.2"),
    ]
    for table in TABLES:
        assert len(list((place / table).glob("service=*/day=*/*.parquet"))) == 3


def test_names_that_are_no_text_have_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "latin.mscope"
    path.write_bytes(shop(main="/home/me/app/caf\udce9.py").build())
    export(tmp_path / "set", path)
    assert read(tmp_path / "set", "service", "runs") == [("caf\\udce9",)]


def test_a_run_counts_once_however_often_it_is_exported(small: tuple[Path, list[Path]]) -> None:
    place, paths = small
    export(place, *paths[:2])
    assert read(place, "count(*)", "runs") == [(3,)]
    ran = inside("export", "-f", "parquet", "--redact", paths[0], place)
    assert ran.returncode == 1
    assert "has this run already" in ran.stderr


def test_captures_with_more_stacks_than_can_be_written_out_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the heaviest are; of a linter's run of a minute all would be 75 million frames."""
    monkeypatch.setattr(hotspots, "MOST_FRAMES", 3000)
    made = CaptureWriter()
    for number in range(2500):
        frames = [(f"f{depth}", "/home/me/app/app.py", number + 1) for depth in range(4)]
        made.site(frames, size=100_000 if number < 3 else 10, count=3)
    path = tmp_path / "many.mscope"
    path.write_bytes(made.build())
    with memscope.load(path) as capture:
        stacks = contents_of(capture).tables["stacks"]
        allocated = capture.sums.total.allocated_bytes
    assert [stack["frames"] for stack in stacks] == [4, 4, 4, None]
    assert sum(stack["allocated_bytes"] for stack in stacks) == allocated
    assert stacks[-1]["allocations"] == 3 * 2497


def test_a_merged_capture_is_refused(tmp_path: Path) -> None:
    paths = captures(tmp_path)
    inside("merge", *paths, "-o", tmp_path / "all.mscope")
    ran = inside("export", "-f", "parquet", tmp_path / "all.mscope", tmp_path / "set")
    assert ran.returncode == 1
    assert "export those that it was merged of" in ran.stderr


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["0.mscope", "1.mscope"], 1, "is no folder"),
        (["--by", "peak", "0.mscope", "set"], 2, "carries all measures"),
        (["0.mscope", "0.mscope/set"], 1, "cannot be written"),
    ],
)
def test_wrong_usage(tmp_path: Path, words: list[str], status: int, message: str) -> None:
    captures(tmp_path)
    ran = inside("export", "-f", "parquet", *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (status, "")
    assert message in ran.stderr


WRITER = """
import sys, memscope
from pathlib import Path
from memscope.fleet.contents import contents_of
from memscope.fleet.storing import write_run
place, *paths = map(Path, sys.argv[1:])
found = []
for path in paths:
    with memscope.load(path) as capture:
        found.append(contents_of(capture))
import pyarrow.parquet
while True:
    for run in found:
        print("next", flush=True)
        write_run(place, run)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A data set of which writers were killed, each at a moment of its own."""
    place = tmp_path_factory.mktemp("killed")
    paths = captures(place, 6)
    chance = random.Random(7)
    for kill in range(5):
        words = [sys.executable, "-c", WRITER, str(place / "set"), *map(str, paths)]
        writer = subprocess.Popen(words, cwd=place, stdout=subprocess.PIPE, env=environment())
        assert writer.stdout is not None
        for _ in range(2 if kill == 0 else chance.randrange(1, 9)):
            assert writer.stdout.readline() == b"next\n"
        time.sleep(chance.uniform(0, 0.02))
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        _check_readable(place / "set")
    return place / "set", paths


def _check_readable(place: Path) -> None:
    for table in TABLES:
        if list(place.glob(f"{table}/*/*/*.parquet")):
            read(place, "*", table)


def test_what_killed_writers_leave_is_readable_and_counts_once(
    killed: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    place, paths = killed
    assert read(place, "count(*)", "runs") != [(0,)]
    twice = read(place, "run, count(*)", "runs", "GROUP BY run HAVING count(*) > 1")
    assert twice == []
    # Whoever is named in `runs` is whole in all other tables.
    export(tmp_path / "whole", *paths)
    wanted = dict(read(tmp_path / "whole", "run, sum(live_bytes)::BIGINT", "rows", "GROUP BY run"))
    found = dict(read(place, "run, sum(live_bytes)::BIGINT", "rows", "GROUP BY run"))
    for (run,) in read(place, "run", "runs"):
        assert found[run] == wanted[run]
    export(place, *paths)
    for table in TABLES:
        rows = [sorted(map(repr, read(each, "*", table))) for each in (place, tmp_path / "whole")]
        assert rows[0] == rows[1], table
