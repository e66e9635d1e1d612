"""How a kind of advice declares itself."""

from __future__ import annotations

from typing import Protocol

from memscope.advice.context import Context
from memscope.advice.model import Findings
from memscope.plain import dataclass


class Finder(Protocol):
    """Evaluates a context by one kind; changes nothing, prints nothing."""

    def __call__(self, context: Context, /) -> Findings: ...


@dataclass(frozen=True, slots=True)
class AdviceKind:
    """A kind of advice; each of our modules of one has it as `KIND`.

    Where two kinds want the same line changed, the one of lower `precedence` says it better:
    growing by copies also looks like buffers to reuse, a leak also like rows to make compact. One
    that is `independent` says something else about the line, beside what the others say.
    """

    name: str
    title: str  # in a few words, what is to be done
    precedence: int
    find: Finder
    independent: bool = False
    settled_by: frozenset[str] = frozenset()
