"""What this process holds now: `memscope.memstats()`, with or without a recording."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass

_STATUS = "/proc/self/status"


@dataclass(frozen=True, slots=True)
class Arenas:
    """What pymalloc has taken from the system, as its own statistics say.

    Arenas are what it asks the system for (1 MiB each, mapped on their own); they go back only
    when every block in them is free. `blocks_bytes` is how much of `allocated_bytes` is in blocks
    that are in use, in size classes: requests rounded up to multiples of 16 bytes.
    """

    allocated_count: int
    allocated_bytes: int
    highwater_count: int  # most arenas at any time
    reclaimed_count: int  # arenas given back to the system so far
    blocks_bytes: int


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of the cyclic collector, since the process began (gc.get_stats).

    `pending` is the counter that is held against `threshold` (gc.get_count): in the youngest
    generation objects tracked minus objects released since its last collection, in an older one
    collections of the next younger one. It is not the number of objects that are tracked.
    """

    collections: int
    collected: int  # objects
    uncollectable: int  # objects
    pending: int
    threshold: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the recording that is on has seen so far, up to the drain's last poll.

    The drain polls every 2 to 10 ms, and the figures are read one after another: they may be of
    slightly different moments. Exact, or estimates if `sampled`. Blocks from before the recording
    are not among them.
    """

    sampled: bool
    allocations: int
    frees: int
    reallocations: int  # of the allocations
    allocated_bytes: int
    live_blocks: int
    live_bytes: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class MemStats:
    """What this process holds at one moment.

    `resident_bytes` and `peak_resident_bytes` are physical memory as the kernel counts it (VmRSS
    and VmHWM of /proc/self/status), shared pages included. The kernel counts per thread and adds
    up now and then: it may be off by some hundred KiB. Where it gives no VmHWM the peak is that of
    getrusage, which also holds what the process was before it became this program.

    `blocks` are pymalloc's blocks in use (sys.getallocatedblocks): requests of up to 512 bytes in
    the MEM and OBJ domains. Where pymalloc is not in use (PYTHONMALLOC=malloc) it is 0.

    `arenas` is None where pymalloc is not in use or does not tell: while tracemalloc runs (unless a
    recording began before it), and in a recorded process that has subinterpreters. It is what
    sys._debugmallocstats() says, but nothing is printed. That walks all pools and takes about
    0.2 ms for 20 MiB of arenas.

    `generations` come youngest first. How many objects are tracked is not told: only a list of
    all of them would show it (gc.get_objects), at 8 bytes an object. `frozen_objects` are out of
    the collector's sight (gc.freeze).

    `recording` is None unless `memscope.record()` is on in this process. Under `memscope run` the
    counters are kept in the process that supervises this one and cannot be asked from here.
    """

    resident_bytes: int
    peak_resident_bytes: int
    blocks: int
    arenas: Arenas | None
    generations: tuple[Generation, ...]
    frozen_objects: int
    recording: Recorded | None


def memstats() -> MemStats:
    """What this process holds now.

    Prints nothing, and changes nothing but by its own garbage. A recording shows what this function
    and its imports allocate as memscope's own, apart from the line that called it.
    """
    resident_bytes, peak_resident_bytes = _resident()
    return MemStats(
        resident_bytes=resident_bytes,
        peak_resident_bytes=peak_resident_bytes,
        blocks=sys.getallocatedblocks(),
        arenas=_arenas(),
        generations=_generations(),
        frozen_objects=gc.get_freeze_count(),
        recording=_recorded(),
    )


def _resident() -> tuple[int, int]:
    """Resident bytes, now and at most."""
    kib: dict[str, int] = {}
    try:
        with open(_STATUS, "rb") as status:
            for line in status:
                words = line.split()
                if words[0] in (b"VmRSS:", b"VmHWM:"):
                    kib[words[0].decode()] = int(words[1])
    except (OSError, ValueError, IndexError):
        pass
    peak_kib = kib.get("VmHWM:")
    if peak_kib is None:
        import resource

        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib.get("VmRSS:", 0) * 1024, peak_kib * 1024


def _generations() -> tuple[Generation, ...]:
    return tuple(
        Generation(
            stats["collections"], stats["collected"], stats["uncollectable"], pending, threshold
        )
        for stats, pending, threshold in zip(
            gc.get_stats(), gc.get_count(), gc.get_threshold(), strict=False
        )
    )


def _arenas() -> Arenas | None:
    try:
        from memscope import _recorder
    except ImportError:  # it cannot be loaded into this interpreter
        return None
    stats = _recorder.pymalloc_stats()
    if stats is None:
        return None
    count, most, returned, arena_bytes, blocks_bytes = stats
    return Arenas(
        allocated_count=count,
        allocated_bytes=count * arena_bytes,
        highwater_count=most,
        reclaimed_count=returned,
        blocks_bytes=blocks_bytes,
    )


def _recorded() -> Recorded | None:
    # Whoever records has imported it: without it there is nothing to ask, and no extension to need.
    session = sys.modules.get("memscope.recording.session")
    current = None if session is None else session.ProcessRecording.current
    if current is None or (counters := current.counters()) is None:
        return None
    return Recorded(sampled=current.sample_bytes != 0, **counters)
