"""Build a small inverted index over generated abstracts and rank a few queries."""
import math
import random
import re
from array import array

WORD = re.compile(r"[a-z]+")


def abstracts(count):
    rng = random.Random(61)
    vocabulary = ["".join(rng.choices("aeioubcdfglmnprst", k=rng.randrange(3, 9))) for _ in range(9000)]
    for _ in range(count):
        picks = (vocabulary[int(rng.random() ** 3 * len(vocabulary))] for _ in range(45))
        yield " ".join(picks)


class IndexBuilder:
    def __init__(self):
        self.documents = []
        self.terms = {}
        self.postings = []
        self.norms = None

    def load(self, texts):
        for text in texts:
            self.documents.append(WORD.findall(text))

    def build_postings(self):
        for number, words in enumerate(self.documents):
            for word in words:
                slot = self.terms.setdefault(word, len(self.postings))
                if slot == len(self.postings):
                    self.postings.append(array("I"))
                self.postings[slot].append(number)

    def build_norms(self):
        size = len(self.documents)
        self.documents = None
        matrix = [array("d", bytes(8 * size)) for _ in range(220)]
        heavy = sorted(range(len(self.postings)), key=lambda s: -len(self.postings[s]))[:220]
        for row, slot in zip(matrix, heavy):
            idf = math.log(size / (1 + len(set(self.postings[slot]))))
            for number in self.postings[slot]:
                row[number] += idf
        self.norms = [math.sqrt(sum(v * v for v in column)) for column in zip(*matrix)]

    def query(self, *words):
        scores = {}
        for word in words:
            for number in self.postings[self.terms[word]]:
                scores[number] = scores.get(number, 0) + 1 / (1 + self.norms[number])
        return max(scores.items(), key=lambda kv: (kv[1], -kv[0]))


def main():
    builder = IndexBuilder()
    builder.load(abstracts(9000))
    builder.build_postings()
    builder.build_norms()
    common = sorted(builder.terms, key=lambda w: (-len(builder.postings[builder.terms[w]]), w))
    print("terms", len(builder.terms))
    print("query", common[1:3], "%d %.5f" % builder.query(*common[1:3]))
    print("query", common[40:42], "%d %.5f" % builder.query(*common[40:42]))


if __name__ == "__main__":
    main()
