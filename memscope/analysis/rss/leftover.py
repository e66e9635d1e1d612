"""What is left of private memory beside arenas and blocks; whoever is known takes a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memscope.capture.model import PrivateRange

LARGE_RANGE_BYTES = 1 << 20  # smaller ones are told together


class Left:
    """What is left of private memory, range by range; whoever is known takes their part of it."""

    def __init__(self, heaps: Sequence[PrivateRange], others: Sequence[PrivateRange]) -> None:
        self.heaps = heaps
        self.in_heaps = sum(found.rest_bytes for found in heaps)
        # Smallest first: what is taken is not one large mapping, which has a name of its own.
        self._others = sorted(others, key=lambda found: found.rest_bytes)
        self._amounts = [found.rest_bytes for found in self._others]

    def take(self, amount: float) -> None:
        """Takes what is nowhere in particular, from heaps first; less than 0: there is more."""
        taken = min(round(amount), self.in_heaps)
        self.in_heaps -= taken
        self.take_mapped(round(amount) - taken)

    def take_heaps(self) -> int:
        taken, self.in_heaps = self.in_heaps, 0
        return taken

    def take_mapped(self, amount: int, *, of_small_ones: bool = False) -> int:
        taken = 0
        for place, left in enumerate(self._amounts):
            if of_small_ones and left >= LARGE_RANGE_BYTES:
                break
            part = min(max(amount - taken, 0), left)
            self._amounts[place] -= part
            taken += part
        return taken

    def mapped(self) -> Iterator[tuple[PrivateRange, int]]:
        for found, amount in zip(self._others, self._amounts, strict=True):
            if amount > 0:
                yield found, amount
