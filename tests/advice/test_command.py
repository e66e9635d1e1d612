"""`memscope advise` from the outside: choices, limits, exit statuses, other packages' kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from advice.handmade import advised, rows_of_dictionaries
from capture import captures, writer
from capture.graphs import ITEM_BYTES, with_snapshots
from capture.writer import CaptureWriter
from cli.console import ROOT, call

from memscope.analysis.units import bytes_text


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    path = tmp_path / "heavy.mscope"
    path.write_bytes(rows_of_dictionaries(50_000).build())
    return path


@pytest.fixture
def light(tmp_path: Path) -> Path:
    path = tmp_path / "light.mscope"
    made = captures.shop()
    made.exit = {"status": 0, "cpu_s": 2.0, "peak_resident_bytes": 24 << 20}
    path.write_bytes(made.build())
    return path


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], 0),
        (["--fail-on", "any"], 3),
        (["--fail-on", "compact"], 3),
        (["--fail-on", "leak"], 0),
        (["--fail-on", "leak", "--fail-on", "compact"], 3),
        (["--kind", "leak", "--fail-on", "any"], 0),
        (["--kind", "compact", "--fail-on", "any"], 3),
        (["--fail-on", "nonsense"], 2),
        (["--kind", "any"], 2),
    ],
)
def test_exit_status(heavy: Path, words: list[str], status: int) -> None:
    done = call("advise", "--no-calibration", heavy, *words)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_a_limit_that_is_passed_still_gives_the_answer(heavy: Path, tmp_path: Path) -> None:
    written = tmp_path / "advice.json"
    done = call(
        "advise", "--no-calibration", heavy, "--json", "-o", written, "--fail-on", "any"
    )  # fmt: skip
    assert done.returncode == 3
    assert len(json.loads(written.read_text())["advice"]) == 1


def test_nothing_to_advise_is_said(light: Path) -> None:
    done = call("advise", "--no-calibration", light)
    assert done.returncode == 0
    assert "Nothing to advise." in done.stdout
    assert "hotspots --by peak lists the lines that made the peak" in done.stdout.replace("\n", " ")
    found = json.loads(call("advise", "--no-calibration", light, "--json").stdout)
    assert found["unseen"]["reasons"] == []


@pytest.mark.parametrize(
    ("items", "does", "told"),
    [
        ((2, 9, 20), "grows", f"leak suspect, +{bytes_text(18 * ITEM_BYTES)} from snapshot 1 to 3"),
        ((9,), "keeps much", bytes_text(9 * ITEM_BYTES)),
        ((9, 9), "keeps much", bytes_text(9 * ITEM_BYTES)),
    ],
)
def test_no_all_clear_where_snapshots_show_a_holder(
    light: Path, items: tuple[int, ...], does: str, told: str
) -> None:
    light.write_bytes(writer.join(with_snapshots(captures.loop(), *items), writer.VERSIONS))
    lines = call("advise", "--no-calibration", light).stdout.splitlines()
    assert f"Nothing to advise on what was seen, but one holder {does}." in lines
    (line,) = [line for line in lines if "shop.cache" in line]
    assert line.strip().startswith(told)
    assert f"next → memscope holders {light}" in lines
    found = json.loads(call("advise", "--no-calibration", light, "--json").stdout)["holder"]
    assert "shop.cache" in found["path"]
    assert ("growth_bytes" in found) == (does == "grows")
    of_another = call("advise", "--no-calibration", "--kind", "compact", light).stdout
    assert "Nothing to advise on what was seen." in of_another
    assert "holder" not in of_another


def test_a_holder_that_gained_next_to_nothing_is_not_named(light: Path) -> None:
    grew = with_snapshots(captures.loop(), 1000, 1001, 1002)
    light.write_bytes(writer.join(grew, writer.VERSIONS))
    done = call("advise", "--no-calibration", light)
    assert "but one holder grows" not in done.stdout
    assert "but one holder keeps much" in done.stdout


def test_no_all_clear_where_most_was_not_seen(light: Path) -> None:
    made = captures.shop()
    made.exit = {"status": 0, "cpu_s": 2.0, "peak_resident_bytes": 300 << 20}
    made.end["processes"] = {"forked": 2, "spawned": 1, "followed": 0, "list": []}
    light.write_bytes(made.build())
    done = call("advise", "--no-calibration", light)
    told = done.stdout.replace("\n ", " ")
    assert done.returncode == 0
    assert "hotspots --by peak lists the lines that made the peak" not in told
    assert "Nothing to advise on what was seen." in told
    assert ">99% of resident memory (298 MiB of 298 MiB) was not tracked" in told
    assert "2 forked processes (use --follow-fork); 1 spawned process" in " ".join(told.split())
    unseen = json.loads(call("advise", "--no-calibration", light, "--json").stdout)["unseen"]
    assert [reason["kind"] for reason in unseen["reasons"]] == ["untracked", "processes"]
    assert unseen["processes"] == 3
    assert unseen["share"] > 0.99


def test_the_page_names_place_gain_change_and_proof(heavy: Path) -> None:
    done = call("advise", "--no-calibration", heavy)
    for part in ("compact", "app.py:7", "MiB", "@dataclass(slots=True)", "memscope compare"):
        assert part in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= max(80, len(str(heavy)) + 60)


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("heavy.mscope", "after.mscope"),
        ("after.mscope", "after_2.mscope"),
        ("after_2.mscope", "after_3.mscope"),
        ("after_all.mscope", "after.mscope"),
    ],
)
def test_no_capture_is_to_be_compared_with_itself(heavy: Path, name: str, following: str) -> None:
    capture = heavy.rename(heavy.with_name(name))
    (advice,) = json.loads(call("advise", "--no-calibration", "--json", capture).stdout)["advice"]
    assert advice["verify"] == f"memscope compare {capture} {following}"


def test_what_starts_a_notebook_is_no_program_to_run_again(tmp_path: Path) -> None:
    writer = rows_of_dictionaries(50_000)
    writer.meta["command"] = ["python", "/usr/lib/jupyter/ipykernel_launcher.py", "-f", "k.json"]
    capture = tmp_path / "cell.mscope"
    capture.write_bytes(writer.build())
    for advice in json.loads(call("advise", "--json", capture).stdout)["advice"]:
        assert "ipykernel" not in advice["verify"]


def test_what_grows_to_the_end_is_never_called_well(tmp_path: Path) -> None:
    """It may be a leak or loaded data. Nobody can tell, so nobody may say that all is well."""
    script = tmp_path / "load.py"
    script.write_text("rows = []\nfor n in range(150_000):\n    rows.append(str(n) * 9)\n")
    capture = tmp_path / "load.mscope"
    assert call("run", "-q", "-o", capture, script).returncode == 0
    page, document = call("advise", capture), json.loads(call("advise", "--json", capture).stdout)
    assert document["advice"] == []
    assert [item["site"]["line"] for item in document["growing"]][:1] == [3]
    assert "something grows" in page.stdout
    assert "hotspots --by peak lists the lines that made the peak" not in page.stdout


def test_a_program_is_not_well_because_another_kind_was_asked_for(heavy: Path) -> None:
    page = call("advise", "--no-calibration", "--kind", "grow-copy", heavy).stdout
    assert "Without --kind there is other advice: 1." in page
    assert "hotspots --by peak lists the lines that made the peak" not in page


def test_other_packages_add_kinds_and_cannot_break_ours(heavy: Path, tmp_path: Path) -> None:
    package = tmp_path / "more"
    package.mkdir()
    (package / "more_advice.py").write_text(
        "from memscope.advice.model import Findings, Rejected\n"
        "def find(context):\n"
        "    return Findings(rejected=(Rejected('tea', context.lines[0].frame, 'too hot', 1.0),))\n"
        "def broken(context):\n"
        "    raise RuntimeError('no tea')\n"
    )
    info = package / "more_advice-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-advice\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[memscope.advice]\ntea = more_advice:find\nspilt = more_advice:broken\n"
    )
    paths = {"PYTHONPATH": f"{package}:{ROOT}"}
    done = call("advise", "--no-calibration", "--json", heavy, env=paths)
    document = json.loads(done.stdout)
    assert [item["kind"] for item in document["advice"]] == ["compact"]
    assert ("tea", "too hot") in {(item["kind"], item["reason"]) for item in document["rejected"]}
    assert any("spilt" in note and "no tea" in note for note in document["notes"])
    chosen = json.loads(
        call("advise", "--no-calibration", "--json", "--kind", "tea", heavy, env=paths).stdout
    )
    assert {item["kind"] for item in chosen["rejected"]} == {"tea"}


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n",
        b"\0\0",
        b"(" * 50_000,
        b"# coding: nonsense\n",
        b"x = " + b"-" * 60_000 + b"1\n",
        b"\xff\xfe",
    ],
    ids=["syntax", "nul", "deep", "coding", "unary", "bytes"],
)
def test_a_source_that_cannot_be_parsed_is_none(source: bytes, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_bytes(source)
    writer = CaptureWriter(cwd=str(tmp_path), main=str(script), started=4e9)
    stack = [("load", str(script), 1)]
    writer.site(stack, size=64, count=50_000)
    writer.site(stack, size=184, count=50_000)
    capture = tmp_path / "app.mscope"
    capture.write_bytes(writer.build())
    done = call("advise", "--no-calibration", capture)
    assert (done.returncode, done.stderr) == (0, "")
    assert "compact" in done.stdout


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/stdin", "", "nowhere\0.py", "<string>", "/"])
def test_a_capture_cannot_make_it_read_what_is_no_source(file: str, tmp_path: Path) -> None:
    writer = CaptureWriter(main=file, command=[])
    writer.site([("load", file, 1)], size=64, count=50_000)
    writer.site([("load", file, 1)], size=184, count=50_000)
    capture = tmp_path / "app.mscope"
    capture.write_bytes(writer.build())
    done = call("advise", "--no-calibration", capture)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_source_that_changed_since_is_not_believed(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text("rows = [{'a': n} for n in range(9)]\n")
    writer = CaptureWriter(cwd=str(tmp_path), main=str(script), started=1_000_000_000.0)
    writer.site([("load", str(script), 1)], size=64, count=50_000)
    writer.site([("load", str(script), 1)], size=184, count=50_000)
    capture = tmp_path / "app.mscope"
    capture.write_bytes(writer.build())
    done = call("advise", "--no-calibration", "--json", capture)
    [advice] = json.loads(done.stdout)["advice"]
    assert "of one shape" not in advice["summary"]


def test_sampling_and_missing_calibration_are_said(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(50_000, mode="sampled", sample_bytes=1 << 16), tmp_path)
    assert any("sampled" in note for note in document["notes"])
    assert any("not calibrated" in note for note in document["notes"])
    assert document["calibration"]["source"] == "default"


def test_a_recorder_that_did_not_say_the_peak_is_no_failure(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([captures.MAIN], size=400, count=60_000, live=50_000, peak=50_000)
    made.end = {"peak_bytes": 0}
    path = tmp_path / "no_peak.mscope"
    path.write_bytes(made.build())
    done = call("advise", "--no-calibration", path)
    assert done.returncode == 0, done.stderr
