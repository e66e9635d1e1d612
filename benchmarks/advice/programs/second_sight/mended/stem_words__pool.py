"""Reduces words to stems with a table of suffixes."""
from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol


class Reducer(Protocol):
    def reduce(self, word: str) -> str: ...


STEMS = ["walk", "sing", "paint", "farm", "light", "stone", "water", "glad", "swift", "bright"]
ENDINGS = ["", "s", "ing", "ed", "er", "ers", "ly", "ness", "less", "ful", "fully", "lessness"]


@dataclass
class Stemmer:
    endings: list[str]
    trie: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        for ending in self.endings:
            node = self.trie
            for letter in reversed(ending):
                node = node.setdefault(letter, {})
            node[""] = len(ending)

    def reduce(self, word: str) -> str:
        node, cut = self.trie, 0
        for at in range(len(word) - 1, 2, -1):
            node = node.get(word[at])
            if node is None:
                break
            cut = node.get("", cut)
        return word[: len(word) - cut] if cut else word


def sentences(count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        yield [rng.choice(STEMS) + rng.choice(ENDINGS) for _ in range(6)]


REDUCER: Reducer = Stemmer(ENDINGS)


def stem_all(words: list[str]) -> list[str]:
    return [REDUCER.reduce(word) for word in words]


def main() -> None:
    counts: Counter[str] = Counter()
    longest: list[tuple[int, ...]] = []
    for words in sentences(20_000, 12):
        stems = stem_all(words)
        counts.update(stems)
        longest.append(tuple(map(len, stems)))
    print(counts.most_common(4), max(map(sum, longest)))


if __name__ == "__main__":
    main()
