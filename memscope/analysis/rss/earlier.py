"""Captures of earlier versions: private memory as a whole, whose pages were not told apart."""

from __future__ import annotations

from collections.abc import Iterator

from memscope.capture.model import ArenaPages, Look, PrivateRange


def ranges_of_parts(look: Look) -> Iterator[PrivateRange]:
    """Private memory as a whole: its pages were not told apart."""
    large = round(max(look.live_bytes - look.pooled_bytes, 0))
    arena_bytes = look.arena_bytes
    for part in look.parts:
        if part.kind not in ("anonymous", "heap", "stack"):
            continue
        in_arenas = blocks = 0
        if part.kind != "stack":
            in_arenas = min(arena_bytes, part.resident_bytes) if part.kind == "anonymous" else 0
            blocks = min(large, part.resident_bytes - in_arenas)
        arena_bytes -= in_arenas
        large -= blocks
        yield PrivateRange(
            kind=part.kind,
            name="",
            of_thread=False,
            mapped_bytes=part.mapped_bytes,
            resident_bytes=part.resident_bytes,
            arena_bytes=in_arenas,
            blocks=0,
            block_bytes=blocks,
            around_bytes=0,
            untouched_bytes=0,
        )


def arenas_of_parts(look: Look) -> ArenaPages:
    anonymous = sum(part.resident_bytes for part in look.parts if part.kind == "anonymous")
    resident = min(look.arena_bytes, anonymous)
    return ArenaPages(0, look.arena_bytes, resident, 0, 0, 0, 0, resident, 0, 0, counted=False)
