"""Several captures as one: all sums exact, each process and its labels still told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from memscope.capture import Capture, load
from memscope.capture.format import FrameKind
from memscope.capture.writing import FrameWriter
from memscope.merging.accounts import end_of, exit_of, meta_of
from memscope.merging.parts import (
    Source,
    merged_sample_times,
    merged_window_ends,
    read_sources,
)
from memscope.merging.tables import MergedTables
from memscope.merging.times import MergedTimeline, MergedWindows


def merge(
    paths: Sequence[Path],
    stream: BinaryIO,
    opened: Callable[[Path], Capture] = load,
) -> list[Source]:
    """Writes one capture of these; what was known of each.

    Single events, arenas, snapshots and resident memory's parts are of one process, and are left
    out. Raises MemscopeError for a capture that cannot be read, or stands there twice.
    """
    sources = read_sources(paths)
    sampled = any(source.meta.sampled for source in sources)
    meta = meta_of(sources)
    domains = len(meta["domains"])
    frames = FrameWriter(stream)
    frames.json(FrameKind.META, meta)
    tables = MergedTables(frames, sampled=sampled)
    windows = MergedWindows(merged_window_ends(sources), domains, sampled=sampled)
    timeline = MergedTimeline(merged_sample_times(sources), domains, sampled=sampled)
    for source in sources:
        with opened(source.path) as capture:
            source.check_same(capture)
            first_row = tables.add(capture, _process(source))
            windows.add(capture, first_row)
            timeline.add(capture)
    windows.write(frames)
    timeline.write(frames)
    ended = exit_of(sources)
    if ended is not None:
        frames.json(FrameKind.EXIT, ended)
    frames.json(FrameKind.END, end_of(sources, sampled=sampled))
    return sources


def _process(source: Source) -> str:
    """What tells its threads from those of the other captures."""
    labels = source.meta.labels
    where = labels.get("pod") or labels.get("host")
    name = f"process {source.meta.pid}"
    return f"{name} on {where}" if where else name
