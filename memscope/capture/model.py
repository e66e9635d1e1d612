"""What a capture holds, as values: its tables and its counters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from memscope.capture.columns import balanced
from memscope.capture.format import Column
from memscope.plain import dataclass, field


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


TypeKind = Literal["", "object", "items", "keys", "other", "parked"]


class BlockType(NamedTuple):
    """What blocks are: an object of a class, or memory that only such an object holds.

    "items" is an array of items, "keys" a table of keys, "other" any other such memory. "parked"
    blocks hold no object: the interpreter keeps them for reuse. The kind of `UNTYPED` is empty.
    """

    module: str
    name: str  # qualified
    kind: TypeKind


UNTYPED = BlockType("", "", "")  # no object, or not known


@dataclass(frozen=True, slots=True)
class Rows:
    """The keys of all counters; entry i belongs to row id i + 1."""

    stack: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]
    type: Sequence[int]


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that ids refer to."""

    codes: Codes
    nodes: Nodes
    threads: tuple[Thread, ...]
    types: Sequence[BlockType]  # by type id; entry 0 is UNTYPED
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
    """Every row's counters over the whole recording, aligned with `Rows`.

    Whole numbers in an exact capture; estimates, already divided, in a sampled one. `source` says
    where they come from: "totals", or "windows" where a cut file has no TOTALS; the columns that
    windows cannot tell are then zero, and the peak is that of the highest window end.

    `allocations` to `released_bytes` are requests, at the line that asked. What is live, and what
    was at the peak, stands at the line that made the object: blocks pass from row to row when an
    object is made in one from a free list. `taken_in` and `handed_over` count those blocks.
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
    reused: Sequence[float]  # objects that were made in a block of a free list
    taken_in: Sequence[float]
    taken_in_bytes: Sequence[float]
    handed_over: Sequence[float]
    handed_over_bytes: Sequence[float]
    uncertain_bytes: Sequence[float]  # of the live ones, those that may be another line's
    uncertain_peak_bytes: Sequence[float]  # the same at the peak

    live_blocks: Sequence[float] = field(init=False)
    live_bytes: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        blocks = self.allocations, self.released, self.taken_in, self.handed_over
        sizes = (
            self.allocated_bytes,
            self.released_bytes,
            self.taken_in_bytes,
            self.handed_over_bytes,
        )
        object.__setattr__(self, "live_blocks", balanced(*blocks))
        object.__setattr__(self, "live_bytes", balanced(*sizes))

    def passing(self, name: str) -> Sequence[float]:
        """The column of this name for somebody who needs it once: it is not kept decoded."""
        column: Sequence[float] = getattr(self, name)
        return column


TOTALS_COLUMNS = Totals.__slots__[1:-2]
TOTALS_COLUMNS_OF_REQUESTS = TOTALS_COLUMNS[: TOTALS_COLUMNS.index("reused")]


@dataclass(frozen=True, slots=True)
class Window:
    """What changed in one stretch of time; `row` holds row ids.

    Blocks that pass from one row to another are among the allocations and the released ones. A
    change can be negative: an object's type may be known only when it dies, and its block then
    counts as if it had always been in the row of that type.
    """

    start_ns: int
    end_ns: int
    first_event: int
    last_event: int
    live_bytes: tuple[float, ...]  # of each domain, at the end
    row: Sequence[int]
    allocations: Sequence[float]
    allocated_bytes: Sequence[float]
    released: Sequence[float]
    released_bytes: Sequence[float]

    def changes(self) -> Iterator[tuple[int, float, float, float, float]]:
        """Row by row: its id, blocks and bytes allocated, blocks and bytes released."""
        return zip(
            self.row,
            self.allocations,
            self.allocated_bytes,
            self.released,
            self.released_bytes,
            strict=True,
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """Samples over time, column by column; times count from the start of the recording."""

    time_ns: Sequence[int]
    live: tuple[Sequence[float], ...]  # of each domain
    max_live: Sequence[float]
    resident_bytes: Sequence[int]
    own_bytes: Sequence[int]
    collecting: Sequence[int]


@dataclass(frozen=True, slots=True)
class LifetimeCounts:
    """How long blocks lived, sparse: entry i counts blocks of `row` in one bucket of one scale."""

    row: Sequence[int]
    scale: Sequence[int]  # 0: bytes allocated meanwhile, 1: time
    bucket: Sequence[int]
    count: Sequence[float]


@dataclass(frozen=True, slots=True)
class CopyChains:
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


PartKind = Literal["heap", "anonymous", "stack", "library", "file", "shared", "memscope"]
CompiledBy = Literal["cython", "mypyc"]


@dataclass(frozen=True, slots=True)
class Mappings:
    """Mappings of one kind and name; a library's or file's name, or empty.

    "heap" is the C library's and "anonymous" what has no file: pymalloc's arenas, large blocks of
    malloc. "stack" is that of threads, "memscope" the memory that is shared with the recorder.
    """

    kind: PartKind
    name: str
    resident_bytes: int
    mapped_bytes: int  # of address space that may be read


@dataclass(frozen=True, slots=True)
class ArenaPages:
    """What resident memory of pymalloc's arenas was made of.

    `blocks_bytes` is by pymalloc's own count, with what it rounds up: of blocks of before the
    recording, too. With headers, free blocks and free pools it sums up to `resident_bytes`. Where
    it could not be `counted`, all stands under `free_pools_bytes`. The pools of `read` arenas were
    looked at; what the others hold is estimated. `older_bytes`, the part of `blocks_bytes` in
    arenas from before the recording, is counted always.
    """

    count: int
    size_bytes: int
    resident_bytes: int
    used_pools: int
    blocks_bytes: int
    headers_bytes: int
    free_blocks_bytes: int
    free_pools_bytes: int
    read: int
    older_bytes: int
    counted: bool


@dataclass(frozen=True, slots=True)
class PrivateRange:
    """A mapping of private memory, or several small ones, and what was known to lie in it.

    `arena_bytes` and `block_bytes` are resident; `around_bytes` is what malloc adds to the blocks,
    and `untouched_bytes` what of them is not resident. `of_thread`: libc's heap for a thread.
    """

    kind: PartKind
    name: str
    of_thread: bool
    mapped_bytes: int
    resident_bytes: int
    arena_bytes: int
    blocks: int
    block_bytes: int
    around_bytes: int
    untouched_bytes: int

    @property
    def rest_bytes(self) -> int:
        known = self.arena_bytes + self.block_bytes + self.around_bytes
        return max(self.resident_bytes - known, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """What resident memory was made of at one time; `resident_bytes` is the sum of the parts.

    `live_bytes` were tracked then, `pooled_bytes` of them in pymalloc's pools; `arena_bytes` had
    the arenas that were made in the recording. `own_bytes` is memscope's own part of the anonymous
    memory. `final`: the program waited at its end. `arenas` is None, and `ranges` is empty, in
    captures of earlier versions. `untouched` has row ids, and how much of the row's live bytes was
    not resident.
    """

    moment: Literal["peak", "last"]
    time_ns: int
    resident_bytes: int
    live_bytes: float
    own_bytes: int
    arena_bytes: int
    pooled_bytes: float
    parts: tuple[Mappings, ...]
    final: bool = False
    arenas: ArenaPages | None = None
    ranges: tuple[PrivateRange, ...] = ()
    untouched: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledModule:
    """The file of a loaded module that a compiler made of Python code; no frame shows its calls."""

    path: str
    by: CompiledBy


@dataclass(frozen=True, slots=True)
class LookSums:
    """Resident bytes at one look by where they lay: all that is kept of most looks.

    `final`: the program waited at its end. `own` is the segment, `own_tables` what else is
    memscope's. Of pymalloc's `arenas`, blocks may have `room`, and had `arena_blocks`; of these
    `older_blocks` are in arenas that were counted or are older than the recording. `outside` is the
    rest of private memory: live `blocks`, what malloc adds `around` them, and what nobody is known
    to have: in the C library's heaps, in mappings of less than 1 MiB, in larger ones. What of live
    blocks was not resident is `untouched`, by domain.
    """

    time_ns: int
    final: bool
    libraries: int
    files: int
    shared: int
    stacks: int
    own: int
    own_tables: int
    arenas: int
    arena_blocks: int
    older_blocks: int
    room: int
    outside: int
    blocks: int
    around: int
    heap_blocks: int
    heap_rest: int
    small_rest: int
    large_rest: int
    untouched_python: int
    untouched_native: int
    untouched_mapped: int

    @property
    def resident_bytes(self) -> int:
        named = self.libraries + self.files + self.shared + self.own
        return named + self.arenas + self.outside


@dataclass(frozen=True, slots=True)
class Events:
    """A stretch of single events, in order; `stack` is a node, or of a free the thread's id."""

    kind: Sequence[int]
    domain: Sequence[int]
    address: Sequence[int]
    old_address: Sequence[int]
    size: Sequence[int]
    stack: Sequence[int]
