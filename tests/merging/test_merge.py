"""Several captures are one whose sums are those of its parts, added up here from JSON exports."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture.captures import APP, HOME, LOAD, MAIN, loop, shop
from capture.writer import PYTHON, WINDOW, CaptureWriter
from cli.console import inside

import memscope
from memscope.errors import MemscopeError
from memscope.merging.merge import merge

SUMMED = (
    "allocations", "allocated_bytes", "frees", "reallocations", "live_blocks", "live_bytes",
    "peak_bytes",
)  # fmt: skip
SECOND = 10**9
OF_ONE_PROCESS = ("rss", "holders", "why", "fragmentation")


def made(place: Path, *writers: CaptureWriter) -> list[Path]:
    paths = []
    for number, writer in enumerate(writers):
        paths.append(place / f"{number}.mscope")
        paths[-1].write_bytes(writer.build())
    return paths


def merged(place: Path, paths: list[Path]) -> Path:
    ran = inside("merge", *paths, "-o", place / "all.mscope")
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    return place / "all.mscope"


def exported(path: Path) -> dict[str, Any]:
    ran = inside("export", "-f", "json", path, "-o", "-")
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def sums(
    exports: list[dict[str, Any]],
    moved: Callable[[str], str] = str,
    names: tuple[str, ...] = SUMMED,
) -> Counter[tuple[Any, ...]]:
    """Every counter of every whole stack, domain, size and type, over all of the exports."""
    found: Counter[tuple[Any, ...]] = Counter()
    for export in exports:
        stacks: dict[int, tuple[Any, ...]] = {0: ()}
        for entry in export["stacks"]:
            above = stacks[entry["parent"] or 0]
            frame = (
                (entry["function"], moved(entry["file"]), entry["line"])
                if "function" in entry
                else ()
            )
            stacks[entry["id"]] = (*above, frame) if frame else above
        for row in export["rows"]:
            key = stacks[row["stack"]], row["domain"], row["from_bytes"], str(row["type"])
            for name in names:
                if row[name]:
                    found[(*key, name)] += row[name]
    return found


def test_every_counter_is_the_sum_of_the_parts(tmp_path: Path) -> None:
    writers = shop(pid=1, labels={"service": "api"}), shop(pid=2), loop(pid=3)
    paths = made(tmp_path, *writers)
    parts, whole = [exported(path) for path in paths], exported(merged(tmp_path, paths))
    assert sums([whole]) == sums(parts)
    assert len(sums(parts)) > 40
    for name in SUMMED:
        assert whole["totals"][name] == sum(part["totals"][name] for part in parts), name
    for number, domain in enumerate(whole["domains"]):
        of = sum(part["domains"][number]["live_bytes"] for part in parts)
        assert domain["live_bytes"] == of
    assert whole["points"][-1]["max_live_bytes"] == sum(
        part["points"][-1]["max_live_bytes"] for part in parts
    )


def test_windows_add_up_to_what_was_live(tmp_path: Path) -> None:
    first, second = shop(pid=1), shop(pid=2)
    second.window_count = 5
    with memscope.load(merged(tmp_path, made(tmp_path, first, second))) as capture:
        live = [0.0] * len(capture.tables.rows.stack)
        for window in capture.windows():
            for row, _, came, _, left in window.changes():
                live[row - 1] += came - left
            assert sum(live) == sum(window.live_bytes)
        assert live == list(capture.totals.live_bytes)
        assert capture.lifetimes is not None
        assert capture.growth is not None
        assert sum(capture.growth.links) == 80
        assert capture.cohorts is not None
        assert sum(capture.cohorts.size_bytes) == 2 * (9000 + 3000 + 30000)


def test_files_are_known_by_module_wherever_they_lie(tmp_path: Path) -> None:
    here, elsewhere = "/srv/app", "/opt/python"

    def moved(file: str) -> str:
        return file.replace(HOME, here).replace(PYTHON, elsewhere)

    prefixes = {"stdlib": [elsewhere], "site": [f"{elsewhere}/site-packages"]}
    other = shop(pid=2, cwd=here, main=f"{here}/app.py", prefixes=prefixes)
    other.codes = {(moved(file), *rest): code for (file, *rest), code in other.codes.items()}
    paths = made(tmp_path, shop(pid=1), other)
    whole = exported(merged(tmp_path, paths))
    assert not [entry for entry in whole["stacks"] if entry.get("file", "").startswith(here)]
    back = {here: HOME, elsewhere: PYTHON}

    def moved_back(file: str) -> str:
        for new, old in back.items():
            file = file.replace(new, old)
        return file

    assert sums([whole]) == sums([exported(path) for path in paths], moved_back)


def test_two_programs_of_one_name_stay_two(tmp_path: Path) -> None:
    def service(name: str, home: str, pid: int) -> CaptureWriter:
        writer = CaptureWriter(pid=pid, cwd=home, main=f"{home}/app.py", labels={"service": name})
        writer.site([("<module>", f"{home}/app.py", 3)], size=100 * pid, count=1, live=1)
        return writer

    paths = made(tmp_path, service("api", "/a", 1), service("web", "/b", 2))
    rows = inside("hotspots", "--json", merged(tmp_path, paths))
    found = {row["file"]: row["live_bytes"] for row in json.loads(rows.stdout)["rows"]}
    assert found == {"/a/app.py": 100, "/b/app.py": 200}


def test_exact_and_sampled_captures_become_a_sampled_one(tmp_path: Path) -> None:
    sampled = CaptureWriter(pid=2, mode="sampled", sample_bytes=4096)
    sampled.site([MAIN, LOAD], size=64, count=10, live=2)
    paths = made(tmp_path, shop(pid=1), sampled)
    parts, whole = [exported(path) for path in paths], exported(merged(tmp_path, paths))
    assert (whole["capture"]["mode"], whole["capture"]["sample_bytes"]) == ("sampled", 4096)
    assert sums([whole]) == sums(parts)


def test_processes_and_labels_are_kept(tmp_path: Path) -> None:
    one = shop(pid=11, labels={"service": "api", "host": "x"})
    two = shop(pid=12, labels={"service": "api", "host": "y"})
    path = merged(tmp_path, made(tmp_path, one, two))
    told = json.loads(inside("info", "--json", path).stdout)
    assert told["labels"] == {"service": "api"}
    assert [part["pid"] for part in told["parts"]] == [11, 12]
    assert [part["labels"]["host"] for part in told["parts"]] == ["x", "y"]
    assert "host=y" in inside("info", path).stdout
    names = {thread["name"] for thread in exported(path)["threads"]}
    assert any(name.endswith("process 12 on y") for name in names)
    again = merged_again(tmp_path, path, shop(pid=13))
    assert [part["pid"] for part in again["parts"]] == [11, 12, 13]


def merged_again(place: Path, path: Path, more: CaptureWriter) -> dict[str, Any]:
    other = place / "more.mscope"
    other.write_bytes(more.build())
    inside("merge", path, other, "-o", place / "again.mscope")
    return dict(json.loads(inside("info", "--json", place / "again.mscope").stdout))


def test_each_subcommand_reads_it_or_says_why_not(tmp_path: Path) -> None:
    path = merged(tmp_path, made(tmp_path, shop(pid=1), loop(pid=2)))
    words = ("summary", "hotspots", "types", "tree", "timeline", "lifetimes", "sizes", "growth",
             "gc", "advise")  # fmt: skip
    for word in words:
        ran = inside(word, "--json", path)
        assert (ran.returncode, ran.stderr) == (0, ""), word
    for word in OF_ONE_PROCESS:
        ran = inside(word, path, *(["dict"] if word == "why" else []))
        assert ran.returncode == 1
        assert "is 2 captures in one" in ran.stderr, word
    assert "2 captures in one" in inside("summary", path).stdout


def test_the_same_recording_does_not_count_twice(tmp_path: Path) -> None:
    paths = made(tmp_path, shop(pid=1), shop(pid=1))
    ran = inside("merge", *paths, "-o", tmp_path / "all.mscope")
    assert ran.returncode == 1
    assert "is of the same recording as" in ran.stderr
    assert not (tmp_path / "all.mscope").exists()


def test_sums_beyond_what_a_capture_holds_are_refused(tmp_path: Path) -> None:
    # What a live row has does not go beyond 2^63, or it could not be read at all.
    made_large = [CaptureWriter(pid=number) for number in range(3)]
    for writer in made_large:
        writer.site([MAIN], size=1, count=1)
        writer.end["allocated_bytes"] = (1 << 64) - 1
        writer.sample(1, (1 << 63, 0, 0), highest=1 << 63)
    ran = inside("merge", *made(tmp_path, *made_large), "-o", tmp_path / "all.mscope")
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "the sums are beyond what a capture holds" in ran.stderr


def test_a_partial_capture_is_told(tmp_path: Path) -> None:
    whole, cut = made(tmp_path, shop(pid=1), shop(pid=2))
    cut.write_bytes(shop(pid=2).build(without=[12]))
    ran = inside("merge", whole, cut, "-o", tmp_path / "all.mscope")
    assert "1.mscope is partial" in ran.stderr
    told = json.loads(inside("info", "--json", tmp_path / "all.mscope").stdout)
    assert (told["complete"], told["notes"]) == (
        False,
        ["1 of 2 merged captures are partial: sums are not exact"],
    )


def test_a_capture_that_grows_meanwhile_is_refused(tmp_path: Path) -> None:
    whole = shop(pid=1).build(without=[12])
    last_window = whole.rindex(b"MSF\1" + WINDOW.to_bytes(2, "little"))
    (tmp_path / "goes_on.mscope").write_bytes(whole[:last_window])

    def opened(path: Path) -> memscope.Capture:
        path.write_bytes(whole)
        return memscope.load(path)

    with pytest.raises(MemscopeError, match="has changed while it was read"):
        merge([tmp_path / "goes_on.mscope"], io.BytesIO(), opened)


@pytest.mark.parametrize("name", ["nothing.mscope", "app.txt"])
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.txt").write_text(APP)
    ran = inside("merge", tmp_path / name, "-o", tmp_path / "all.mscope")
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "all.mscope").exists()


def budgeted(pid: int, switches: list[int], peak_time_ns: int, *, share_ppm: int) -> CaptureWriter:
    """A recording of 10 s with a budget, of which `switches` say when it was sampled."""
    writer = CaptureWriter(
        pid=pid, mode="budget", budget_ppm=share_ppm, sample_bytes=131_072, started=pid * 1e6
    )
    writer.site([MAIN, LOAD], size=1000, count=40, live=10, peak=20)
    sampled_ns = sum(end - begin for begin, end in zip(switches[::2], switches[1::2], strict=True))
    counted = {"allocations": 4, "allocated_bytes": 4000, "live_bytes": 1000, "live_blocks": 1}
    writer.end = {
        "duration_ns": 10 * SECOND, "peak_time_ns": peak_time_ns,
        "budget": {
            "share_ppm": share_ppm, "cpu_ns": 5 * SECOND, "cost_ns": SECOND // 10,
            "sampled_ns": sampled_ns, "changes": len(switches), "switches_ns": switches,
            "sampled": {name: value * 256 * bool(switches) for name, value in counted.items()},
        },
    }  # fmt: skip
    return writer


def test_what_budgets_estimated_is_told(tmp_path: Path) -> None:
    first = budgeted(1, [2 * SECOND, 4 * SECOND], SECOND, share_ppm=10_000)
    second = budgeted(2, [3 * SECOND, 5 * SECOND, 8 * SECOND, 9 * SECOND], 0, share_ppm=20_000)
    path = merged(tmp_path, made(tmp_path, first, second, shop(pid=3)))
    told = json.loads(inside("info", "--json", path).stdout)["budget"]
    assert told["share"] == 0.02
    assert (told["cpu_s"], told["cost_s"], told["sampled_s"]) == (10, 0.2, 5)
    assert told["changes"] == 6
    assert [(each["from_s"], each["to_s"]) for each in told["intervals"]] == [
        (0, 2), (2, 5), (5, 8), (8, 9), (9, 10),
    ]  # fmt: skip
    assert told["estimated"] == {
        "allocations": 8, "allocated_bytes": 8000, "live_bytes": 2000, "live_blocks": 2,
        "peak": False,
    }  # fmt: skip
    shown = " ".join(inside("info", path).stdout.split())
    assert "2 of 3 captures had one" in shown
    assert "sampled 23% of the time, budget 2%, 3 captures in one" in shown
    place = tmp_path / "again"
    place.mkdir()
    again = merged(place, [path, *made(place, budgeted(9, [], 0, share_ppm=10_000))])
    told = json.loads(inside("info", "--json", again).stdout)["budget"]
    assert (told["cpu_s"], told["changes"], told["sampled_s"]) == (15, 6, 5)
    assert "3 of 4 captures had one" in " ".join(inside("info", again).stdout.split())


def test_a_peak_is_estimated_if_one_of_the_peaks_is(tmp_path: Path) -> None:
    small = budgeted(1, [2 * SECOND, 4 * SECOND], 3 * SECOND, share_ppm=10_000)
    large = budgeted(2, [8 * SECOND, 9 * SECOND], SECOND, share_ppm=10_000)
    large.site([MAIN, LOAD], size=5000, count=40)
    path = merged(tmp_path, made(tmp_path, small, large))
    told = json.loads(inside("info", "--json", path).stdout)["budget"]
    assert told["estimated"]["peak"] is True


@pytest.mark.parametrize("other", ["sampled", "budget without its end"])
def test_without_a_budget_for_all_that_is_sampled_everything_is_an_estimate(
    tmp_path: Path, other: str
) -> None:
    first = budgeted(1, [2 * SECOND, 4 * SECOND], SECOND, share_ppm=10_000)
    paths = made(tmp_path, first, budgeted(2, [], 0, share_ppm=10_000))
    if other == "sampled":
        paths[1].write_bytes(shop(pid=3, mode="sampled", sample_bytes=4096).build())
    else:
        paths[1].write_bytes(paths[1].read_bytes()[:-60])
    path = merged(tmp_path, paths)
    assert json.loads(inside("info", "--json", path).stdout)["budget"] is None
    assert "numbers are estimates" in inside("info", path).stdout


def test_budgets_that_sampled_nothing_leave_a_merged_capture_exact(tmp_path: Path) -> None:
    writers = (budgeted(pid, [], 0, share_ppm=10_000) for pid in (1, 2))
    path = merged(tmp_path, made(tmp_path, *writers))
    with memscope.load(path) as capture:
        assert capture.meta.mode == "exact"
