"""Captures have labels, and `memscope compare --old … --new …` takes its sides by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from capture.captures import FILL, LOAD, MAIN
from capture.writer import CaptureWriter
from cli.console import call

import memscope
from memscope.analysis.redaction import RedactedCapture

PROGRAM = """
import sys
kept = [bytes(1000) for _ in range(int(sys.argv[1]))]
"""


def run(place: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return call(*words, cwd=place, env=environment)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("labelled")
    (place / "app.py").write_text(PROGRAM)
    for name, version, count in (("a", "1.3", "1000"), ("b", "1.4", "3000"), ("c", "1.5", "10")):
        label = "service=api", f"version={version}"
        words = [word for each in label for word in ("--label", each)]
        run(place, "run", "-q", "-o", f"{name}.mscope", *words, "app.py", count)
    return place


def labels(path: Path) -> dict[str, str]:
    with memscope.load(path) as capture:
        return dict(capture.meta.labels)


def test_labels_are_in_the_capture_with_those_that_are_found(place: Path) -> None:
    told = json.loads(run(place, "info", "--json", "a.mscope").stdout)["labels"]
    assert told["service"] == "api"
    assert told["version"] == "1.3"
    assert told["host"] == os.uname().nodename
    assert "version=1.3" in run(place, "info", "a.mscope").stdout


def test_a_label_that_is_given_counts_more_than_one_that_is_found(place: Path) -> None:
    variable = {"MEMSCOPE_LABELS": "region=eu,version=0"}
    run(
        place,
        "run",
        "-q",
        "-o",
        "env.mscope",
        "--label=version=2",
        "--label=host=x",
        "app.py",
        "1",
        **variable,
    )
    found = labels(place / "env.mscope")
    assert (found["region"], found["version"], found["host"]) == ("eu", "2", "x")


def test_record_takes_labels(place: Path) -> None:
    code = (
        "import memscope\nwith memscope.record('r.mscope', labels={'service': 'job'}): bytes(10000)"
    )
    run_it = [sys.executable, "-c", code]
    subprocess.run(run_it, cwd=place, check=True, env={**os.environ, "MEMSCOPE_LABELS": "no label"})
    assert labels(place / "r.mscope")["service"] == "job"


def test_redaction_takes_the_values(place: Path) -> None:
    with memscope.load(place / "a.mscope") as capture:
        redacted = RedactedCapture(capture).meta.labels
    assert redacted.keys() >= {"service", "version", "host"}
    assert all(value.startswith("label") for value in redacted.values())


@pytest.mark.parametrize(
    "label", ["version", "=1", "version=", "ver sion=1", "v=a\nb", f"v={'x' * 257}"]
)
def test_what_is_no_label_is_refused_before_the_program_runs(place: Path, label: str) -> None:
    ran = run(place, "run", "--label", label, "-c", "print('ran')")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "is not a label: write KEY=VALUE" in ran.stderr


def test_sides_are_taken_by_label_in_whatever_order(place: Path) -> None:
    words = ["--old", "version=1.3", "--new", "version=1.4", "--new", "service=api"]
    ran = run(place, "compare", "--json", *words, "b.mscope", "c.mscope", "a.mscope")
    document = json.loads(ran.stdout)
    live = document["totals"]["live_bytes"]
    assert live["new"] - live["old"] >= 2_000_000
    assert ran.stderr == "memscope: 1 capture has the labels of neither side\n"


def test_several_runs_of_each_version_tell_a_change_from_noise(tmp_path: Path) -> None:
    noise = (0, 7, 3, 9, 5)
    for version, grown in (("1.3", 0), ("1.4", 40)):
        for run_number, more in enumerate(noise):
            writer = CaptureWriter(pid=run_number, labels={"version": version}, mode="sampled")
            writer.site([MAIN, LOAD], size=100, count=100 + grown + more)
            writer.site([MAIN, FILL], size=100, count=100 + more + (1 if grown else 0))
            (tmp_path / f"{version}-{run_number}.mscope").write_bytes(writer.build())
    words = ["--old", "version=1.3", "--new", "version=1.4"]
    ran = run(tmp_path, "compare", "--json", *words, *sorted(map(str, tmp_path.glob("*.mscope"))))
    rows = {row["site"]["function"]: row for row in json.loads(ran.stdout)["rows"]}
    told = {name: rows[name] for name in ("load", "Cart.fill")}
    assert (told["load"]["significant"], told["Cart.fill"]["significant"]) == (True, False)
    # All 5 above all 5: two of the 252 ways to deal out the ranks.
    assert told["load"]["p"] == pytest.approx(2 / 252)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--old", "version=1.3"], 2, "--old and --new go together"),
        (
            ["--old", "version=1", "--new", "version=1.4"],
            1,
            "no capture has version=1; there are version=1.3, version=1.4, version=1.5",
        ),
        (
            ["--old", "v=1", "--new", "version=1.4"],
            1,
            "no capture has v=1; none has a label of that name",
        ),
        (
            ["--old", "service=api", "--new", "version=1.4"],
            1,
            "b.mscope: has the labels of both sides",
        ),
        (
            ["--old", "version=1.3", "--new", "version=1.4", "vs"],
            2,
            "name all captures, in any order",
        ),
    ],
)
def test_sides_that_cannot_be_told(
    place: Path, words: list[str], status: int, message: str
) -> None:
    ran = run(place, "compare", *words, "a.mscope", "b.mscope", "c.mscope")
    assert ran.returncode == status
    assert message in ran.stderr
    assert ran.stdout == ""
