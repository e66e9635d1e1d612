# forbid: gc-pressure release-early leak grow-copy
"""Word-ladder graph: loads a large vocabulary into linked nodes once, then answers path queries."""
import gc
import itertools
import random
from collections import deque


class Word:
    __slots__ = ("text", "links", "mark")

    def __init__(self, text):
        self.text = text
        self.links = ()
        self.mark = 0


class Lexicon:
    def __init__(self, texts):
        self.query = 0
        gc.disable()
        try:
            self.words = {t: Word(t) for t in texts}
            self._connect()
        finally:
            gc.enable()
            gc.freeze()

    def _connect(self):
        for i in range(5):
            family = {}
            for text, word in self.words.items():
                family.setdefault(text[:i] + text[i + 1:], []).append(word)
            for members in family.values():
                if len(members) > 1:
                    ring = tuple(members)
                    for w in members:
                        w.links += (ring,)
            del family

    def ladder(self, start, goal):
        """Breadth-first distance, marking nodes with the query number."""
        self.query += 1
        seen = self.query
        self.words[start].mark = seen
        edge = deque([(self.words[start], 0)])
        while edge:
            word, d = edge.popleft()
            if word.text == goal:
                return d
            for other in itertools.chain.from_iterable(word.links):
                if other.mark != seen:
                    other.mark = seen
                    edge.append((other, d + 1))
        return None


def vocabulary(n, seed):
    rng = random.Random(seed)
    out = {}
    while len(out) < n:
        out["".join(rng.choices("abcdefghijkl", k=5))] = None
    return list(out)


def main():
    texts = vocabulary(36_000, seed=17)
    lexicon = Lexicon(texts)
    rng = random.Random(18)
    lengths = []
    for _ in range(12):
        a, b = rng.sample(texts, 2)
        lengths.append(lexicon.ladder(a, b))
    print(len(lexicon.words), "words,", sum(len(w.links) for w in lexicon.words.values()), "links")
    print(lengths)


if __name__ == "__main__":
    main()
