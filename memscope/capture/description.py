"""What a capture says of itself: what was recorded and how (META), and how it ended (EXIT, END)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from memscope.capture.budget import BudgetKept
from memscope.capture.fields import (
    JsonObject,
    counts,
    generations,
    integer,
    number,
    optional_integer,
    scaled,
    text,
    texts,
)
from memscope.capture.format import DOMAINS, EARLY_DOMAINS
from memscope.labels import MOST_LABELS, is_label
from memscope.plain import dataclass, field

MAX_MERGED = 1 << 16  # captures in one
_INEXACT_BYTES = 4 << 20  # the kernel counts pages in batches, one for each processor


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Where the recorded interpreter kept what is not user code."""

    stdlib: tuple[str, ...] = ()
    site: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """What installed packages' metadata said of the program; paths are those of packages, absolute.

    started: of the distribution that was started. served: those that its command line names for it
    to run. local: installed from a directory of source. bundled: libraries among the program's own
    files. is_stub: the script is but an entry point that an installer made.
    """

    started: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    bundled: tuple[str, ...] = ()
    is_stub: bool = False

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: object) -> Project | None:
        if not isinstance(data, dict):
            return None
        return cls(
            started=texts(data, "started"),
            served=texts(data, "served"),
            local=texts(data, "local"),
            bundled=texts(data, "bundled"),
            is_stub=data.get("is_stub") is True,
        )


def _labels(data: JsonObject) -> dict[str, str]:
    """Those that could have been given."""
    told = data.get("labels")
    pairs = list(told.items())[:MOST_LABELS] if isinstance(told, dict) else []
    return {key: value for key, value in pairs if isinstance(value, str) and is_label(key, value)}


def _domains(data: JsonObject) -> tuple[str, ...]:
    """The domains of a capture, by number: the first of those that are known."""
    named = texts(data, "domains")
    return named if named and named == DOMAINS[: len(named)] else EARLY_DOMAINS


@dataclass(frozen=True, slots=True)
class MergedPart:
    """One of the captures that a merged one is made of."""

    command: tuple[str, ...] = ()
    pid: int = 0
    started: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    duration_ns: int = 0
    complete: bool = False
    allocated_bytes: int = 0
    live_bytes: int = 0
    peak_bytes: int = 0

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: JsonObject) -> MergedPart:
        amounts = ("duration_ns", "allocated_bytes", "live_bytes", "peak_bytes")
        return cls(
            command=texts(data, "command"),
            pid=integer(data, "pid"),
            started=number(data, "started"),
            labels=_labels(data),
            complete=data.get("complete") is True,
            **{name: integer(data, name) for name in amounts},
        )


