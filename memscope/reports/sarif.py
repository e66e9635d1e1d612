"""Advice as SARIF 2.1.0, which editors and code hosts show at the line that it is about.

A run with memscope as its tool, a rule for each kind, a result for each advice. Paths are relative
to the folder that the program was started in, where they are below it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from memscope.advice.model import Advice, Advised
from memscope.advice.registry import title_of
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.errors import one_line
from memscope.reports.advice import MEASURE_NAMES, amount_text, fact_document

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BASE = "STARTED_IN"


def sarif_document(advised: Advised, capture: Capture, numbers: range) -> dict[str, Any]:
    """The advice of these numbers; results are best first, and `rank` says how good."""
    chosen = [advised.advice[number - 1] for number in numbers]
    kinds = sorted({item.kind for item in chosen})
    cwd = capture.meta.cwd
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "memscope", "rules": [_rule(kind) for kind in kinds]}},
                "columnKind": "utf16CodeUnits",
                **({"originalUriBaseIds": {BASE: {"uri": _folder(cwd)}}} if cwd else {}),
                "results": [_result(item, kinds, cwd) for item in chosen],
            }
        ],
    }


def _rule(kind: str) -> dict[str, Any]:
    title = title_of(kind) or kind
    return {"id": kind, "shortDescription": {"text": title}}


def _result(advice: Advice, kinds: Sequence[str], cwd: str) -> dict[str, Any]:
    gains = ", ".join(
        f"{amount_text(measure, saving.value)} of {MEASURE_NAMES[measure]}"
        f" ({amount_text(measure, saving.low)} to {amount_text(measure, saving.high)})"
        for measure, saving in advice.predicted.items()
        if saving.high > 0
    )
    saves = f" Saves about {gains}; confidence {advice.confidence:.0%}." if gains else ""
    text = f"{advice.summary}. To change: {advice.fix.text}.{saves}"
    result: dict[str, Any] = {
        "ruleId": advice.kind,
        "ruleIndex": kinds.index(advice.kind),
        "level": "warning",
        "rank": round(100 * advice.confidence, 1),
        "message": {"text": one_line(text)},
        "locations": [_location(advice.site, cwd)],
        "partialFingerprints": {"memscopeSite/v1": _fingerprint(advice, cwd)},
        "properties": {"facts": [fact_document(fact) for fact in advice.facts]},
    }
    stack = [frame for frame in advice.stack if not frame.file.startswith("<")]
    if stack:
        frames = [{"location": _location(frame, cwd)} for frame in reversed(stack)]
        result["stacks"] = [{"message": {"text": "allocated by"}, "frames": frames}]
    return result


def _fingerprint(advice: Advice, cwd: str) -> str:
    """The same for the same advice after lines moved: of its kind, file and function."""
    told = f"{advice.kind}:{_uri(advice.site.file, cwd)[0]}:{advice.site.function}"
    return sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def _location(frame: CodeFrame, cwd: str) -> dict[str, Any]:
    uri, is_below = _uri(frame.file, cwd)
    artifact = {"uri": uri, **({"uriBaseId": BASE} if is_below else {})}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if frame.line > 0:
        place["region"] = {"startLine": frame.line}
    logical = [{"fullyQualifiedName": one_line(frame.function), "kind": "function"}]
    return {"physicalLocation": place, "logicalLocations": logical}


def _uri(file: str, cwd: str) -> tuple[str, bool]:
    """A file as a URI, and whether that is relative to where the program was started."""
    path = os.path.normpath(os.path.join(cwd, file))
    if cwd and PurePath(path).is_relative_to(cwd):
        return _quoted(os.path.relpath(path, cwd)), True
    return ("file://" if os.path.isabs(path) else "") + _quoted(path), False


def _folder(path: str) -> str:
    return f"file://{_quoted(path.rstrip('/'))}/"


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))
