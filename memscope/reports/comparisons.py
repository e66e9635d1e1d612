"""The JSON of `compare` and `ab`: shapes that scripts rely on, fields are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from memscope.analysis.ab import Ab
from memscope.analysis.changes import Change, Sample
from memscope.analysis.compare import ComparedSite, Comparison, Run, SiteChange
from memscope.analysis.limits import GrowthLimit
from memscope.analysis.predictions import Held, Saving, saving
from memscope.analysis.retainerchanges import RetainerChanges
from memscope.analysis.typechanges import TypeChange
from memscope.reports.budget import budget_document
from memscope.reports.documents import Document, type_document
from memscope.reports.retainerdocuments import root_document


def compare_document(
    comparison: Comparison,
    limits: Sequence[GrowthLimit] = (),
    holders: RetainerChanges | None = None,
) -> Document:
    return {
        "schema": "memscope.compare/1",
        "old": [_run(run) for run in comparison.old],
        "new": [_run(run) for run in comparison.new],
        "warnings": list(comparison.warnings),
        "verdict": comparison.verdict,
        "totals": {name: change_document(item) for name, item in comparison.totals.items()},
        "limits": [limit_document(limit, comparison.totals[limit.figure]) for limit in limits],
        "by": comparison.by,
        "group": comparison.group,
        "sites": comparison.sites_count,
        "changed": comparison.changed_count,
        "rows": [_row(site, comparison) for site in comparison.sites],
        "types": None
        if comparison.types is None
        else [_type(item, comparison) for item in comparison.types],
        "holders": None if holders is None else _holders(holders),
    }


def _holders(found: RetainerChanges) -> Document:
    return {
        "old_bytes": found.old_bytes,
        "new_bytes": found.new_bytes,
        "changed": found.count,
        "rows": [
            {
                "path": of.way.path,
                "root": root_document(of.way.root),
                "type": of.type,
                "old_bytes": of.old_bytes,
                "new_bytes": of.new_bytes,
                "delta": of.delta,
                "old_objects": of.old_objects,
                "new_objects": of.new_objects,
            }
            for of in found.rows
        ],
    }


def ab_document(found: Ab, limits: Sequence[GrowthLimit] = ()) -> Document:
    return {
        "schema": "memscope.ab/1",
        "before": {"command": list(found.before)},
        "after": {"command": list(found.after)},
        "runs": found.runs_count,
        "output": {"same": found.printed.different_line is None, **asdict(found.printed)},
        "verdict": found.verdict,
        "figures": {
            name: {**change_document(item), "saved": _saving(saving(item))}
            for name, item in found.figures.items()
        },
        "limits": [limit_document(limit, found.figures[limit.figure]) for limit in limits],
        "advice": None
        if found.advice is None
        else {
            "kind": found.advice.kind,
            "place": found.advice.place,
            "summary": found.advice.summary,
            "outcomes": [_held(held) for held in found.held],
        },
    }


def _held(held: Held) -> Document:
    return {
        "figure": held.figure,
        "predicted": _saving(held.predicted),
        "saved": _saving(held.saved),
        "outcome": held.outcome,
        "log2_error": held.log2_error,
    }


def _saving(found: Saving | None) -> Document | None:
    return None if found is None else found._asdict()


def change_document(change: Change) -> Document:
    """Medians, with all values behind them where there is more than one."""
    document: Document = {
        "old": change.old.median,
        "new": change.new.median,
        "delta": change.delta,
        "share": change.share,
        "significant": change.significant,
        "p": change.p,
        "kind": change.kind,
    }
    if max(len(change.old.values), len(change.new.values)) > 1:
        document["old_runs"] = _sample(change.old)
        document["new_runs"] = _sample(change.new)
    return document


def limit_document(limit: GrowthLimit, change: Change) -> Document:
    return {
        "limit": limit.text,
        "figure": limit.figure,
        "allowed": change.allowed(limit),
        "delta": change.delta,
        "passed": change.passes(limit),
    }


def _sample(sample: Sample) -> Document:
    return {
        "values": list(sample.values),
        "interval": None if sample.interval is None else list(sample.interval),
    }


def _run(run: Run) -> Document:
    return {
        "file": run.path,
        "command": list(run.meta.command),
        "python": run.meta.python,
        "allocator": run.meta.allocator,
        "mode": run.meta.mode,
        "budget": budget_document(run.end),
        "complete": run.complete,
        "notes": list(run.notes),
    }


def _row(row: SiteChange, comparison: Comparison) -> Document:
    return {
        "site": _site(row.site),
        "old_site": None if row.old_site is None else _site(row.old_site),
        "status": row.status,
        **change_document(row.measures[comparison.by]),
        "measures": _measures(row.measures),
    }


def _type(item: TypeChange, comparison: Comparison) -> Document:
    return {
        "type": type_document(item.type),
        "status": item.status,
        **change_document(item.measures[comparison.by]),
        "measures": _measures(item.measures),
    }


def _measures(measures: Mapping[Any, Change]) -> Document:
    return {
        name: {"old": item.old.median, "new": item.new.median, "delta": item.delta}
        for name, item in measures.items()
    }


def _site(site: ComparedSite) -> Document:
    return {
        "function": site.function,
        "file": site.file,
        "line": site.line,
        "origin": site.origin.value,
    }