def _parts(data: JsonObject) -> tuple[MergedPart, ...]:
    told = data.get("parts")
    found = told[:MAX_MERGED] if isinstance(told, list) else []
    return tuple(MergedPart.from_json(item) for item in found if isinstance(item, dict))


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
    budget: float = 0.0  # share of CPU time: sampled only while recording cost more; 0: none
    sampled_share: float = 1.0  # with a budget: of the time; so too where it is not known
    events: bool = False
    imports: bool = True
    cwd: str = ""
    prefixes: Prefixes = field(default_factory=Prefixes)
    main: str = ""
    user_code: tuple[str, ...] = ()  # what was named as such: packages, and absolute paths
    project: Project | None = None  # None: nobody asked
    frozen: bool = False
    main_packages: tuple[str, ...] = ()  # of a frozen program: the script's name among modules
    cells: Mapping[str, int] = field(default_factory=dict)  # a notebook's: file to number
    labels: Mapping[str, str] = field(default_factory=dict)  # what captures are told apart by
    domains: tuple[str, ...] = EARLY_DOMAINS
    objects: bool = False  # live and peak memory stand at the lines that made the objects
    parts: tuple[MergedPart, ...] = ()  # of a merged capture: those that it is made of

    @property
    def mode(self) -> Literal["exact", "sampled"]:
        return "sampled" if self.sampled else "exact"

    @classmethod
    def from_json(cls, data: JsonObject) -> Meta:
        prefixes = data.get("prefixes")
        prefixes = prefixes if isinstance(prefixes, dict) else {}
        return cls(
            format=integer(data, "format", 1),
            domains=_domains(data),
            memscope=text(data, "memscope"),
            command=texts(data, "command"),
            python=text(data, "python"),
            implementation=text(data, "implementation"),
            platform=text(data, "platform"),
            allocator=text(data, "allocator") or "unknown",
            pid=integer(data, "pid"),
            started=number(data, "started"),
            # With a budget the end says whether it was.
            sampled=data.get("mode") in ("sampled", "budget"),
            budget=integer(data, "budget_ppm") / 1e6 if data.get("mode") == "budget" else 0.0,
            sample_bytes=integer(data, "sample_bytes"),
            events=data.get("events") is True,
            imports=data.get("imports") is not False,
            cwd=text(data, "cwd"),
            prefixes=Prefixes(texts(prefixes, "stdlib"), texts(prefixes, "site")),
            main=text(data, "main"),
            user_code=texts(data, "user_code"),
            project=Project.from_json(data.get("project")),
            frozen=data.get("frozen") is True,
            main_packages=texts(data, "main_packages"),
            cells=counts(data, "cells"),
            labels=_labels(data),
            objects=data.get("objects") is True,
            parts=_parts(data),
        )


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A process that the recorded one, or a forked child of it, started.

    It was forked, or spawned: it runs another program, of which `name` is the executable. Its own
    peak and CPU time are as of the last look at it; 0 where it was over before the first.
    """

    pid: int  # 0: not known
    parent: int
    role: Literal["forked", "spawned"]
    name: str
    followed: bool  # has a capture of its own
    running: bool  # when the recording ended
    peak_resident_bytes: int
    cpu_s: float

    @classmethod
    def from_json(cls, data: JsonObject) -> ChildProcess:
        return cls(
            pid=integer(data, "pid"),
            parent=integer(data, "parent"),
            role="forked" if data.get("role") == "forked" else "spawned",
            name=text(data, "name"),
            followed=data.get("followed") is True,
            running=data.get("running") is True,
            peak_resident_bytes=integer(data, "peak_resident_bytes"),
            cpu_s=integer(data, "cpu_ns") / 1e9,
        )


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes that the program started while it was recorded: all counted, the first listed.

    `replaced_by` names the program that it executed in its own place: recording ended there.
    """

    forked: int = 0
    spawned: int = 0
    followed: int = 0
    replaced_by: str | None = None
    listed: tuple[ChildProcess, ...] = ()

    @classmethod
    def from_json(cls, data: JsonObject) -> Processes:
        listed = data.get("list")
        return cls(
            forked=integer(data, "forked"),
            spawned=integer(data, "spawned"),
            followed=integer(data, "followed"),
            replaced_by=text(data, "replaced_by") if "replaced_by" in data else None,
            listed=tuple(
                ChildProcess.from_json(item)
                for item in (listed if isinstance(listed, list) else [])
                if isinstance(item, dict)
            ),
        )


@dataclass(frozen=True, slots=True)
class Exit:
    """How the recorded program ended, and what it took itself, without its children.

    `peak_resident_from` says where the peak is from: "kernel" at the end, or "looks" at the running
    program, the last a few milliseconds before its end. `waited_cpu_s` is the CPU time of the
    children that it waited for, with theirs; `refused` of the forked children that it was to follow
    were too many at once. `executed` are those of its own children that run another program and
    have a capture; None: these were not to be recorded.
    `replacement_recorded`: the program that took its place has a capture as well.
    `limit_bytes` is the memory limit that most of was taken, and `limit_source` who set it.
    """

    status: int | None = None
    signal: int | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    system_s: float = 0.0
    peak_resident_bytes: int = 0
    minor_faults: int = 0  # 0: not known
    peak_resident_from: Literal["kernel", "looks"] = "kernel"
    waited: bool = False  # for at least one child
    waited_cpu_s: float = 0.0
    refused: int = 0
    executed: tuple[int, ...] | None = None
    replacement_recorded: bool = False
    limit_bytes: int = 0  # 0: none is known
    limit_source: str = ""  # "given", "RLIMIT_AS" or "cgroup"

    @classmethod
    def from_json(cls, data: JsonObject) -> Exit:
        executed = data.get("executed")
        return cls(
            status=optional_integer(data, "status"),
            signal=optional_integer(data, "signal"),
            wall_s=number(data, "wall_s"),
            cpu_s=number(data, "cpu_s"),
            system_s=number(data, "system_s"),
            peak_resident_bytes=integer(data, "peak_resident_bytes"),
            minor_faults=integer(data, "minor_faults"),
            peak_resident_from="looks" if data.get("peak_resident_from") == "looks" else "kernel",
            waited=data.get("waited") is True,
            waited_cpu_s=number(data, "waited_cpu_s"),
            refused=integer(data, "refused"),
            executed=tuple(pid for pid in executed if isinstance(pid, int))
            if isinstance(executed, list)
            else None,
            replacement_recorded=data.get("replacement_recorded") is True,
            limit_bytes=integer(data, "limit_bytes"),
            limit_source=text(data, "limit_source"),
        )


