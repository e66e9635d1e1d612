"""What a holder keeps, in lines of text: its types, and the lines that made it."""

from __future__ import annotations

from collections.abc import Sequence

from memscope.analysis.retainers import LineShare, TypeShare
from memscope.analysis.units import bytes_text
from memscope.errors import one_line

SHOWN = 5  # of each


def share_texts(
    types: Sequence[TypeShare], lines: Sequence[LineShare], runs: int = 1, sign: str = ""
) -> list[str]:
    """The heaviest of each, the types in one line; as much as each of so many runs has left."""
    of_types = (f"{one_line(of.type)} {sign}{bytes_text(of.bytes / runs)}" for of in types[:SHOWN])
    said = [f"  {', '.join(of_types)}"]
    for share in lines[:SHOWN]:
        if share.line is not None:
            place = f"{share.line.file}:{share.line.line}  {share.line.function}"
            said.append(f"  {bytes_text(share.bytes / runs):>9}  {one_line(place)}")
    return said
