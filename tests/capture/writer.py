"""Makes captures for tests, from docs/capture-format.md alone: it shares no code with memscope."""

from __future__ import annotations

import itertools
import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"\x89MSCOPE\n"
(META, STRINGS, CODES, NODES, THREADS, ROWS, WINDOW, TIMELINE, TOTALS, LIFETIMES, EVENTS, END,
 EXIT, GROWTH, ARENAS, HOLDINGS, COHORTS, RESIDENT, TYPES, ROWTYPES,
 SNAPSHOT, NAMES, OBJECTS, REFERENCES, VALUES) = range(1, 26)  # fmt: skip

# Of format 2; all other frames are of version 1.
VERSIONS = {WINDOW: 2, TOTALS: 2}

StackFrame = tuple[str, str, int]  # function, file, line
TypeName = tuple[str, str, str]  # module, name, kind
TYPE_KINDS = {"object": 1, "items": 2, "keys": 3, "other": 4, "parked": 5}

PYTHON = "/usr/lib/python3.12"
DEFAULT_META: dict[str, Any] = {
    "format": 1,
    "memscope": "0.1.0",
    "command": ["app.py", "--rows", "1000"],
    "python": "3.12.1",
    "implementation": "cpython",
    "platform": "linux",
    "allocator": "pymalloc",
    "pid": 4711,
    "started": 1_700_000_000.0,
    "mode": "exact",
    "sample_bytes": 0,
    "events": False,
    "imports": True,
    "cwd": "/home/me/app",
    "prefixes": {"stdlib": [PYTHON], "site": [f"{PYTHON}/site-packages"]},
    "main": "/home/me/app/app.py",
}


def frame(kind: int, payload: bytes, sequence: int, version: int = 1) -> bytes:
    head = struct.pack(
        "<4sHHIII", b"MSF\x01", kind, version, len(payload), sequence, zlib.crc32(payload)
    )
    return head + struct.pack("<I", zlib.crc32(head)) + payload


def column(values: Sequence[int], width: int | None = None) -> bytes:
    """A column in the narrowest of all encodings, or in the width asked for."""
    if width is None:
        return min((column(values, w) for w in (0, 1, 2, 4, 8)), key=len)
    limit = 1 << (8 * width)
    exceptions = [(i, v) for i, v in enumerate(values) if v >= limit]
    stored = [0 if v >= limit else v for v in values]
    body = b"".join(v.to_bytes(width, "little") for v in stored)
    return (
        struct.pack("<BI", width, len(exceptions))
        + body
        + b"".join(struct.pack("<IQ", *exception) for exception in exceptions)
    )


def table(*columns: Sequence[int], widths: Sequence[int | None] | None = None) -> bytes:
    count = len(columns[0])
    assert all(len(values) == count for values in columns)
    chosen = widths or [None] * len(columns)
    encoded = (column(values, width) for values, width in zip(columns, chosen, strict=True))
    return struct.pack("<IB", count, len(columns)) + b"".join(encoded)


def strings(values: Iterable[str]) -> bytes:
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    return struct.pack("<I", len(encoded)) + b"".join(
        struct.pack("<I", len(value)) + value for value in encoded
    )


def zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def gaps(ids: Sequence[int]) -> list[int]:
    return [b - a for a, b in itertools.pairwise([0, *ids])]


def size_class_of(size_bytes: int) -> int:
    """The size class, searched for among the ranges that the format lists."""
    if size_bytes == 0:
        return 0
    for number in range(1, 33):
        if 16 * number - 15 <= size_bytes <= 16 * number:
            return number
    number = 33
    for exponent in itertools.count(9):
        for step in range(4):
            if (4 + step) << (exponent - 2) <= size_bytes < (5 + step) << (exponent - 2):
                return number
            number += 1
    raise AssertionError


@dataclass
class Site:
    """The counters of one row, in the order in which TOTALS has them."""

    stack: int
    domain: int
    size_class: int
    allocations: int = 0
    allocated_bytes: int = 0
    released: int = 0
    released_bytes: int = 0
    peak_blocks: int = 0
    peak_bytes: int = 0
    max_live_blocks: int = 0
    reallocations: int = 0
    moved: int = 0
    copied_bytes: int = 0
    frees: int = 0
    foreign_frees: int = 0
    longest_chain: int = 0
    max_live_bytes: int = 0
    reused: int = 0
    taken_in: int = 0
    taken_in_bytes: int = 0
    handed_over: int = 0
    handed_over_bytes: int = 0
    uncertain_bytes: int = 0
    uncertain_peak_bytes: int = 0
    type: int = 0
    late_type: int = 0  # becomes known after the row was written
    lifetimes: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def live_blocks(self) -> int:
        return self.allocations - self.released + self.taken_in - self.handed_over

    @property
    def live_bytes(self) -> int:
        kept = self.allocated_bytes - self.released_bytes
        return kept + self.taken_in_bytes - self.handed_over_bytes

    def totals(self, objects: bool = False) -> list[int]:
        requests = [
            self.allocations, self.allocated_bytes, self.released, self.released_bytes,
            self.peak_blocks, self.peak_bytes, self.max_live_blocks, self.reallocations,
            self.moved, self.copied_bytes, self.frees, self.foreign_frees, self.longest_chain,
        ]  # fmt: skip
        if not objects:
            return [*requests, self.max_live_bytes, 0, 0]
        return [
            *requests, self.reused, self.taken_in, self.taken_in_bytes, self.handed_over,
            self.handed_over_bytes, self.uncertain_bytes, self.uncertain_peak_bytes,
        ]  # fmt: skip


