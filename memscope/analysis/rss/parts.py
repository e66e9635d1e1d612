"""The parts of resident memory, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from memscope.analysis.origins import Origin
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, replace

PartOrigin = Literal[
    "objects",
    "pymalloc free",
    "native",
    "libc free",
    "mapping",
    "code",
    "stacks",
    "memscope",
    "unexplained",
]
At = Literal["peak", "end"]


BEFORE = "from before the recording"
PARKED = "kept on free lists"
FREE_BLOCKS = "free blocks in pools in use"
FREE_POOLS = "free pools"
HEADERS = "heads of pools"
ROUNDING = "rounding up to a size class"
AROUND = "around blocks of malloc"
CHUNKS = "free chunks of malloc"
HEAP_REST = "heap of libc: native blocks, or free"
NOT_RECORDED = "native blocks, not recorded"
SMALL_RANGES = "small mappings without a file"
RANGE = "mapping without a file"
RESIDUE = "rest"
SEGMENT = "shared with the recorder"
TABLES = "tables of the recorder"


@dataclass(frozen=True, slots=True)
class ResidentPart:
    """Resident bytes of one name; `reserved_bytes` are those with what is not resident."""

    origin: PartOrigin
    name: str
    size_bytes: int
    reserved_bytes: int

    def with_another(self, other: ResidentPart) -> ResidentPart:
        """Both as one, by this one's name."""
        return replace(
            self,
            size_bytes=self.size_bytes + other.size_bytes,
            reserved_bytes=self.reserved_bytes + other.reserved_bytes,
        )


@dataclass(frozen=True, slots=True)
class LinePart:
    """What the blocks of one line of user code, or of a library where none runs, keep resident."""

    frame: CodeFrame
    origin: Origin
    size_bytes: int
    reserved_bytes: int


@dataclass(frozen=True, slots=True)
class ResidentParts:
    """All of resident memory at one look: the parts sum up to `resident_bytes`.

    `moment` is a number of seconds where there was no look at the end. `before_bytes` were resident
    when the recording began: the interpreter's own. `whole`: pages were told apart, which captures
    of earlier versions do not. `lines` are of the parts that are blocks, heaviest first.
    """

    moment: At | float
    time_ns: int
    resident_bytes: int
    most_bytes: int  # by the kernel's count, at any time; 0: not known
    before_bytes: int
    parts: tuple[ResidentPart, ...]
    lines: tuple[LinePart, ...]
    likely: tuple[str, ...]
    whole: bool

    def of(self, origin: PartOrigin) -> int:
        return sum(part.size_bytes for part in self.parts if part.origin == origin)

    def reserved(self, origin: PartOrigin) -> int:
        return sum(part.reserved_bytes for part in self.parts if part.origin == origin)

    @property
    def explained_share(self) -> float:
        if not self.resident_bytes:
            return 1.0
        return 1 - self.of("unexplained") / self.resident_bytes

    @property
    def above_bytes(self) -> int:
        """What came on top of the interpreter, memscope's part left out."""
        return max(self.resident_bytes - self.before_bytes - self.of("memscope"), 0)

    @property
    def explained_above_share(self) -> float:
        above = self.above_bytes
        return max(1 - self.of("unexplained") / above, 0.0) if above else 1.0


def summing_to(resident_bytes: int, found: Iterable[ResidentPart]) -> tuple[ResidentPart, ...]:
    """The parts, largest first, with what is missing from the sum.

    Those of one origin and name are one part. Too much is cut from the largest: while a look is
    taken, it is there that pages still come.
    """
    merged: dict[tuple[PartOrigin, str], ResidentPart] = {}
    for part in found:
        so_far = merged.get((part.origin, part.name))
        merged[part.origin, part.name] = part if so_far is None else so_far.with_another(part)
    parts = sorted(
        (part for part in merged.values() if part.size_bytes or part.reserved_bytes),
        key=lambda part: (-part.size_bytes, part.origin, part.name),
    )
    left = resident_bytes - sum(part.size_bytes for part in parts)
    kept = []
    for part in parts:
        size_bytes = max(part.size_bytes + min(left, 0), 0)
        left += part.size_bytes - size_bytes
        kept.append(replace(part, size_bytes=size_bytes))
    kept.sort(key=lambda part: (-part.size_bytes, part.origin, part.name))
    if left > 0:
        kept.append(ResidentPart("unexplained", RESIDUE, left, left))
    return tuple(kept)
