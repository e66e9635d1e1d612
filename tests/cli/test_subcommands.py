"""The subcommands on captures from the outside: answers, files, JSON, exit statuses, errors."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest
from capture import captures
from cli.console import call, command, environment

SUBCOMMANDS = ["summary", "hotspots", "tree", "sizes", "lifetimes", "timeline", "advise", "info"]
SUBCOMMANDS += ["types", "growth", "fragmentation", "gc"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "app.mscope"
    path.write_bytes(captures.shop().build())
    return path


def answer(*words: object) -> dict[str, Any]:
    done = call(*words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_text_goes_to_stdout_without_colour_where_that_is_no_terminal(
    shop: Path, subcommand: str
) -> None:
    done = call(subcommand, shop)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "app.py" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_json_is_one_object_and_nothing_else(shop: Path, subcommand: str) -> None:
    document = answer(subcommand, shop, "--json")
    assert document["schema"] == f"memscope.{subcommand}/1"
    assert next(iter(document)) == "schema"


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
@pytest.mark.parametrize("json_or_text", [[], ["--json"]])
def test_output_file(shop: Path, tmp_path: Path, subcommand: str, json_or_text: list[str]) -> None:
    written = tmp_path / "answer"
    done = call(subcommand, shop, "-o", written, *json_or_text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "memscope" in written.read_text()
    assert "\x1b" not in written.read_text()


def test_summary_document(shop: Path) -> None:
    document = answer("summary", shop, "--json")
    assert document["capture"].items() >= {
        "file": str(shop), "command": ["app.py", "--rows", "1000"], "python": "3.12.1",
        "allocator": "pymalloc", "mode": "exact", "sample_bytes": 0, "complete": True,
        "dropped_events": 0, "duration_s": 2.0,
    }.items()  # fmt: skip
    assert document["totals"].items() >= {
        "allocations": 1385, "frees": 864, "reallocations": 0, "allocated_bytes": 142030,
        "live_bytes": 52284, "live_blocks": 521, "peak_bytes": 85934, "peak_time_s": 1.0,
    }.items()  # fmt: skip
    assert set(document["rss"]) >= {"peak_bytes", "tracked_share"}
    assert [item["domain"] for item in document["domains"]] == ["raw", "mem", "obj"]
    for item in document["domains"]:
        assert set(item) >= {"allocations", "allocated_bytes", "live_bytes", "peak_bytes"}
    assert document["gc"] == {"collections": 13, "pause_s": 0.01, "share": 0.005}
    assert document["overhead"].items() >= {"waits": 2, "wait_s": 0.0015}.items()


def test_hotspots_document(shop: Path) -> None:
    document = answer("hotspots", shop, "--json", "--group", "stack", "-n", "0")
    assert (document["by"], document["group"]) == ("allocated_bytes", "stack")
    first = document["rows"][0]
    assert set(first) >= {
        "function", "file", "line", "stack", "allocations", "frees", "allocated_bytes",
        "peak_bytes", "live_bytes", "live_blocks", "share",
    }  # fmt: skip
    assert first["stack"][-1] == {name: first[name] for name in ("function", "file", "line")}
    assert len(document["rows"]) == 6
    assert document["rows"][-1]["stack"] == []
    assert document["rows"][-1]["function"] == "<no Python frame>"
    assert "stack" not in answer("hotspots", shop, "--json")["rows"][0]


def test_hotspots_options(shop: Path) -> None:
    rows = answer("hotspots", shop, "--json", "--by", "live_bytes", "-n", "2", "--own")["rows"]
    assert [row["live_bytes"] for row in rows] == [30000]
    rows = answer("hotspots", shop, "--json", "--filter", r"decoder\.py:\d+ .*raw")["rows"]
    assert len(rows) == 1


def test_sizes_document(shop: Path) -> None:
    document = answer("sizes", shop, "--json", "--by-site")
    assert document["classes"][0].keys() >= {
        "class_bytes", "allocations", "requested_bytes", "rounding_bytes", "live_blocks",
        "peak_blocks",
    }  # fmt: skip
    assert [item["class_bytes"] for item in document["classes"]] == [48, 64, 112]
    assert document["large"][0].keys() >= {"from_bytes", "to_bytes", "allocations"}
    assert all({"classes", "large", "file", "line"} <= set(site) for site in document["sites"])


def test_timeline_with_cohorts(shop: Path) -> None:
    assert "cohorts" not in answer("timeline", shop, "--json")
    cohorts = answer("timeline", shop, "--json", "--cohorts")["cohorts"]
    assert cohorts.items() >= {"known": True, "older_blocks": 300, "older_bytes": 30000}.items()
    assert [part["live_bytes"] for part in cohorts["stretches"]] == [9000, 3000]
    assert cohorts["stretches"][0]["sites"][0]["line"] == 10
    done = call("timeline", shop, "--cohorts")
    assert done.returncode == 0
    assert "Live at the end, by when it was allocated" in done.stdout


def test_fragmentation_document(shop: Path) -> None:
    document = answer("fragmentation", shop, "--json")
    assert (document["pymalloc"], document["recorded"]) == (True, True)
    (moment,) = document["moments"]
    assert moment.items() >= {
        "moment": "end", "time_s": 1.5, "counted": True, "arenas_count": 2,
        "arenas_bytes": 2 << 20, "used_bytes": 200 * 64 + 7 * 32, "needed_arenas": 1,
        "unrecorded_blocks": 7,
    }.items()  # fmt: skip
    (site,) = moment["sites"]
    assert site.items() >= {
        "line": 10, "blocks": 200, "arenas": 2, "arenas_alone": 1, "returned_so_far": 1,
    }.items()  # fmt: skip
    assert [arena["unrecorded_blocks"] for arena in moment["arenas"]] == [7, 0]


def test_fragmentation_at_a_moment_that_was_not_seen(shop: Path) -> None:
    done = call("fragmentation", shop, "--at", "low")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "far below the peak" in done.stderr
    assert call("fragmentation", shop, "--at", "end").returncode == 0


def test_fragmentation_of_another_allocator_says_so(tmp_path: Path) -> None:
    path = tmp_path / "app.mscope"
    made = captures.CaptureWriter(allocator="malloc")
    made.site([captures.MAIN], size=64)
    path.write_bytes(made.build())
    done = call("fragmentation", path)
    assert done.returncode == 0
    assert "not pymalloc" in done.stdout
    assert answer("fragmentation", path, "--json")["pymalloc"] is False


def test_gc_document(shop: Path) -> None:
    document = answer("gc", shop, "--json")
    assert document.items() >= {
        "python": "3.12.1", "collections": 13, "collected": 123, "pause_exact": False,
        "share": 0.005, "longest_s": 0.004, "enabled": True,
    }.items()  # fmt: skip
    assert document["collector"]["kind"] == "generational"
    assert [part["threshold"] for part in document["generations"]] == [700, 10, 10]
    assert all({"file", "line", "net_blocks"} <= set(item) for item in document["creators"])


def test_growth_document(shop: Path) -> None:
    document = answer("growth", shop, "--json")
    (row,) = document["rows"]
    assert row.items() >= {
        "line": 20, "links": 40, "copied_bytes": 60_000, "largest_bytes": 3_000,
        "steps": "constant", "reallocations": 0,
    }.items()  # fmt: skip
    assert document["totals"]["copied_bytes"] == 60_000


def test_lifetimes_document(shop: Path) -> None:
    document = answer("lifetimes", shop, "--json", "-n", "0")
    first = document["rows"][0]
    assert (first["line"], first["allocations"], first["freed_share"]) == (353, 1000, 0.8)
    assert first["bytes_histogram"][1] == {"from": 16, "to": 64, "count": 500}
    assert first["bytes_histogram"][-1] == {"from": 1 << 32, "to": None, "count": 0}
    assert first["time_histogram"][0].keys() == {"from", "to", "count"}
    assert first["median"] == {"bytes": {"from": 16, "to": 64}, "time_s": None}
    assert first["p95"]["bytes"] == {"from": 1 << 20, "to": 1 << 22}
    assert document["total"].keys() >= first.keys() & {"allocations", "median", "p95"}
    assert len(answer("lifetimes", shop, "--json", "--own", "-n", "1")["rows"]) == 1


def test_tree_document_names_parents_that_exist(shop: Path) -> None:
    calls = answer("tree", shop, "--json", "--threshold", "0")["calls"]
    ids = {call["id"] for call in calls}
    assert calls[0]["parent"] is None
    assert all(call["parent"] in ids for call in calls[1:])


def test_a_partial_answer_says_so_in_every_document(shop: Path) -> None:
    shop.write_bytes(shop.read_bytes()[:-300])
    for subcommand in SUBCOMMANDS:
        document = answer(subcommand, shop, "--json")
        told = document.get("capture", document)
        assert told["complete"] is False, subcommand
        assert told["notes"], subcommand


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
@pytest.mark.parametrize("json_or_text", [[], ["--json"]])
def test_what_is_no_capture_gets_one_line(
    tmp_path: Path, subcommand: str, json_or_text: list[str]
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "foreign").write_text("no capture at all")
    for name, reason in [
        ("missing", "no such file"),
        ("empty", "is empty"),
        ("foreign", "not a memscope capture"),
        (".", "is a directory"),
    ]:
        done = call(subcommand, tmp_path / name, *json_or_text)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("memscope: ")
        assert done.stderr.count("\n") == 1
        assert reason in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["fits"],
        ["nonsense"],
        ["hotspots", "a", "b"],
        ["hotspots", "x", "--by", "colour"],
        ["hotspots", "x", "--filter", "("],
        ["hotspots", "x", "-n", "-1"],
        ["tree", "x", "--depth", "0"],
        ["run"],
        ["run", "--nonsense", "x.py"],
        ["run", "-m"],
        ["run", "--sample", "many", "x.py"],
    ],
)
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    done = call(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage:" in done.stderr


def test_an_output_that_cannot_be_written(shop: Path, tmp_path: Path) -> None:
    for place, reason in [
        (tmp_path / "no" / "where", "no such file"),
        (tmp_path, "is a directory"),
        ("/dev/full", "no space left"),
    ]:
        done = call("summary", shop, "-o", place)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert reason in done.stderr.lower()


def test_the_capture_is_never_written_over(shop: Path) -> None:
    before = shop.read_bytes()
    done = call("summary", shop, "-o", shop)
    assert done.returncode == 1
    assert "is the capture itself" in done.stderr
    assert shop.read_bytes() == before


def test_full_disk_on_stdout_is_one_line(shop: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("hotspots", "--json", shop), stdout=full, stderr=subprocess.PIPE,
            cwd=shop.parent, env=environment(), text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_had_enough_is_no_error(shop: Path) -> None:
    process = subprocess.Popen(
        command("sizes", "--by-site", shop), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=shop.parent, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def on_terminal(cwd: Path, *words: object, **env: str) -> bytes:
    """What the command prints where all its streams are a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        command(*words), stdin=its, stdout=its, stderr=its,
        cwd=cwd, env=environment({"TERM": "xterm-256color", **env}),
    )  # fmt: skip
    os.close(its)
    told = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        told += more
    process.wait()
    os.close(ours)
    return told


def test_colours_are_the_terminals_own_and_only_on_one(shop: Path) -> None:
    told = on_terminal(shop.parent, "summary", shop)
    assert b"\x1b[" in told
    assert b"38;2;" not in told, "no colours but those of the palette"
    assert b"38;5;" not in told


def test_no_color_is_respected(shop: Path) -> None:
    told = on_terminal(shop.parent, "summary", shop, NO_COLOR="1")
    assert b"\x1b[3" not in told
    assert "●".encode() in told


def test_help_names_every_subcommand() -> None:
    done = call("--help")
    assert done.returncode == 0
    for subcommand in ["run", *SUBCOMMANDS]:
        assert f"\n  {subcommand} " in done.stdout
        assert call(subcommand, "--help").returncode == 0


def test_reading_needs_neither_recorder_nor_rich_for_json(shop: Path) -> None:
    script = (
        "import sys; sys.modules['memscope._recorder'] = None; sys.modules['rich'] = None\n"
        "sys.argv = ['memscope', 'hotspots', '--json', sys.argv[1]]\n"
        "from memscope.cli.main import main; main()"
    )
    done = subprocess.run(
        [command()[0], "-c", script, str(shop)], cwd=shop.parent, env=environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
