"""What `memscope fleet` answers: as a JSON document, and as the words that its reports share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from memscope.analysis.units import bytes_text, count_text, share_text
from memscope.fleet.asking import Answer, Asked, FleetBy, Question
from memscope.plain import dataclass

TITLES: Mapping[Question, str] = {
    "top": "Lines that have the most",
    "grew": "Lines that have more since a release",
    "regressions": "Lines that grew between two releases",
    "limits": "Services near their memory limit",
}
BY_NAMES: Mapping[FleetBy, str] = {
    "peak_bytes": "bytes live at the peak",
    "live_bytes": "bytes live at the end",
    "live_blocks": "blocks live at the end",
    "allocated_bytes": "bytes requested",
    "allocations": "requests",
}
NOTHING: Mapping[Question, str] = {
    "top": "No line has anything.",
    "grew": "No line is shown to have grown.",
    "regressions": "No line is shown to have grown.",
    "limits": "No service with a known limit comes near it.",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a report: how it is headed, how wide it is, and what of a row it shows."""

    title: str
    key: str
    form: Literal["text", "amount", "count", "share", "place", "change", "p"]
    width: int


_PLACE = Field("where", "line", "place", 0)
FIELDS: Mapping[Question, Sequence[Field]] = {
    "top": (
        Field("in all", "total", "amount", 10), Field("share", "share", "share", 6),
        Field("mean", "mean", "amount", 10), Field("runs", "recorded", "count", 6),
        Field("services", "services", "count", 8), _PLACE,
    ),
    "grew": (
        Field("since", "new_version", "text", 8), Field("was", "old", "amount", 9),
        Field("then", "new", "amount", 9), Field("now", "now", "amount", 9),
        Field("service", "service", "text", 12), _PLACE,
    ),
    "regressions": (
        Field("was", "old", "amount", 9), Field("is", "new", "amount", 9),
        Field("more", "delta", "change", 9), Field("p", "p", "p", 7),
        Field("service", "service", "text", 12), _PLACE,
    ),
    "limits": (
        Field("of limit", "highest", "share", 8),
        Field("peak", "peak_resident_bytes", "amount", 10),
        Field("limit", "least_limit_bytes", "amount", 10),
        Field("near", "near", "count", 6),
        Field("killed", "killed", "count", 6), Field("runs", "recorded", "count", 6),
        Field("service", "service", "text", 0),
    ),
}  # fmt: skip


def fleet_document(answer: Answer, place: str) -> dict[str, Any]:
    asked = answer.asked
    return {
        "schema": "memscope.fleet/1",
        "dataset": place,
        "question": asked.question,
        "by": asked.by,
        "services": list(asked.services),
        "since": asked.since.isoformat() if asked.since else None,
        "engine": answer.engine,
        "runs": {**answer.about, "runs": answer.about["recorded"]},
        "tests": answer.tests,
        "found": answer.found_count,
        "rows": [dict(row) for row in answer.rows],
        "notes": list(answer.notes),
    }


def cell_text(field: Field, row: Mapping[str, Any], asked: Asked) -> str:
    """What a row shows in a column, in the unit of what was asked for."""
    if field.form == "place":
        return f"{row['file']}:{row['line']}" if row["line"] else str(row["file"])
    value = row[field.key]
    if field.form == "amount":
        in_bytes = asked.question == "limits" or asked.by.endswith("_bytes")
        return bytes_text(round(value)) if in_bytes else count_text(round(value))
    if field.form == "change":
        return f"+{round(100 * value / row['old'])}%" if row["old"] else "new"
    if field.form == "p":
        return "<1e-9" if value < 1e-9 else f"{value:.1g}"
    if field.form == "share":
        return share_text(value)
    return count_text(value) if field.form == "count" else str(value)


def about_text(answer: Answer) -> str:
    """Of which runs the answer is."""
    about = answer.about
    runs = f"{about['recorded']:,} run{'' if about['recorded'] == 1 else 's'}"
    services = f"{about['services']:,} service{'' if about['services'] == 1 else 's'}"
    days = about["first_day"] or ""
    if about["last_day"] != about["first_day"]:
        days += f" to {about['last_day']}"
    return f"{runs} of {services}, {days}" if days else runs


def question_text(asked: Asked) -> str:
    """What was asked, beyond the title."""
    words = [] if asked.question == "limits" else [f"by {BY_NAMES[asked.by]}"]
    if asked.question == "limits":
        words.append(f"{asked.near} % of it or more, at the peak of resident memory")
    if asked.old:
        words.append(f"{asked.old} against {asked.new}")
    elif asked.question == "regressions":
        words.append("the last two of each service")
    if asked.own_only:
        words.append("user code alone")
    return ", ".join(words)


def certainty_text(answer: Answer) -> str:
    """What is certain of lines that grew; empty for other questions."""
    if answer.tests is None:
        return ""
    return (
        f"{answer.tests:,} lines were tested. The chance that even one of those listed did not"
        " grow is 5% (Mann and Whitney's test of all runs, with Holm's correction)."
    )