DOMAIN_NUMBERS = {"raw": 0, "mem": 1, "obj": 2, "native": 3, "mapped": 4}


class CaptureWriter:
    """A recording told by hand: add sites and points, then ask for the file's bytes."""

    def __init__(self, **meta: Any) -> None:
        self.meta = {**DEFAULT_META, **meta}
        self.objects = self.meta["format"] == 2
        self.types: list[TypeName] = []
        self.unit = 1 if self.meta["mode"] == "exact" else 256
        self.names: dict[str, int] = {"": 0}
        self.codes: dict[tuple[str, str, int], int] = {}
        self.first_lines: dict[str, int] = {}  # of functions that do not begin at line 1
        self.nodes: dict[tuple[int, int, int], int] = {}
        self.threads: list[tuple[int, str, int]] = [(100, "MainThread", 1)]
        self.sites: list[Site] = []
        self.samples: list[tuple[int, int, int, int, int, int, int, int]] = []
        self.born: list[tuple[int, int, int, int, int]] = []  # row, from, until, blocks, bytes
        self.growing: list[tuple[int, ...]] = []
        self.surveys: list[tuple[bytes, list[tuple[int, ...]]]] = []
        self.looks: list[dict[str, Any]] = []
        self.compiled: object = []
        self.look_sums: dict[str, Any] | None = None
        self.end: dict[str, Any] = {}
        self.exit: dict[str, Any] | None = {
            "status": 0, "signal": None, "wall_s": 2.5, "cpu_s": 2.0,
            "peak_resident_bytes": 64 << 20,
        }  # fmt: skip
        self.window_count = 2
        self.release_window: int | None = None  # in which all goes that goes; None: the last
        self.first_window_events = 10

    def name(self, text: str) -> int:
        return self.names.setdefault(text, len(self.names))

    def stack(self, frames: Iterable[StackFrame], thread: int = 1) -> int:
        """The node of a stack given root first; an empty one is the thread's root."""
        node = self._node(0, 0, thread)
        for function, file, line in frames:
            key = (file, function, self.first_lines.get(function, 1))
            self.name(file), self.name(function)
            code = self.codes.setdefault(key, len(self.codes) + 1)
            node = self._node(node, code, line)
        return node

    def _node(self, parent: int, code: int, line: int) -> int:
        return self.nodes.setdefault((parent, code, line), len(self.nodes) + 1)

    def site(
        self,
        stack: Iterable[StackFrame] | int,
        *,
        size: int = 64,
        count: int = 1,
        live: int | None = None,
        peak: int | None = None,
        domain: str = "obj",
        thread: int = 1,
        type: TypeName | int | None = None,
        late_type: TypeName | int | None = None,
        **counters: Any,
    ) -> Site:
        """`count` blocks of `size` bytes, `peak` of them live at the peak and `live` at the end."""
        live = count if live is None else live
        peak = live if peak is None else peak
        node = stack if isinstance(stack, int) else self.stack(stack, thread)
        unit = self.unit
        values: dict[str, Any] = {
            "allocations": count * unit,
            "allocated_bytes": count * size * unit,
            "released": (count - live) * unit,
            "released_bytes": (count - live) * size * unit,
            "peak_blocks": peak * unit,
            "peak_bytes": peak * size * unit,
            "max_live_blocks": max(live, peak) * unit,
            "max_live_bytes": max(live, peak) * size * unit,
            "frees": (count - live) * unit,
        }
        values["type"], values["late_type"] = map(self.type_id, (type, late_type))
        values.update(counters)
        made = Site(node, DOMAIN_NUMBERS[domain], size_class_of(size), **values)
        self.sites.append(made)
        return made

    def type_id(self, type: TypeName | int | None) -> int:
        """The number of a type, which is written if it was not yet."""
        if type is None or isinstance(type, int):
            return type or 0
        return self.types.index(type) + 1 if type in self.types else self.new_type(type)

    def new_type(self, type: TypeName) -> int:
        """Another type, whatever others there are of its name."""
        self.name(type[0]), self.name(type[1])
        self.types.append(type)
        return len(self.types)

    def sample(
        self,
        time_ns: int,
        live: tuple[int, int, int] = (0, 0, 0),
        *,
        highest: int | None = None,
        resident: int = 0,
        own: int = 0,
        collecting: int = 0,
    ) -> None:
        """A sample of TIMELINE; `time_ns` counts from the start of the recording."""
        top = sum(live) if highest is None else highest
        self.samples.append((time_ns, *live, top, resident, own, collecting))

    def grows(
        self,
        stack: Iterable[StackFrame],
        *,
        links: int,
        copied: int,
        chains: int = 1,
        steep: int = 0,
        longest: int | None = None,
        largest: int = 1000,
    ) -> None:
        """An entry of GROWTH: copy chains of one stack."""
        node = self.stack(stack)
        longest = links if longest is None else longest
        self.growing.append((node, chains, links, steep, copied, longest, largest))
        self.growing.sort()

    def survey(
        self,
        arenas: Sequence[tuple[int, int, int]],
        holdings: Sequence[tuple[int, ...]],
        *,
        moment: int = 0,
        flags: int = 1,
        time_ns: int = 1_500_000_000,
        live: int = 0,
        resident: int = 0,
    ) -> None:
        """ARENAS (address, bytes, older) and HOLDINGS (arena, pool, row, size class, blocks)."""
        head = struct.pack("<IIQQQ", moment, flags, time_ns, live * self.unit, resident)
        addresses = gaps([arena[0] for arena in arenas])
        payload = head + table(addresses, *columns_of(arenas, 3)[1:])
        self.surveys.append((payload, [tuple(holding) for holding in holdings]))

    def look(
        self, parts: Iterable[tuple[str, str, int]], *, moment: str = "peak", **facts: int
    ) -> None:
        """A look of RESIDENT; parts are (kind, name, resident bytes)."""
        made = [
            {"kind": kind, "name": name, "resident_bytes": size, "mapped_bytes": size}
            for kind, name, size in parts
        ]
        for name in ("live_bytes", "pooled_bytes"):
            facts[name] = facts.get(name, 0) * self.unit
        self.looks.append({"moment": moment, **facts, "parts": made})

    def frames(self) -> list[tuple[int, bytes]]:
        """Kind and payload of every frame, in order."""
        result = [(META, json.dumps(self.meta).encode())]
        for function_key in self.codes:
            self.name(function_key[0]), self.name(function_key[1])
        names = [name for name in self.names if name]
        result.append((STRINGS, strings(names)))
        codes = [(self.names[file], self.names[name], line) for file, name, line in self.codes]
        nodes = [
            (identity - parent, code, line) for (parent, code, line), identity in self.nodes.items()
        ]
        threads = [(native, self.name(name), flags) for native, name, flags in self.threads]
        late_names = [name for name in self.names if name][len(names) :]
        if late_names:
            result.append((STRINGS, strings(late_names)))
        result.append((CODES, table(*columns_of(codes, 3))))
        # Tables are continued now and then; a writer that always used one frame would not show it.
        half = len(nodes) // 2
        result.extend((NODES, table(*columns_of(part, 3))) for part in (nodes[:half], nodes[half:]))
        result.append((THREADS, table(*columns_of(threads, 3))))
        result.extend(self._rows())
        result.extend((WINDOW, payload) for payload in self._windows())
        if self.samples:
            times = gaps([sample[0] for sample in self.samples])
            result.append((TIMELINE, table(times, *columns_of(self.samples, 8)[1:])))
        totals = [site.totals(self.objects) for site in self.sites]
        result.append((TOTALS, table(*columns_of(totals, 20 if self.objects else 16))))
        lifetimes = [
            (row, scale, bucket, count)
            for row, site in enumerate(self.sites, 1)
            for (scale, bucket), count in sorted(site.lifetimes.items())
        ]
        if lifetimes:
            ids = gaps([entry[0] for entry in lifetimes])
            result.append((LIFETIMES, table(ids, *columns_of(lifetimes, 4)[1:])))
        if self.growing:
            result.append((GROWTH, table(*columns_of(self.growing, 7))))
        result.extend(self._arenas())
        if self.born:
            rows_of_born = gaps([entry[0] for entry in self.born])
            result.append((COHORTS, table(rows_of_born, *columns_of(self.born, 5)[1:])))
        if self.looks:
            sums = {} if self.look_sums is None else {"sums": self.look_sums}
            result.append(
                (
                    RESIDENT,
                    json.dumps({"looks": self.looks, "compiled": self.compiled, **sums}).encode(),
                )
            )
        if self.exit is not None:
            result.append((EXIT, json.dumps(self.exit).encode()))
        result.append((END, json.dumps({**self._account(), **self.end}).encode()))
        return result

    def _arenas(self) -> Iterator[tuple[int, bytes]]:
        for payload, holdings in self.surveys:
            yield ARENAS, payload
            middle = len(holdings) // 2
            before = 0
            for part in (holdings[:middle], holdings[middle:]):
                if part:
                    places = gaps([before, *(holding[0] for holding in part)])[1:]
                    yield HOLDINGS, table(places, *columns_of(part, 5)[1:])
                    before = part[-1][0]

    def _rows(self) -> list[tuple[int, bytes]]:
        """What rows are of, and the rows."""
        result = []
        types = [
            (self.names[module], self.names[name], TYPE_KINDS[kind])
            for module, name, kind in self.types
        ]
        if types:
            result.append((TYPES, table(*columns_of(types, 3))))
        rows = [(site.stack, site.domain, site.size_class, site.type) for site in self.sites]
        result.append((ROWS, table(*columns_of(rows, 4 if self.objects else 3))))
        late = [(row, site.late_type) for row, site in enumerate(self.sites, 1) if site.late_type]
        if late:
            ids = gaps([row for row, _ in late])
            result.append((ROWTYPES, table(ids, [number for _, number in late])))
        return result

    def _windows(self) -> list[bytes]:
        """All is allocated, up to the peak, in the first window; `release_window` releases it."""
        releases = self.window_count - 1 if self.release_window is None else self.release_window
        span = 2_000_000_000 // max(self.window_count, 1)
        payloads = []
        for number in range(self.window_count):
            first = number == 0
            rows = list(range(1, len(self.sites) + 1))
            came = [(s.allocations + s.taken_in, s.allocated_bytes + s.taken_in_bytes)
                    for s in self.sites]  # fmt: skip
            changes = [
                (blocks, size, blocks - s.peak_blocks, size - s.peak_bytes)
                if first else
                (0, 0, s.peak_blocks - s.live_blocks, s.peak_bytes - s.live_bytes)
                if number == releases else (0, 0, 0, 0)
                for (blocks, size), s in zip(came, self.sites, strict=True)
            ]  # fmt: skip
            live = [
                sum(
                    s.live_bytes if number >= releases and not first else s.peak_bytes
                    for s in self.sites
                    if s.domain == domain
                )
                for domain in range(3)
            ]
            until = self.first_window_events + number * 10
            since = 0 if first else until - 10
            head = struct.pack("<7Q", number * span, (number + 1) * span, since, until, *live)
            if self.objects:
                changes = [(zigzag(a), zigzag(b), zigzag(c), zigzag(d)) for a, b, c, d in changes]
            payloads.append(head + table(gaps(rows), *columns_of(changes, 4)))
        return payloads

    def _account(self) -> dict[str, Any]:
        def sums(sites: list[Site]) -> dict[str, int]:
            return {
                "allocations": sum(s.allocations for s in sites),
                "frees": sum(s.frees for s in sites),
                "reallocations": sum(s.reallocations for s in sites),
                "allocated_bytes": sum(s.allocated_bytes for s in sites),
                "live_bytes": sum(s.live_bytes for s in sites),
                "live_blocks": sum(s.live_blocks for s in sites),
                "peak_bytes": sum(s.peak_bytes for s in sites),
            }

        return {
            "reason": "stopped", "complete": True, "events": 1000, "duration_ns": 2_000_000_000,
            **sums(self.sites),
            "peak_blocks": sum(s.peak_blocks for s in self.sites),
            "peak_time_ns": 1_000_000_000,
            "domains": {
                name: sums([s for s in self.sites if s.domain == number])
                for name, number in DOMAIN_NUMBERS.items()
                if number < 3 or any(s.domain == number for s in self.sites)
            },
            "unknown_frees": 3, "unknown_reallocations": 1, "replaced_blocks": 0,
            "dropped_events": 0, "lost_stacks": 0, "waits": 2, "wait_ns": 1_500_000,
            "poll_ns": 2_000_000, "collections": [10, 2, 1], "collecting_polls": 5,
            "polls": 1000, "segment_bytes": 4 << 20, "threads": len(self.threads),
        }  # fmt: skip

    def build(self, *, without: Iterable[int] = ()) -> bytes:
        """The whole file; frames of the kinds in `without` are never written."""
        left_out = set(without)
        kept = [(kind, payload) for kind, payload in self.frames() if kind not in left_out]
        return join(kept, VERSIONS if self.objects else {})


def join(frames: Iterable[tuple[int, bytes]], versions: Mapping[int, int] = {}) -> bytes:
    return MAGIC + b"".join(
        frame(kind, payload, sequence, versions.get(kind, 1))
        for sequence, (kind, payload) in enumerate(frames)
    )


def columns_of(entries: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    return [[entry[i] for entry in entries] for i in range(width)]
