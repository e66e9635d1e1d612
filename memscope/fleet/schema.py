"""The tables of a data set: their columns and types, as docs/fleet.md has them.

A run is one capture. Each table has a file for each run, which lies in a folder of its service and
one of its day: `rows/service=api/day=2026-11-30/<run>.parquet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ColumnType = Literal["text", "whole", "number", "flag", "labels", "time"]
Columns = Mapping[str, ColumnType]

VERSION = 1

RUNS: Columns = {
    "run": "text", "started": "time", "version": "text", "commit": "text", "host": "text",
    "pod": "text", "container": "text", "labels": "labels", "command": "text", "python": "text",
    "memscope": "text", "mode": "text", "sample_bytes": "whole", "complete": "flag",
    "duration_s": "number", "wall_s": "number", "cpu_s": "number", "status": "whole",
    "signal": "whole", "allocations": "whole", "frees": "whole", "allocated_bytes": "whole",
    "live_blocks": "whole", "live_bytes": "whole", "peak_bytes": "whole", "peak_time_s": "number",
    "peak_resident_bytes": "whole", "limit_bytes": "whole", "limit_source": "text",
}  # fmt: skip

_COUNTERS: Columns = {
    "allocations": "whole", "frees": "whole", "allocated_bytes": "whole", "live_blocks": "whole",
    "live_bytes": "whole", "peak_bytes": "whole", "short_lived": "whole",
}  # fmt: skip

ROWS: Columns = {
    "run": "text", "file": "text", "function": "text", "line": "whole", "first_line": "whole",
    "origin": "text", "own_file": "text", "own_function": "text", "own_line": "whole", **_COUNTERS,
    "uncertain_bytes": "whole",
}  # fmt: skip

STACKS: Columns = {"run": "text", "stack": "text", "frames": "whole", **_COUNTERS}

TYPES: Columns = {
    "run": "text", "module": "text", "name": "text", "kind": "text", "allocations": "whole",
    "created": "whole", "reused": "whole", "allocated_bytes": "whole", "live_blocks": "whole",
    "live_bytes": "whole", "peak_bytes": "whole",
}  # fmt: skip

TIMELINE: Columns = {
    "run": "text", "time_s": "number", "live_bytes": "whole", "max_live_bytes": "whole",
    "resident_bytes": "whole",
}  # fmt: skip

ADVICE: Columns = {
    "run": "text", "kind": "text", "file": "text", "function": "text", "line": "whole",
    "summary": "text", "confidence": "number", "cpu_s": "number", "peak_bytes": "number",
    "rss_bytes": "number", "allocations": "number",
}  # fmt: skip

# A run counts once its entry in `runs` is there: that is written last.
TABLES: Mapping[str, Columns] = {
    "rows": ROWS,
    "stacks": STACKS,
    "types": TYPES,
    "timeline": TIMELINE,
    "advice": ADVICE,
    "runs": RUNS,
}
PARTITIONS = ("service", "day")
