"""What a capture says of itself: what was recorded and how (META), and how it ended (EXIT, END)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from memscope.capture.format import DOMAINS

JsonObject = Mapping[str, Any]
_LARGEST = 1 << 64


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Where the recorded interpreter kept what is not the user's own code."""

    stdlib: tuple[str, ...] = ()
    site: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meta:
    """What was recorded, and how."""

    format: int = 1
    memscope: str = ""
    command: tuple[str, ...] = ()
    python: str = ""
    implementation: str = ""
    platform: str = ""
    allocator: str = "unknown"
    pid: int = 0
    started: float = 0.0
    sampled: bool = False
    sample_bytes: int = 0
    events: bool = False
    imports: bool = True
    cwd: str = ""
    prefixes: Prefixes = field(default_factory=Prefixes)
    main: str = ""

    @property
    def mode(self) -> Literal["exact", "sampled"]:
        return "sampled" if self.sampled else "exact"

    @classmethod
    def from_json(cls, data: JsonObject) -> Meta:
        prefixes = data.get("prefixes")
        prefixes = prefixes if isinstance(prefixes, dict) else {}
        return cls(
            format=integer(data, "format", 1),
            memscope=text(data, "memscope"),
            command=texts(data, "command"),
            python=text(data, "python"),
            implementation=text(data, "implementation"),
            platform=text(data, "platform"),
            allocator=text(data, "allocator") or "unknown",
            pid=integer(data, "pid"),
            started=number(data, "started"),
            sampled=data.get("mode") == "sampled",
            sample_bytes=integer(data, "sample_bytes"),
            events=data.get("events") is True,
            imports=data.get("imports") is not False,
            cwd=text(data, "cwd"),
            prefixes=Prefixes(texts(prefixes, "stdlib"), texts(prefixes, "site")),
            main=text(data, "main"),
        )


@dataclass(frozen=True, slots=True)
class Exit:
    """How the recorded program ended."""

    status: int | None = None
    signal: int | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    system_s: float = 0.0
    peak_resident_bytes: int = 0
    minor_faults: int = 0  # 0: not known

    @classmethod
    def from_json(cls, data: JsonObject) -> Exit:
        return cls(
            status=optional_integer(data, "status"),
            signal=optional_integer(data, "signal"),
            wall_s=number(data, "wall_s"),
            cpu_s=number(data, "cpu_s"),
            system_s=number(data, "system_s"),
            peak_resident_bytes=integer(data, "peak_resident_bytes"),
            minor_faults=integer(data, "minor_faults"),
        )


@dataclass(frozen=True, slots=True)
class DomainSums:
    """The tallies of one allocation domain, or of all (`reallocations` are among allocations)."""

    allocations: float = 0
    frees: float = 0
    reallocations: float = 0
    allocated_bytes: float = 0
    live_bytes: float = 0
    live_blocks: float = 0
    peak_bytes: float = 0

    @classmethod
    def from_json(cls, data: JsonObject, unit: int) -> DomainSums:
        return cls(*(scaled(integer(data, name), unit) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class End:
    """The recorder's own account of the whole recording."""

    reason: str = ""
    complete: bool = False
    events: int = 0
    duration_ns: int = 0
    sums: DomainSums = field(default_factory=DomainSums)
    peak_blocks: float = 0
    peak_time_ns: int = 0
    domains: Mapping[str, DomainSums] = field(default_factory=dict)
    unknown_frees: int = 0
    unknown_reallocations: int = 0
    replaced_blocks: int = 0
    dropped_events: int = 0
    lost_stacks: int = 0
    waits: int = 0
    wait_ns: int = 0
    poll_ns: int = 0
    collections: tuple[int, ...] | None = None
    collected: tuple[int, ...] | None = None
    uncollectable: tuple[int, ...] | None = None
    collections_ns: tuple[int, ...] | None = None
    gc_thresholds: tuple[int, ...] | None = None
    gc_enabled: bool | None = None
    polled_ns: int = 0
    collecting_ns: int = 0
    longest_collecting_ns: int = 0
    arenas_made: int | None = None
    arenas_returned: int | None = None
    arenas_most: int | None = None
    collecting_polls: int = 0
    polls: int = 0
    segment_bytes: int = 0
    threads: int = 0

    @classmethod
    def from_json(cls, data: JsonObject, unit: int) -> End:
        domains = data.get("domains")
        domains = domains if isinstance(domains, dict) else {}
        enabled = data.get("gc_enabled")
        counts = (
            "unknown_frees",
            "unknown_reallocations",
            "replaced_blocks",
            "dropped_events",
            "lost_stacks",
            "waits",
            "wait_ns",
            "poll_ns",
            "collecting_polls",
            "polled_ns",
            "collecting_ns",
            "longest_collecting_ns",
            "polls",
            "segment_bytes",
            "threads",
            "events",
            "duration_ns",
            "peak_time_ns",
        )
        return cls(
            reason=text(data, "reason"),
            complete=data.get("complete") is True,
            sums=DomainSums.from_json(data, unit),
            peak_blocks=scaled(integer(data, "peak_blocks"), unit),
            domains={
                name: DomainSums.from_json(domains[name], unit)
                for name in DOMAINS
                if isinstance(domains.get(name), dict)
            },
            collections=generations(data, "collections"),
            collected=generations(data, "collected"),
            uncollectable=generations(data, "uncollectable"),
            collections_ns=generations(data, "collections_ns"),
            gc_thresholds=generations(data, "gc_thresholds"),
            gc_enabled=enabled if isinstance(enabled, bool) else None,
            arenas_made=optional_integer(data, "arenas_made"),
            arenas_returned=optional_integer(data, "arenas_returned"),
            arenas_most=optional_integer(data, "arenas_most"),
            **{name: integer(data, name) for name in counts},
        )


def scaled(value: int, unit: int) -> float:
    """A tally as stored, in blocks or bytes."""
    return value if unit == 1 else value / unit


def integer(data: JsonObject, name: str, default: int = 0) -> int:
    value = optional_integer(data, name)
    return default if value is None else value


def optional_integer(data: JsonObject, name: str) -> int | None:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        return None
    return value


def generations(data: JsonObject, name: str) -> tuple[int, ...] | None:
    """One number for each of the collector's three generations; None where they are not known."""
    value = data.get(name)
    if not isinstance(value, list) or len(value) != 3:
        return None
    return tuple(integer({"n": item}, "n") for item in value)


def number(data: JsonObject, name: str) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    # The comparison also turns away NaN, and integers too large for a float.
    return float(value) if 0 <= value < _LARGEST and math.isfinite(value) else 0.0


def text(data: JsonObject, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def texts(data: JsonObject, name: str) -> tuple[str, ...]:
    value = data.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str))
