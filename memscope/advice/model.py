"""What an advice is: a place, evidence, a predicted gain, its price, the change, and the proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from memscope.advice.facts import Fact
from memscope.advice.policy import Worth
from memscope.analysis.unseen import Unseen
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, field

Measure = Literal["cpu_s", "peak_bytes", "rss_bytes", "allocations"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A predicted saving, in the unit of its measure; `low` is what advice is ranked by."""

    low: float
    value: float
    high: float

    def __post_init__(self) -> None:
        # Bounds come from other formulas than the value; whichever is off, the order holds.
        object.__setattr__(self, "low", min(self.low, self.value))
        object.__setattr__(self, "high", max(self.high, self.value))

    @classmethod
    def around(cls, value: float, below: float, above: float) -> Interval:
        """`value`, which may turn out `below` or `above` times as much."""
        return cls(value * below, value, value * above)


@dataclass(frozen=True, slots=True)
class Edit:
    """Puts `text` in place of a part of a file.

    The part is from one place to another, each a line (the first is 1) and a column in bytes of
    UTF-8 (the first is 0), as a syntax tree has them. `text` has "\\n" for the file's line ends.
    """

    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


# The edits of a change that can be made mechanically, or why it cannot.
Change = tuple[Edit, ...] | str
NOT_LOCAL = "the change is not of one place: what uses it has to follow"


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do, in a sentence, and as code for that very place.

    `code` is whole Python, or "". A name that the program does not have yet is bound on a line with
    a comment that begins with `# new`. `place` is where the code belongs, if not at the site.
    `change` is the whole of it, where that can be made without knowing what the program is for.
    """

    text: str
    code: str = ""
    place: CodeFrame | None = None
    change: Change = NOT_LOCAL


@dataclass(frozen=True, slots=True)
class Advice:
    """One change that pays.

    `predicted` holds savings by measure: CPU seconds, bytes of the peak or of resident memory,
    allocations. `facts` are what the kind weighed; `modelled` says in words what was not measured.
    `confidence` is between 0 and 1. `covers` are other lines that the change takes care of: what
    other kinds say about those is not said again.
    """

    kind: str
    site: CodeFrame
    stack: tuple[CodeFrame, ...]
    summary: str
    facts: tuple[Fact, ...]
    predicted: Mapping[Measure, Interval]
    modelled: str
    cost: str
    confidence: float
    fix: Fix
    covers: tuple[CodeFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A change that looks as if it paid, and why it does not. `weight` is how tempting: 0 to 1."""

    kind: str
    site: CodeFrame | None
    reason: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class GrowingLine:
    """A line whose blocks became more to the end of the run and were still live then."""

    site: CodeFrame
    grown_bytes: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What one kind found. `growing`: whatever it advises, of these nobody may say all is well."""

    advice: tuple[Advice, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    growing: tuple[GrowingLine, ...] = ()

    @classmethod
    def of(
        cls, found: Iterable[Advice | Rejected | None], growing: Iterable[GrowingLine] = ()
    ) -> Findings:
        """What was found, place by place; None: it does not even look as if it paid."""
        items = list(found)
        return cls(
            tuple(item for item in items if isinstance(item, Advice)),
            tuple(item for item in items if isinstance(item, Rejected)),
            tuple(growing),
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """What savings are held against: the program's CPU seconds and its peak."""

    cpu_s: float
    cpu_known: bool
    peak_bytes: float
    resident_bytes: float

    def of(self, measure: Measure) -> float:
        """The program's CPU seconds, peak or resident bytes; 0 of another measure."""
        return {
            "cpu_s": self.cpu_s,
            "peak_bytes": self.peak_bytes,
            "rss_bytes": self.resident_bytes or self.peak_bytes,
        }.get(measure, 0.0)

    def least(self, measure: Measure) -> float:
        """The least saving that is worth a change."""
        return self.least_cpu_s if measure == "cpu_s" else self.least_peak_bytes

    def share(self, measure: Measure, saving: float) -> float:
        """Which part of the program's CPU time or peak a saving is."""
        whole = self.of(measure)
        return saving / whole if whole > 0 else 0.0

    @property
    def least_cpu_s(self) -> float:
        """The least saving of CPU time that is worth a change."""
        return Worth.least_cpu_share * self.cpu_s

    @property
    def least_peak_bytes(self) -> float:
        """The least saving of the peak or of resident memory that is worth a change."""
        return max(Worth.least_peak_bytes, Worth.least_peak_share * self.peak_bytes)

    def pays(self, predicted: Mapping[Measure, Interval]) -> bool:
        """Whether any saving is worth a change even if it turns out low."""
        return any(
            saving.low >= self.least(measure) and saving.low > 0
            for measure, saving in predicted.items()
            if measure != "allocations"
        )


@dataclass(frozen=True, slots=True)
class Advised:
    """Everything that was found, best first, and what it was held against.

    `growing` is what grew to the end and no advice is about, largest first. `others` is how many
    pieces of advice are of kinds that were not asked for. `contents` are the files that changes
    edit, by their names there.
    """

    whole: Whole
    advice: tuple[Advice, ...]
    rejected: tuple[Rejected, ...]
    unseen: Unseen
    notes: tuple[str, ...] = field(default=())
    growing: tuple[GrowingLine, ...] = ()
    others: int = 0
    contents: Mapping[str, bytes] = field(default_factory=dict)
