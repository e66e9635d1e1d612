"""The JSON documents of types: what blocks are."""

from __future__ import annotations

from memscope.analysis.types import TypeFigures, Types
from memscope.capture import Capture
from memscope.capture.description import ObjectsKnown
from memscope.reports.documents import Document, certainty, place, type_document


def types_document(types: Types, capture: Capture) -> Document:
    return {
        "schema": "memscope.types/1",
        **certainty(capture),
        "objects": objects_document(capture),
        "by": types.by,
        "total": round(types.total),
        "groups": types.groups_count,
        "rows": [type_figures(row) for row in types.rows],
        "kept_for_reuse": None if types.parked is None else type_figures(types.parked),
    }


def type_figures(row: TypeFigures) -> Document:
    document: Document = {
        **type_document(row.type),
        "live_blocks": row.live_blocks,
        "live_bytes": row.live_bytes,
        "peak_blocks": row.peak_blocks,
        "peak_bytes": row.peak_bytes,
        "allocations": row.allocations,
        "allocated_bytes": row.allocated_bytes,
        "created": row.created,
        "reused": row.reused,
        "uncertain_bytes": row.uncertain_bytes,
        "uncertain_peak_bytes": row.uncertain_peak_bytes,
        "share": row.share,
    }
    if row.line is not None:
        document |= place(row.line)
    return document


def objects_document(capture: Capture) -> Document:
    """How much is known of objects: whether they were recorded, and what could not be told."""
    known = (capture.end.objects if capture.end else None) or ObjectsKnown()
    return {
        "recorded": capture.meta.objects,
        "creations_told": known.creations_told,
        "types_of_live": known.types_of_live,
        "why": known.why,
        "tracer_replaced": known.tracer_replaced,
        "types_lost": known.types_lost,
        "adopted_blocks": known.adopted_blocks,
    }
