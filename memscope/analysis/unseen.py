"""What a capture does not tell: resident memory that was not tracked, by owner, and all else.

    resident at a look  =  memscope's own + tracked + the owners' parts

An all-clear is given only where `Unseen.reasons` is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from memscope.analysis.nativelibraries import likely_allocators
from memscope.analysis.processes import Unrecorded, unrecorded_processes
from memscope.analysis.resident import Resident
from memscope.capture import Capture
from memscope.capture.model import Look
from memscope.plain import dataclass, replace

Origin = Literal[
    "before", "pymalloc free", "native", "code", "mapping", "shared", "stacks", "unexplained"
]

# An interpreter with its modules takes 10 to 20 MiB that no allocation stands for.
INTERPRETER_BYTES = 32 << 20
# Less than this is no reason to withhold an answer: a few libraries' code is as much.
LEAST_UNSEEN_BYTES = 8 << 20
MOST_UNSEEN_SHARE = 0.5
# With fewer samples of small blocks at the peak, a site's share of it is off by a tenth and more.
LEAST_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class Owner:
    """A part of resident memory that was not tracked; `name` is a library's or a file's."""

    origin: Origin
    name: str
    size_bytes: float


ReasonKind = Literal[
    "untracked",
    "unmeasured",
    "processes",
    "partial",
    "dropped",
    "sampled",
    "native",
    "attached",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that was not seen, and how much of it.

    "untracked": bytes of resident memory, more than were tracked, with what makes an interpreter
    left out. "unmeasured": resident memory was not. "processes": how many are in no capture.
    "partial": `detail` says why. "dropped": events. "sampled": samples at the peak, too few to tell
    lines apart. "native": it was asked for, and the library that sees it was not loaded.
    "attached": it came into a process that ran already, and sees less.
    """

    kind: ReasonKind
    amount: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Resident memory that was not tracked, at the look that found most, and what else is missing.

    `size_bytes` is None where resident memory was not measured; `share` is of the program's
    resident memory then, `resident_bytes`. `owners` come largest first and sum to `size_bytes`.
    `likely` are loaded libraries that are known to call malloc themselves: they may own what is
    "native". `processes` are those that are in no capture.
    """

    size_bytes: float | None
    share: float | None
    resident_bytes: int
    time_ns: int | None  # of the look; None: there was none
    owners: tuple[Owner, ...]
    likely: tuple[str, ...]
    processes: Unrecorded
    reasons: tuple[Reason, ...]

    def part(self, origin: Origin) -> float:
        """Bytes of all owners of one origin."""
        return sum(owner.size_bytes for owner in self.owners if owner.origin == origin)


def unseen_of(capture: Capture, resident: Resident) -> Unseen:
    """What is missing from the capture's figures."""
    look = _look(capture, resident)
    processes = unrecorded_processes(capture.end, capture.exit)
    owners: tuple[Owner, ...]
    if look is not None:
        owners = tuple(_owners_at(look, capture))
        resident_bytes = look.resident_bytes - _own_bytes(look)
    elif resident.peak_bytes:
        owners = tuple(_owners_without_look(resident, capture))
        resident_bytes = resident.peak_bytes
    else:
        return _with_reasons(capture, Unseen(None, None, 0, None, (), (), processes, ()))
    owners = tuple(
        sorted(
            (owner for owner in owners if owner.size_bytes > 0),
            key=lambda owner: -owner.size_bytes,
        )
    )
    size_bytes = sum(owner.size_bytes for owner in owners)
    native = any(owner.origin in ("native", "unexplained") for owner in owners)
    libraries = () if look is None else [part for part in look.parts if part.kind == "library"]
    unseen = Unseen(
        size_bytes=size_bytes,
        share=size_bytes / resident_bytes if resident_bytes > 0 else None,
        resident_bytes=resident_bytes,
        time_ns=None if look is None else look.time_ns,
        owners=owners,
        likely=tuple(likely_allocators(libraries)) if native else (),
        processes=processes,
        reasons=(),
    )
    return _with_reasons(capture, unseen)


def _with_reasons(capture: Capture, unseen: Unseen) -> Unseen:
    return replace(unseen, reasons=tuple(_reasons(capture, unseen)))


# ---- owners ----------------------------------------------------------------------------------


