"""What a verdict rests on: a value, its unit, where it is from, and the limit it was held to.

A kind gives the facts that it weighed. Nothing is told of them afterwards that it did not weigh.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from memscope.plain import dataclass

# "measured": counted or timed in the recorded run, or on this machine. "read": from the program's
# source, as data. "modelled": worked out of measured values by a formula that may be wrong.
# "assumed": taken from elsewhere, or not known to be so.
Source = Literal["measured", "read", "modelled", "assumed"]
Unit = str  # "bytes", "s", "share", "ratio", "", or what is counted: "blocks"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of an advice.

    `name` is its key in JSON, `told` says the same in words. `least` and `most` are the limits it
    was held to. The verdict rests on a fact that `decides`: with another value there might be
    no advice, or other advice.
    """

    name: str
    told: str
    value: float | str
    unit: Unit = ""
    source: Source = "assumed"
    least: float | None = None
    most: float | None = None
    decides: bool = False

    def __post_init__(self) -> None:
        if self.least is not None or self.most is not None:
            object.__setattr__(self, "decides", True)


measured = partial(Fact, source="measured")
modelled = partial(Fact, source="modelled")
# A verdict mostly rests on what was read, and always on what is assumed.
read = partial(Fact, source="read", decides=True)
assumed = partial(Fact, source="assumed", decides=True)
