"""pprof profiles, read by the protobuf runtime and by Go's own tool."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from capture.writer import CaptureWriter
from cli.console import call
from exports.conftest import Export
from exports.openers import read_pprof
from golden.make import APP, GOLDEN, MAIN, MEASURES

TYPES = [
    ("alloc_objects", "count"),
    ("alloc_space", "bytes"),
    ("inuse_objects", "count"),
    ("inuse_space", "bytes"),
    ("peak_objects", "count"),
    ("peak_space", "bytes"),
]


class Read:
    """A profile with its numbers looked up."""

    def __init__(self, path: Path) -> None:
        self.profile = profile = read_pprof(path)
        self.strings = profile.string_table
        self.functions = {function.id: function for function in profile.function}
        self.locations = {location.id: location for location in profile.location}

    def stack(self, sample: Any) -> list[tuple[str, str, int]]:
        """Leaf first."""
        found = []
        for number in sample.location_id:
            (line,) = self.locations[number].line
            function = self.functions[line.function_id]
            found.append((self.strings[function.name], self.strings[function.filename], line.line))
        return found

    def labels(self, sample: Any) -> dict[str, Any]:
        return {
            self.strings[label.key]: self.strings[label.str] if label.str else label.num
            for label in sample.label
        }


@pytest.fixture
def golden(export: Export) -> Read:
    return Read(export("pprof"))


def test_laid_out_as_gos_heap_profiles(golden: Read) -> None:
    profile, strings = golden.profile, golden.strings
    assert [(strings[kind.type], strings[kind.unit]) for kind in profile.sample_type] == TYPES
    assert strings[0] == ""
    assert strings[profile.default_sample_type] == "inuse_space"
    assert (strings[profile.period_type.type], strings[profile.period_type.unit]) == (
        "space",
        "bytes",
    )
    assert profile.period == 1
    assert profile.time_nanos == 1_700_000_000 * 10**9
    assert profile.duration_nanos == 2 * 10**9
    assert "app.py --name" in strings[profile.comment[0]]


def test_stacks_values_and_labels(golden: Read) -> None:
    samples = [
        sample
        for sample in golden.profile.sample
        if golden.stack(sample)[0] == ("Maß.wachse", MEASURES, 12)
    ]
    assert golden.stack(samples[0])[1:] == [("run", APP, 40), ("<module>", APP, 3)]
    assert [list(sample.value) for sample in samples] == [
        [100, 204_800, 2, 4096, 2, 4096],
        [5, 0, 5, 0, 5, 0],
    ]
    assert golden.labels(samples[0]) == {"thread": "MainThread", "domain": "mem", "bytes": 2048}
    for label in samples[0].label:
        unit = golden.strings[label.num_unit]
        assert unit == ("bytes" if label.num else "")


def test_block_sizes(golden: Read) -> None:
    """What pymalloc gives for a request where it serves it; else what was asked for on average."""
    sizes = {}
    for sample in golden.profile.sample:
        labels, (blocks, size) = golden.labels(sample), sample.value[:2]
        sizes[labels["domain"], size // blocks] = labels["bytes"]
    assert sizes["obj", 60] == 64
    assert sizes["raw", 60] == 60
    assert sizes["obj", 513] == 513
    assert sizes["obj", 1 << 20] == 1 << 20
    assert sizes["mem", 0] == 0


def test_threads(golden: Read) -> None:
    threads = {golden.labels(sample)["thread"] for sample in golden.profile.sample}
    assert threads == {"MainThread", "Arbeiter-Ö", "thread 102", "further threads"}


def test_a_stack_without_python_frames(golden: Read) -> None:
    stacks = [golden.stack(sample) for sample in golden.profile.sample]
    assert stacks.count([("<no Python frame>", "", 0)]) == 2


def test_names_are_one_line(golden: Read) -> None:
    assert all(text.isprintable() for text in golden.strings)
    assert any("长" in text for text in golden.strings)


def test_two_functions_on_one_line_are_two(golden: Read) -> None:
    keys = [
        (golden.strings[f.name], golden.strings[f.filename], f.start_line)
        for f in golden.profile.function
    ]
    assert len(keys) == len(set(keys))
    names = [name for name, file, _ in keys if file == APP]
    assert sorted(names) == ["<module>", "run", "run.<locals>.<lambda>", "visit", "walk"]


def test_the_archive_tells_no_time_and_no_name(export: Export) -> None:
    header = export("pprof").read_bytes()[:10]
    assert header[:4] == b"\x1f\x8b\x08\x00"  # gzip, deflate, no name
    assert header[4:8] == bytes(4)


# ---- go tool pprof


@pytest.fixture
def go(tmp_path: Path) -> Any:
    found = shutil.which("go")
    if found is None:
        pytest.skip("needs go: its tool pprof is the oracle")

    def run(*words: object) -> str:
        done = subprocess.run(
            [found, "tool", "pprof", *map(str, words)],
            env={"PATH": str(Path(found).parent), "HOME": str(tmp_path), "GOFLAGS": ""},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def summed(raw: str) -> list[int]:
    """The sums of the values in `-raw`."""
    samples = raw.partition("Samples:")[2].partition("Locations")[0]
    values = re.findall(r"^((?: *\d+)+): [\d ]+$", samples, re.MULTILINE)
    assert values
    return [sum(column) for column in zip(*(map(int, v.split()) for v in values), strict=True)]


def test_go_reads_the_same_totals(export: Export, go: Any) -> None:
    totals = json.loads(call("summary", GOLDEN, "--json").stdout)["totals"]
    raw = go("-raw", export("pprof"))
    assert "inuse_space/bytes[dflt]" in raw
    names = (
        "allocations", "allocated_bytes", "live_blocks", "live_bytes", "peak_blocks", "peak_bytes",
    )  # fmt: skip
    assert summed(raw) == [totals[name] for name in names]


def test_go_shows_the_top(export: Export, go: Any) -> None:
    top = go("-top", "-sample_index=alloc_space", "-unit=B", export("pprof"))
    assert "Type: alloc_space" in top
    assert re.search(r"3206808B .* run\n", top), "3 MiB and a bit, also on another line"
    assert "<module>" in top, "not taken for a template of C++"


def test_go_shows_tags(export: Export, go: Any) -> None:
    tags = go("-tags", "-sample_index=alloc_objects", export("pprof"))
    for part in ("domain: Total", "thread: Total", "bytes: Total", "Arbeiter-Ö", "64B"):
        assert part in tags
    focused = go("-top", "-tagfocus=domain=raw", "-sample_index=alloc_objects", export("pprof"))
    assert "17," in focused  # 10 + 5 + 2 requests


def test_go_shows_traces_leaf_first(export: Export, go: Any) -> None:
    traces = go("-traces", "-sample_index=peak_objects", export("pprof"))
    assert re.search(r" 50 +walk\n +visit\n +walk\n +visit\n +walk\n +run\n +<module>\n", traces)


def test_go_subtracts_one_from_another(export: Export, go: Any) -> None:
    profile = export("pprof")
    assert "accounting for 0, 0%" in go("-top", f"-diff_base={profile}", profile)


def test_sampled_and_cut_captures_say_so(export: Export, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mscope"
    cut.write_bytes(GOLDEN.read_bytes()[:-300])
    made = CaptureWriter(mode="sampled", sample_bytes=4096)
    made.site([MAIN], size=40)
    sampled = tmp_path / "sampled.mscope"
    sampled.write_bytes(made.build())
    for capture, words in (
        (cut, "incomplete: has no end"),
        (sampled, "sampled each 4,096 bytes on average: figures are estimates"),
    ):
        read = Read(export("pprof", capture))
        said = [read.strings[number] for number in read.profile.comment]
        assert any(text.startswith(words) for text in said)
    assert read.profile.period == 4096