def _look(capture: Capture, resident: Resident) -> Look | None:
    """The look that found most, unless the program had far more at another time."""
    for look in capture.looks:
        if look.moment == "peak" and look.resident_bytes > resident.kernel_bytes / 2:
            return look
    return None


def _own_bytes(look: Look) -> int:
    shared = sum(part.resident_bytes for part in look.parts if part.kind == "memscope")
    return min(look.own_bytes + shared, look.resident_bytes)


def _owners_at(look: Look, capture: Capture) -> Iterator[Owner]:
    for part in look.parts:
        if part.kind == "library":
            yield Owner("code", part.name, part.resident_bytes)
        elif part.kind in ("file", "shared"):
            origin: Origin = "mapping" if part.kind == "file" else "shared"
            yield Owner(origin, part.name, part.resident_bytes)
        elif part.kind == "stack":
            yield Owner("stacks", "", part.resident_bytes)
    private = sum(p.resident_bytes for p in look.parts if p.kind in ("heap", "anonymous"))
    rest = max(private - look.own_bytes - look.live_bytes, 0.0)
    end = capture.end
    before = end.before_resident_bytes - end.before_shared_bytes if end is not None else 0
    taken = min(max(before, 0), rest)
    yield Owner("before", "", taken)
    rest -= taken
    taken = min(max(look.arena_bytes - look.pooled_bytes, 0.0), rest)
    yield Owner("pymalloc free", "", taken)
    # With --no-imports, what importing allocated is in here as well. Where native memory is
    # recorded, what is left is room in libc's heap, and mappings.
    is_native = capture.meta.imports and "native" not in capture.meta.domains
    yield Owner("native" if is_native else "unexplained", "", rest - taken)


def _owners_without_look(resident: Resident, capture: Capture) -> Iterator[Owner]:
    rest = max(resident.peak_bytes - resident.tracked_bytes, 0.0)
    before = min(capture.end.before_resident_bytes if capture.end is not None else 0, rest)
    yield Owner("before", "", before)
    yield Owner("unexplained", "", rest - before)


# ---- reasons ---------------------------------------------------------------------------------


def _reasons(capture: Capture, unseen: Unseen) -> Iterator[Reason]:
    end = capture.end
    if end is not None and end.dropped_events:
        yield Reason("dropped", end.dropped_events)
    elif not capture.complete:
        yield Reason("partial", 1, capture.notes[0] if capture.notes else "")
    if end is not None and end.native == "missing":
        yield Reason("native", 1)
    if end is not None and end.native == "attached":
        yield Reason("attached", 1)
    if unseen.size_bytes is None:
        yield Reason("unmeasured", 1)
    elif blind_bytes := _blind_bytes(unseen):
        yield Reason("untracked", blind_bytes)
    if unseen.processes.count:
        yield Reason("processes", unseen.processes.count)
    samples = _samples_at_peak(capture)
    if samples is not None and samples < LEAST_SAMPLES:
        yield Reason("sampled", samples)


def _samples_at_peak(capture: Capture) -> float | None:
    """How many blocks are known of what was live at the peak; None: most of it, one by one."""
    meta, sums = capture.meta, capture.sums.total
    if not meta.sampled:
        return None
    kept = None if capture.end is None else capture.end.budget
    if kept is not None and kept.live_bytes < sums.live_bytes / 2:
        return None
    return sums.peak_bytes / max(meta.sample_bytes, 1)


def _blind_bytes(unseen: Unseen) -> float:
    """Memory of the program's that was not tracked, where it is more than what was; else 0."""
    assert unseen.size_bytes is not None
    tracked_bytes = unseen.resident_bytes - unseen.size_bytes
    # An interpreter as such is nobody's to change, and room in arenas is pymalloc's own and known.
    interpreter_bytes = unseen.part("before") + unseen.part("code") + unseen.part("stacks")
    if unseen.time_ns is None:  # nobody looked: as much as an interpreter takes may be one
        interpreter_bytes = unseen.size_bytes
    blind_bytes = unseen.size_bytes - unseen.part("pymalloc free")
    blind_bytes -= min(interpreter_bytes, INTERPRETER_BYTES)
    if blind_bytes <= LEAST_UNSEEN_BYTES:
        return 0.0
    most = blind_bytes > MOST_UNSEEN_SHARE * (blind_bytes + tracked_bytes)
    return blind_bytes if most else 0.0
