"""What a capture holds, as values: its tables and its tallies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from memscope.capture.format import Column


class CodeFrame(NamedTuple):
    """One frame of a stack: a function and the line it was at."""

    function: str
    file: str
    line: int


NO_PYTHON_FRAME = CodeFrame("<no Python frame>", "", 0)


@dataclass(frozen=True, slots=True)
class Codes:
    """Functions by code id; entry 0 stands for "none"."""

    file: Sequence[str]
    function: Sequence[str]
    first_line: Column


@dataclass(frozen=True, slots=True)
class Nodes:
    """The stack tree by node id; entry 0 stands for "none", and a parent's id is always smaller."""

    parent: Sequence[int]
    code: Sequence[int]
    line: Sequence[int]


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that allocated."""

    native_id: int
    name: str
    is_main: bool
    is_shared: bool  # stands for all threads after the first 255


@dataclass(frozen=True, slots=True)
class Rows:
    """The keys of all tallies; entry i belongs to row id i + 1."""

    stack: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that ids refer to."""

    codes: Codes
    nodes: Nodes
    threads: tuple[Thread, ...]
    rows: Rows

    def stack(self, node: int) -> tuple[CodeFrame, ...]:
        """A stack's frames, leaf last; empty where no Python frame ran."""
        codes, nodes = self.codes, self.nodes
        frames: list[CodeFrame] = []
        while node:
            code = nodes.code[node]
            if code:
                frames.append(CodeFrame(codes.function[code], codes.file[code], nodes.line[node]))
            node = nodes.parent[node]
        frames.reverse()
        return tuple(frames)


@dataclass(frozen=True, slots=True)
class Totals:
    """Every row's tallies over the whole recording, aligned with `Rows`.

    Whole numbers in an exact capture; estimates, already divided, in a sampled one. `source` says
    where they come from: "totals", or "windows" where a cut file has no TOTALS; the columns that
    windows cannot tell are then zero, and the peak is that of the highest window end.
    """

    source: Literal["totals", "windows"]
    allocations: Sequence[float]
    allocated_bytes: Sequence[float]
    released: Sequence[float]
    released_bytes: Sequence[float]
    peak_blocks: Sequence[float]
    peak_bytes: Sequence[float]
    max_live_blocks: Sequence[float]
    reallocations: Sequence[float]
    moved: Sequence[float]
    copied_bytes: Sequence[float]
    frees: Sequence[float]
    foreign_frees: Sequence[float]
    longest_chain: Sequence[float]


TOTALS_COLUMNS = Totals.__slots__[1:]


@dataclass(frozen=True, slots=True)
class Window:
    """What changed in one stretch of time; `row` holds row ids."""

    start_ns: int
    end_ns: int
    first_event: int
    last_event: int
    live_bytes: tuple[float, float, float]  # raw, mem, obj at the end
    row: Sequence[int]
    allocations: Sequence[float]
    allocated_bytes: Sequence[float]
    released: Sequence[float]
    released_bytes: Sequence[float]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Points over time, column by column; times count from the start of the recording."""

    time_ns: Sequence[int]
    live_raw: Sequence[float]
    live_mem: Sequence[float]
    live_obj: Sequence[float]
    max_live: Sequence[float]
    resident_bytes: Sequence[int]
    own_bytes: Sequence[int]
    collecting: Sequence[int]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long blocks lived, sparse: entry i counts blocks of `row` in one bucket of one scale."""

    row: Sequence[int]
    scale: Sequence[int]  # 0: bytes allocated meanwhile, 1: time
    bucket: Sequence[int]
    count: Sequence[float]


@dataclass(frozen=True, slots=True)
class Growth:
    """Copy chains per stack: each time a larger block took a block's place at once.

    Entry i is of `stack`; only chains of eight links and more are counted.
    """

    stack: Sequence[int]
    chains: Sequence[int]
    links: Sequence[int]
    steep_links: Sequence[int]  # of the links, those that grew by a sixteenth or more
    copied_bytes: Sequence[int]  # sizes of the blocks that were replaced
    longest_chain: Sequence[int]
    largest_bytes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Survey:
    """What lay where in pymalloc's arenas at one moment, column by column.

    `moment` is "end", or "low" for the last time that live memory was far below its peak. Arenas
    come by rising address. Holding i says how many `blocks` of one row lie in one pool; row 0 holds
    what was not recorded, which is known only where the allocator's own counts are (`counted`).
    """

    moment: Literal["end", "low"]
    counted: bool
    whole: bool  # nothing is missing for want of memory, or damaged
    time_ns: int
    live_bytes: float
    resident_bytes: int  # 0: not measured
    arena_address: Sequence[int]
    arena_bytes: Sequence[int]
    arena_older: Sequence[int]  # 1: made before the recording
    arena: Sequence[int]  # from here on the holdings: index of the arena
    pool: Sequence[int]  # number within the arena
    row: Sequence[int]
    size_class: Sequence[int]  # of the pool
    blocks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """When the blocks live at the end were allocated: entry i counts those of `row` from a window.

    Times are nanoseconds since the recording began; where `until_ns` is 0, the blocks are older
    than the recorder keeps births for.
    """

    row: Sequence[int]
    from_ns: Sequence[int]
    until_ns: Sequence[int]
    blocks: Sequence[float]
    size_bytes: Sequence[float]


@dataclass(frozen=True, slots=True)
class Events:
    """A stretch of single events, in order; `stack` is a node, or of a free the thread's id."""

    kind: Sequence[int]
    domain: Sequence[int]
    address: Sequence[int]
    old_address: Sequence[int]
    size: Sequence[int]
    stack: Sequence[int]
