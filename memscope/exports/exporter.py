"""What a format has to offer; other packages add formats by entry points (`memscope.exports`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from memscope.analysis.measures import By
from memscope.capture import Capture


class Exporter(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """What follows `--format`."""

    @property
    def suffix(self) -> str:
        """How names of such files end, with the dot."""

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show such a file."""

    @property
    def description(self) -> str:
        """What opens such a file, in one line."""

    @property
    def bys(self) -> Sequence[By]:
        """The measures of which such a file carries one; none if it carries all it can at once."""

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        """Writes the capture as this format; `by` is one of `bys`, if there are any.

        Gives what people must know of this file beyond what holds for the capture as a whole:
        one line for each thing that was left out.
        """