@dataclass(frozen=True, slots=True)
class DomainSums:
    """The counters of one allocation domain, or of all (`reallocations` are among allocations)."""

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
class ObjectsKnown:
    """How much is known of objects in a recording that tells of them."""

    creations_told: bool = False  # each one from a free list; else lines may be uncertain
    # Whether the program was asked at the end what lies in the blocks that were live. If not, only
    # deaths told types; `why` says what came in between.
    types_of_live: Literal["asked", "asked in part", "not asked"] = "not asked"
    why: str = ""
    tracer_replaced: int = 0  # times that another tool took the place of the recorder's call
    types_lost: int = 0  # too many: they share one entry
    adopted_blocks: int = 0  # from before the recording; an object was made in them in it

    @classmethod
    def from_json(cls, data: JsonObject) -> ObjectsKnown:
        asked = data.get("types_of_live")
        return cls(
            creations_told=data.get("creations_told") is True,
            types_of_live=asked if asked in ("asked", "asked in part") else "not asked",
            why=text(data, "why"),
            tracer_replaced=integer(data, "tracer_replaced"),
            types_lost=integer(data, "types_lost"),
            adopted_blocks=integer(data, "adopted_blocks"),
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """What small stacks hold of which middle frames are left out."""

    rows: int = 0  # that became part of others
    allocated_bytes: float = 0
    live_bytes: float = 0
    peak_bytes: float = 0

    @classmethod
    def from_json(cls, data: JsonObject, unit: int) -> Folded:
        names = ("allocated_bytes", "live_bytes", "peak_bytes")
        amounts = (scaled(integer(data, name), unit) for name in names)
        return cls(integer(data, "rows"), *amounts)


@dataclass(frozen=True, slots=True)
class PeakSnapshots:
    """Snapshots at new peaks of live memory, within a budget of time."""

    made: int = 0
    skipped: int = 0  # peaks for which the budget had no room
    unanswered: int = 0  # at which no moment was safe
    pause_ns: int = 0

    @classmethod
    def from_json(cls, data: JsonObject) -> PeakSnapshots:
        return cls(*(integer(data, name) for name in ("made", "skipped", "unanswered", "pause_ns")))


@dataclass(frozen=True, slots=True)
class KernelPeaks:
    """The kernel's peaks of resident memory outside of snapshots, and after the last of them.

    `within_bytes` is with what a snapshot took. The kernel does not tell what the program needed
    later below that.
    """

    outside_bytes: int
    within_bytes: int

    def outside(self, peak_bytes: int) -> int:
        """Of what the kernel said at the end, the most that it knows without a snapshot."""
        room = max(_INEXACT_BYTES, self.within_bytes // 64)
        hidden = peak_bytes <= self.within_bytes + room
        return min(peak_bytes, self.outside_bytes) if hidden else peak_bytes


CHUNK_HEAD_BYTES = 8  # of each block of malloc


@dataclass(frozen=True, slots=True)
class SmallNative:
    """Native requests of fewer bytes than `least_bytes`, which were counted and not told of.

    `allocated_bytes` are as requested; `live_bytes` as the C library rounds them up.
    """

    least_bytes: int
    allocations: int
    frees: int
    allocated_bytes: int
    live_bytes: int

    @property
    def chunk_bytes(self) -> int:
        """What those that live take, with the head that malloc gives each."""
        blocks = max(self.allocations - self.frees, 0)
        return max(self.live_bytes, 0) + blocks * CHUNK_HEAD_BYTES

    @classmethod
    def from_json(cls, data: object) -> SmallNative | None:
        if not isinstance(data, dict):
            return None
        return cls(**{name: integer(data, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class LibcCounts:
    """What the C library's allocator had, by its own count: its heaps, and mapped blocks."""

    heap_bytes: int = 0  # 0: it does not tell
    used_bytes: int = 0
    free_bytes: int = 0
    mapped_bytes: int = 0

    @classmethod
    def from_json(cls, data: object) -> LibcCounts:
        if not isinstance(data, dict):
            return cls()
        return cls(*(integer(data, name) for name in cls.__slots__))


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
    main_ended_ns: int = 0  # when the main program's own code had ended; 0: not known
    arenas_made: int | None = None
    arenas_returned: int | None = None
    arenas_most: int | None = None
    collecting_polls: int = 0
    polls: int = 0
    segment_bytes: int = 0
    program_bytes: int = 0
    threads: int = 0
    # By the kernel's count, of the process alone; 0: not known. A peak only if it is from the
    # recording: higher than any before it.
    before_resident_bytes: int = 0
    before_shared_bytes: int = 0
    peak_resident_bytes: int = 0
    older_arenas: int | None = None
    processes: Processes | None = None  # None: not known, in captures of earlier versions
    # "seen"; "attached" in a process that ran already; "missing"; or nobody asked for it
    native: str = ""
    native_small: SmallNative | None = None  # None: none was too small to be told
    objects: ObjectsKnown | None = None  # None: the recording does not tell of them
    folded: Folded | None = None  # None: all stacks are whole
    peak_snapshots: PeakSnapshots | None = None  # None: there were no peaks for one
    kernel_peaks: KernelPeaks | None = None  # None: there were no snapshots
    budget: BudgetKept | None = None  # None: there was none
    libc_before: LibcCounts = field(default_factory=LibcCounts)
    libc_end: LibcCounts = field(default_factory=LibcCounts)

    @property
    def is_interim(self) -> bool:
        """Whether the recording went on after this capture was written."""
        return self.reason == "interim"

    @classmethod
    def from_json(cls, data: JsonObject, unit: int) -> End:
        domains = data.get("domains")
        domains = domains if isinstance(domains, dict) else {}
        enabled = data.get("gc_enabled")
        processes = data.get("processes")
        objects = data.get("objects")
        folded = data.get("folded")
        peaks = data.get("snapshots_at_peaks")
        kernel = data.get("peaks_and_snapshots")
        plain = (
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
            "main_ended_ns",
            "polls",
            "segment_bytes",
            "program_bytes",
            "before_resident_bytes",
            "before_shared_bytes",
            "peak_resident_bytes",
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
            processes=Processes.from_json(processes) if isinstance(processes, dict) else None,
            native=text(data, "native"),
            native_small=SmallNative.from_json(data.get("native_small")),
            objects=ObjectsKnown.from_json(objects) if isinstance(objects, dict) else None,
            folded=Folded.from_json(folded, unit) if isinstance(folded, dict) else None,
            peak_snapshots=PeakSnapshots.from_json(peaks) if isinstance(peaks, dict) else None,
            kernel_peaks=KernelPeaks(
                integer(kernel, "outside_bytes"), integer(kernel, "within_bytes")
            )
            if isinstance(kernel, dict)
            else None,
            budget=BudgetKept.from_json(
                data.get("budget"), integer(data, "duration_ns"), unit, integer(data, "wait_ns")
            ),
            libc_before=LibcCounts.from_json(data.get("libc_before")),
            libc_end=LibcCounts.from_json(data.get("libc_end")),
            arenas_made=optional_integer(data, "arenas_made"),
            arenas_returned=optional_integer(data, "arenas_returned"),
            arenas_most=optional_integer(data, "arenas_most"),
            older_arenas=optional_integer(data, "older_arenas"),
            **{name: integer(data, name) for name in plain},
        )
