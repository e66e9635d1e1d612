"""Looks at what resident memory is made of (RESIDENT), as a capture stores them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args

from memscope.capture.fields import JsonObject, integer, scaled, text
from memscope.capture.format import (
    MAX_COMPILED,
    MAX_LOOK_SUMS,
    MAX_LOOKS,
    MAX_PARTS,
    MAX_RANGES,
    MAX_UNTOUCHED,
)
from memscope.capture.model import (
    ArenaPages,
    CompiledBy,
    CompiledModule,
    Look,
    LookSums,
    Mappings,
    PartKind,
    PrivateRange,
)

_KINDS: tuple[PartKind, ...] = get_args(PartKind)
_COMPILERS: tuple[CompiledBy, ...] = get_args(CompiledBy)


def read_looks(data: JsonObject, unit: int) -> tuple[Look, ...]:
    """The looks of a RESIDENT object; of what is not as it should be, nothing."""
    looks = data.get("looks")
    if not isinstance(looks, list):
        return ()
    return tuple(_look(look, unit) for look in looks[:MAX_LOOKS] if isinstance(look, dict))


def read_look_sums(data: JsonObject) -> tuple[LookSums, ...]:
    """The sums of every look, in order of time; none where one of their columns is missing."""
    stored = data.get("sums")
    columns = [_numbers(stored, field.name) for field in fields(LookSums)]
    return tuple(
        LookSums(time_ns, bool(final), *amounts)
        for time_ns, final, *amounts in zip(*columns, strict=False)
    )


def read_compiled(data: JsonObject) -> tuple[CompiledModule, ...]:
    """The compiled modules that any look found, in the order in which they were loaded."""
    stored = data.get("compiled")
    modules = stored[:MAX_COMPILED] if isinstance(stored, list) else []
    return tuple(
        CompiledModule(_name(text(module, "path")), by)
        for module in modules
        if isinstance(module, dict) and text(module, "path").startswith("/")
        for by in _COMPILERS
        if module.get("by") == by
    )


def _numbers(stored: object, name: str) -> list[int]:
    column = stored.get(name) if isinstance(stored, dict) else None
    if not isinstance(column, list):
        return []
    return [integer({"value": value}, "value") for value in column[:MAX_LOOK_SUMS]]


def _look(data: JsonObject, unit: int) -> Look:
    parts = tuple(_parts(data))
    return Look(
        moment="peak" if data.get("moment") == "peak" else "last",
        time_ns=integer(data, "time_ns"),
        resident_bytes=sum(part.resident_bytes for part in parts),
        live_bytes=scaled(integer(data, "live_bytes"), unit),
        own_bytes=integer(data, "own_bytes"),
        arena_bytes=integer(data, "arena_bytes"),
        pooled_bytes=scaled(integer(data, "pooled_bytes"), unit),
        parts=parts,
        final=data.get("final") is True,
        arenas=_arenas(data.get("arenas")),
        ranges=tuple(_ranges(data)),
        untouched=tuple(_untouched(data)),
    )


def _arenas(data: object) -> ArenaPages | None:
    if not isinstance(data, dict):
        return None
    return ArenaPages(
        count=integer(data, "count"),
        size_bytes=integer(data, "bytes"),
        resident_bytes=integer(data, "resident_bytes"),
        used_pools=integer(data, "used_pools"),
        blocks_bytes=integer(data, "blocks_bytes"),
        headers_bytes=integer(data, "headers_bytes"),
        free_blocks_bytes=integer(data, "free_blocks_bytes"),
        free_pools_bytes=integer(data, "free_pools_bytes"),
        read=integer(data, "read"),
        older_bytes=integer(data, "older_bytes"),
        counted=data.get("counted") is True,
    )


def _ranges(data: JsonObject) -> Iterator[PrivateRange]:
    ranges = data.get("ranges")
    for found in ranges[:MAX_RANGES] if isinstance(ranges, list) else ():
        if not isinstance(found, dict):
            continue
        for kind in _KINDS:
            if found.get("kind") == kind:
                yield PrivateRange(
                    kind=kind,
                    name=_name(text(found, "name")),
                    of_thread=found.get("of_thread") is True,
                    mapped_bytes=integer(found, "mapped_bytes"),
                    resident_bytes=integer(found, "resident_bytes"),
                    arena_bytes=integer(found, "arena_bytes"),
                    blocks=integer(found, "blocks"),
                    block_bytes=integer(found, "block_bytes"),
                    around_bytes=integer(found, "around_bytes"),
                    untouched_bytes=integer(found, "untouched_bytes"),
                )


def _untouched(data: JsonObject) -> Iterator[tuple[int, int]]:
    entries = data.get("untouched")
    for entry in entries[:MAX_UNTOUCHED] if isinstance(entries, list) else ():
        if isinstance(entry, list) and len(entry) == 2:
            named = {"row": entry[0], "bytes": entry[1]}
            yield integer(named, "row"), integer(named, "bytes")


def _parts(data: JsonObject) -> Iterator[Mappings]:
    parts = data.get("parts")
    for part in parts[:MAX_PARTS] if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            continue
        for kind in _KINDS:
            if part.get("kind") == kind:
                yield Mappings(
                    kind,
                    _name(text(part, "name")),
                    integer(part, "resident_bytes"),
                    integer(part, "mapped_bytes"),
                )


def _name(stored: str) -> str:
    """A file's name is bytes, each stored as one character."""
    return stored.encode("latin-1", "replace").decode("utf-8", "replace")
