"""How often a line ran, told from the blocks that it asked for."""

from __future__ import annotations

from collections.abc import Sequence

from memscope.advice.policy import Calls


def likely_calls(counts: Sequence[float]) -> float:
    """How often a line ran, told from how many blocks of each size it had.

    A call makes one block of a size, or two, or three: the count is the one that the most of them
    are whole multiples of. Sizes that free lists serve in part are no multiples of anything.
    """

    def multiples(count: float) -> float:
        return sum(
            abs(other / count - round(other / count)) <= Calls.nearly_whole
            for other in counts
            if other >= count
        )

    least = max(Calls.least_calls, max(counts, default=0) / Calls.most_blocks_each)
    likely = [count for count in counts if count >= least]
    return max(likely, key=lambda count: (multiples(count), count), default=0.0)
