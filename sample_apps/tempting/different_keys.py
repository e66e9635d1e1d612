"""Many dictionaries, no two with the same keys: no class has their shape. tempting: compact"""

from __future__ import annotations


def words(number: int) -> dict[str, int]:
    return {f"w{(number * step) % 997}": step for step in range(1, 4 + number % 9)}


counts = [words(number) for number in range(25_000)]
print(len(counts), sum(len(counts[number * 7919 % 25_000]) for number in range(50_000)))
