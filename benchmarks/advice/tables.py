"""An outcome as text and as Markdown, and its place in a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memscope.analysis.units import bytes_text

BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"
NAMES = {
    "tuned": "thresholds were set on it",
    "held_out": "held out",
    "seventh_sight": "written blind, last, and scored before anything was changed for it",
    "sixth_sight": "written blind before that, and scored before anything was changed for it",
    "fifth_sight": "written blind before both, and scored before anything was changed for it",
    "fourth_sight": "written blind before these, and scored before anything was changed for it",
    "third_sight": "written blind earlier, and scored before anything was changed for it",
    "second_sight": "written blind, later, and scored before anything was changed for it",
    "first_sight": "written blind, and scored before anything was changed for it",
}


def fill(page: str, tables: str) -> str:
    """The page with the tables between its marks; raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def markdown(document: dict[str, Any]) -> str:
    """Predictions against what was measured; `text` has the scores.

    Advice was mended for these programs, so its scores on them tell whether a change breaks
    something. They tell no reader how good it is elsewhere.
    """
    lines = [f"Python {document['python']}:"]
    if found := document.get("gains"):
        lines += ["", "| program | kind | figure | predicted | measured | log2 of both |"]
        lines += ["|---|---|---|---|---|---|"]
        for row in found["rows"]:
            low, value, high, measured = (
                _figure(row["figure"], row[name]) for name in ("low", "value", "high", "measured")
            )
            told = f"{value} ({low} to {high}) | {measured} | {_error(row['log2_error'])}"
            lines.append(f"| {row['program']} | {row['kind']} | {row['figure']} | {told} |")
        lines += ["", _gains_sentence(found) + "."]
    return "\n".join(lines) + "\n"


def text(document: dict[str, Any]) -> str:
    lines = [f"Python {document['python']}"]
    for part, scored in document["parts"].items():
        lines += ["", f"{part}: {NAMES[part]}"]
        lines.append(
            f"  {'kind':16}{'labelled':>9}{'found':>7}{'said':>6}{'precision':>11}{'recall':>8}"
        )
        for kind, one in scored["scores"].items():
            shares = f"{_share(one['precision']):>11}{_share(one['recall']):>8}"
            lines.append(
                f"  {kind:16}{one['labelled']:>9}{one['found']:>7}{one['said']:>6}{shares}"
            )
        lines.append(f"  {_sentence(part, scored)}")
        for fault in scored["faults"]:
            lines.append(
                f"  {fault['program']}: missed {_places(fault['missed'])},"
                f" wrong {_places(fault['wrong'])},"
                f" first {fault['first']}"
            )
    if found := document.get("gains"):
        lines += ["", "gains"]
        for row in found["rows"]:
            low, value, high, measured = (
                _figure(row["figure"], row[name]) for name in ("low", "value", "high", "measured")
            )
            lines.append(
                f"  {row['program']:24}{row['kind']:15}{row['figure']:12}"
                f"{value:>10} ({low} to {high}) measured {measured} {_error(row['log2_error'])}"
            )
        lines.append(f"  {_gains_sentence(found)}")
    return "\n".join(lines)


def _sentence(part: str, scored: dict[str, Any]) -> str:
    return (
        f"{part.replace('_', '-').capitalize()}: {scored['programs']} programs, {scored['clean']}"
        f" of them clean; {scored['first']} of {scored['single']} single defects come first in the"
        f" list; {scored['forbidden']} pieces of forbidden advice"
    )


def _gains_sentence(found: dict[str, Any]) -> str:
    count = found["predictions"]
    return (
        f"{count} predictions: the sign is right in {found['signs_right']}, the interval holds the"
        f" measured gain in {found['held']}, and the median of |log2(predicted/measured)| is"
        f" {_error(found['median_log2_error'])}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _error(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _figure(figure: str, value: float) -> str:
    if figure == "cpu_s":
        return f"{value:.3f} s"
    return bytes_text(value) if figure.endswith("bytes") else f"{value:.0f}"


def _places(places: Sequence[Sequence[Any]]) -> str:
    """`leak cache.py:12`, for each; - for none."""
    return ", ".join(f"{kind} {Path(file).name}:{line}" for kind, file, line in places) or "-"
