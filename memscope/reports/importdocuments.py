"""Imports as JSON."""

from __future__ import annotations

from typing import Any

from memscope.analysis.imports import Imported, Imports
from memscope.capture import Capture
from memscope.reports.documents import certainty


def imports_document(imports: Imports, capture: Capture) -> dict[str, Any]:
    """Rows are a flat list with parents by id, in the order of the tree; bytes."""
    return {
        "schema": "memscope.imports/1",
        **certainty(capture),
        "by": imports.by,
        "totals": {
            "live_bytes": round(imports.live_bytes),
            "allocated_bytes": round(imports.allocated_bytes),
            "program_live_bytes": round(imports.program_live_bytes),
            "program_allocated_bytes": round(imports.program_allocated_bytes),
        },
        "imports": imports.count,
        "rows": [_row(row) for row in imports.rows],
    }


def _row(row: Imported) -> dict[str, Any]:
    place = row.imported_from
    return {
        "id": row.number,
        "parent": row.parent,
        "depth": row.depth,
        "kind": row.kind,
        "module": row.module or None,
        "file": row.file or None,
        "imported_from": {"function": place.function, "file": place.file, "line": place.line},
        "modules": row.modules_count,
        "live_bytes": round(row.live_bytes),
        "own_live_bytes": round(row.own_live_bytes),
        "allocated_bytes": round(row.allocated_bytes),
        "own_allocated_bytes": round(row.own_allocated_bytes),
    }
