"""An index of place names by trigrams."""
import random
from abc import ABC, abstractmethod


class Source(ABC):
    @abstractmethod
    def text(self):
        ...


class Invented(Source):
    SYLLABLES = "ba do ke li mo nu pra stei tor un wald zell berg hof au".split()

    def __init__(self, count, seed):
        self.count = count
        self.rng = random.Random(seed)

    def text(self):
        pick = self.rng.choice
        remark = "settlement; see the survey of the district for area, height and parish. " * 4
        return "\n".join(
            "".join(pick(self.SYLLABLES) for _ in range(4)) + "\t" + remark for _ in range(self.count)
        )


class Index:
    def __init__(self, source):
        self.raw = source.text()
        self.names = [line.partition("\t")[0] for line in self.raw.split("\n")]
        self.grams = {}

    def build(self):
        for number, name in enumerate(self.names):
            for k in range(len(name) - 2):
                self.grams.setdefault(name[k:k + 3], {})[number] = k
        return self

    def find(self, query):
        score = {}
        for k in range(len(query) - 2):
            for number in self.grams.get(query[k:k + 3], ()):
                score[number] = score.get(number, 0) + 1
        return sorted(score, key=lambda n: (-score[n], n))[:3]


def main():
    index = Index(Invented(30_000, 6)).build()
    for query in ("bergwald", "steinau", "torzell"):
        print(query, [index.names[n] for n in index.find(query)])


if __name__ == "__main__":
    main()
