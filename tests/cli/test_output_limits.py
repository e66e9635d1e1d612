"""A capture of a few kilobytes can ask for more output than any disk holds: it gets one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from capture import writer
from capture.captures import shop
from click.testing import CliRunner

from memscope.cli import answer, export
from memscope.cli.commands import cli
from memscope.errors import MemscopeError

DEPTH = 20_000


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recursion that allocated at each of 20,000 calls: two hundred million frames."""
    made = shop()
    node = len(made.nodes)
    frames = made.frames()
    chain = [1] * DEPTH
    rows = list(range(node + 1, node + 1 + DEPTH))
    added = {
        writer.NODES: writer.table(chain, chain, [7] * DEPTH, widths=[1, 1, 1]),
        writer.ROWS: writer.table(rows, [2] * DEPTH, [4] * DEPTH, widths=[4, 1, 1]),
        writer.TOTALS: writer.table(*[[3] * DEPTH] * 16, widths=[1] * 16),
    }
    for kind, payload in added.items():
        last = max(place for place, (number, _) in enumerate(frames) if number == kind)
        frames.insert(last + 1, (kind, payload))
    path = tmp_path_factory.mktemp("deep") / "deep.mscope"
    path.write_bytes(writer.join(frames))
    return path


def asked(*words: object) -> str:
    """What the subcommand answers; its failure, if it is one that memscope explains."""
    done = CliRunner().invoke(cli, [str(word) for word in words])
    if isinstance(done.exception, MemscopeError):
        return str(done.exception)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("name", ["collapsed", "speedscope", "pprof", "perfetto"])
def test_formats_of_single_stacks_are_refused(tmp_path: Path, deep: Path, name: str) -> None:
    if name == "perfetto":
        pytest.importorskip("perfetto", reason="needs the package perfetto")
    told = asked("export", "-f", name, "-o", tmp_path / "x", deep)
    assert told.startswith("its stacks, each written out, have 200,")
    assert "json" in told
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["json", "csv", "svg", "pstats"])
def test_formats_of_trees_are_not(tmp_path: Path, deep: Path, name: str) -> None:
    asked("export", "-f", name, "-o", tmp_path / "x", deep)
    assert 0 < (tmp_path / "x").stat().st_size < 20 << 20


@pytest.mark.parametrize("subcommand", ["hotspots", "lifetimes"])
def test_all_stacks_are_too_many(deep: Path, subcommand: str) -> None:
    assert "list fewer with -n" in asked(subcommand, "--group", "stack", "-n", 0, "--json", deep)
    answer = asked(subcommand, "--group", "stack", "-n", 9, "--json", deep)
    assert len(json.loads(answer)["rows"]) == 9


def test_json_ends_before_it_is_too_long(deep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "MAX_JSON_BYTES", 1 << 20)
    assert "longer than 1 MiB" in asked("tree", "--threshold", 0, "--json", deep)


def test_an_export_ends_before_it_is_too_long(
    tmp_path: Path, deep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_EXPORT_BYTES", 1 << 20)
    monkeypatch.setattr(export, "MAX_EXPORT_SHARE", 0)
    assert "longer than 1 MiB" in asked("export", "-f", "json", "-o", tmp_path / "x", deep)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "document", [{"a": [], "b": [1, {"c": [2]}], "d": {"e": []}, "f": None}, {"a": "x"}, {}]
)
def test_json_in_pieces_is_the_same(document: dict[str, object]) -> None:
    assert answer.one_object(document) == json.dumps(document) + "\n"


def test_numbers_that_json_has_not_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        answer.one_object({"a": [float("nan")]})
