"""`memscope advise --format sarif`, judged by the schema that code hosts check uploads with.

The schema is the one that @microsoft/jest-sarif 1.0.0-beta.0 ships (MIT), without its blanks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from advice.handmade import rows_of_dictionaries
from capture.writer import CaptureWriter
from cli.console import call
from jsonschema import Draft4Validator, FormatChecker

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0-rtm.5.json").read_text())
CHECK = Draft4Validator(SCHEMA, format_checker=FormatChecker())


def sarif(writer: CaptureWriter, tmp_path: Path, *words: str) -> dict[str, Any]:
    capture = tmp_path / "it.mscope"
    capture.write_bytes(writer.build())
    done = call("advise", "--no-calibration", "--format", "sarif", *words, capture)
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    CHECK.validate(document)
    return document


def test_the_schema_is_one_that_can_be_failed() -> None:
    assert list(CHECK.iter_errors({"version": "2.1.0", "runs": [{"results": []}]}))


def test_advice_stands_at_its_line(tmp_path: Path) -> None:
    document = sarif(rows_of_dictionaries(50_000), tmp_path)
    (run,) = document["runs"]
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == result["ruleId"] == "compact"
    (location,) = result["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "app.py", "uriBaseId": "STARTED_IN"}
    assert place["region"] == {"startLine": 7}
    assert run["originalUriBaseIds"]["STARTED_IN"]["uri"] == "file:///home/me/app/"
    assert "Saves about" in result["message"]["text"]
    facts = {fact["name"]: fact for fact in result["properties"]["facts"]}
    assert facts["rows"]["value"] == 50_000
    assert facts["rows"]["limit"] == "compact.least_rows"


def test_no_advice_is_a_run_without_results(tmp_path: Path) -> None:
    document = sarif(rows_of_dictionaries(50_000), tmp_path, "--kind", "leak")
    assert document["runs"][0]["results"] == []


@pytest.mark.parametrize(
    "file",
    ["<string>", "a b\n\x1b[31m.py", "../../x.py", "\udcff.py", "C:\\x.py", "/else where/ü.py"],
)
def test_any_file_name_is_a_uri(file: str, tmp_path: Path) -> None:
    writer = CaptureWriter(main=file, command=[])
    for size in (64, 184):
        writer.site([("load\n", file, 1)], size=size, count=50_000)
    document = sarif(writer, tmp_path)
    for result in document["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert uri.isprintable()
        assert "\n" not in result["message"]["text"]


def test_the_same_advice_has_the_same_fingerprint_after_lines_moved(tmp_path: Path) -> None:
    documents = []
    for line in (7, 9):
        writer = CaptureWriter(cwd="/home/me", main="app.py", started=4e9)
        for size in (64, 184):
            writer.site([("load", "/home/me/app.py", line)], size=size, count=50_000)
        documents.append(sarif(writer, tmp_path))
    first, second = (
        [it["partialFingerprints"] for it in one["runs"][0]["results"]] for one in documents
    )
    assert first == second
    assert first
