"""A data set whose runs are packed into few files says what it said before, at any moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture.captures import shop
from cli.console import inside

import memscope
from memscope.errors import MemscopeError
from memscope.fleet import compacting
from memscope.fleet.asking import Asked
from memscope.fleet.contents import RunContents, contents_of
from memscope.fleet.engines import open_engine
from memscope.fleet.questions import ask
from memscope.fleet.schema import TABLES
from memscope.fleet.storing import write_run

duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
pytest.importorskip("pyarrow", reason="needs pyarrow")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunContents]:
    """Four runs of one service and day, and one of another."""
    path = tmp_path_factory.mktemp("captures") / "of.mscope"
    found = []
    for pid in range(5):
        labels = {"service": "api" if pid < 4 else "web/2", "version": f"1.{pid % 2}"}
        made = shop(pid=pid, started=1_790_000_000.0 + pid, labels=labels)
        path.write_bytes(made.build())
        with memscope.load(path) as capture:
            found.append(contents_of(capture))
    return found


def write(place: Path, runs: list[RunContents]) -> None:
    for run in runs:
        write_run(place, run, durable=False)


def answers(place: Path) -> list[Any]:
    """What is said of lines and of runs, and for which release."""
    engine = open_engine("duckdb", str(place))
    top = ask(engine, Asked("top", by="allocated_bytes", limit=0))
    versions = engine.rows("SELECT service, version, count(*) FROM runs GROUP BY ALL ORDER BY ALL")
    engine.close()
    return [[dict(row) for row in top.rows], top.about, versions]


def raw(place: Path, table: str) -> list[str]:
    """All of a table, read as anybody would."""
    files = f"{place}/{table}/*/*/*.parquet"
    read = f"SELECT * FROM read_parquet('{files}', hive_partitioning = true)"
    return sorted(map(repr, duckdb.sql(read).fetchall()))


def files_of(place: Path) -> set[str]:
    return {path.name for path in place.rglob("*.parquet")}


def test_all_is_there_in_fewer_files(tmp_path: Path, runs: list[RunContents]) -> None:
    write(tmp_path, runs)
    before = [answers(tmp_path), *(raw(tmp_path, table) for table in TABLES)]
    ran = inside("fleet", tmp_path, "compact")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "4 runs in 1 folders" in ran.stderr
    assert [answers(tmp_path), *(raw(tmp_path, table) for table in TABLES)] == before
    assert len(list(tmp_path.rglob("*.parquet"))) == 2 * len(TABLES)
    assert "nothing to do" in inside("fleet", tmp_path, "compact").stderr


def test_runs_that_come_later_and_again_count_once(tmp_path: Path, runs: list[RunContents]) -> None:
    write(tmp_path / "whole", runs)
    write(tmp_path / "set", runs[:2])
    compacting.compact(tmp_path / "set")
    write(tmp_path / "set", runs[1:])
    assert answers(tmp_path / "set") == answers(tmp_path / "whole")
    compacting.compact(tmp_path / "set")
    assert answers(tmp_path / "set") == answers(tmp_path / "whole")
    again = {f"{runs[1].run}.parquet", f"{runs[4].run}.parquet"}
    assert {name for name in files_of(tmp_path / "set") if "pack" not in name} == again


class Killed(BaseException):
    pass


def test_whoever_is_killed_leaves_all_as_it_was(
    tmp_path: Path, runs: list[RunContents], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each of its steps: a file named, or taken away."""
    runs = runs[2:]
    write(tmp_path / "whole", runs)
    wanted = answers(tmp_path / "whole")
    step = 0

    def killing(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(path: Path, *words: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real(path, *words)

        return act

    while True:
        place, left = tmp_path / f"killed-{step}", step
        write(place, runs)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", killing(Path.replace))
            patched.setattr(Path, "unlink", killing(Path.unlink))
            try:
                compacting.compact(place)
            except Killed:
                over = False
            else:
                over = True
        assert answers(place) == wanted, step
        with monkeypatch.context() as patched:
            patched.setattr(compacting, "LEFT_S", 0.0)
            compacting.compact(place)
        assert answers(place) == wanted, step
        assert len(files_of(place)) == 2, step
        if over:
            break
        step += 1
    assert step == len(TABLES) + 2 * len(TABLES)


def test_only_one_compacts(tmp_path: Path, runs: list[RunContents]) -> None:
    write(tmp_path, runs)
    with compacting._alone(tmp_path):
        ran = inside("fleet", tmp_path, "compact")
    assert ran.returncode == 1
    assert "is being compacted already" in ran.stderr


def test_a_data_set_without_the_rows_of_a_pack_is_not_asked(
    tmp_path: Path, runs: list[RunContents]
) -> None:
    write(tmp_path, runs)
    compacting.compact(tmp_path)
    next(tmp_path.glob("rows/service=api/*/pack-*")).unlink()
    ran = inside("fleet", tmp_path, "top")
    assert ran.returncode == 1
    assert "has no rows of pack-" in ran.stderr


def test_files_that_go_while_they_are_read_are_told(
    tmp_path: Path, runs: list[RunContents]
) -> None:
    write(tmp_path, runs)
    engine = open_engine("duckdb", str(tmp_path))
    engine.read_runs(("run", "service", "day"))
    every = engine.rows("SELECT service, day, run FROM runs")
    compacting.compact(tmp_path)
    with pytest.raises(MemscopeError, match=r"was changed while it was read \(ask again\)"):
        engine.read_rows((service, day, run) for service, day, run in every)
    engine.close()
