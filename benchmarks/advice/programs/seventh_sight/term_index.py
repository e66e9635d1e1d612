import random
from array import array


class TermIndex:
    def __init__(self, vocabulary):
        self.postings = {term: array("I") for term in vocabulary}
        self.documents = 0

    def add(self, terms):
        number = self.documents
        for term in terms:
            self.postings[term].append(number)
        self.documents += 1

    def both(self, first, second):
        left, right = self.postings[first], self.postings[second]
        i = j = found = 0
        while i < len(left) and j < len(right):
            a, b = left[i], right[j]
            if a == b:
                found += 1
                i += 1
                j += 1
            elif a < b:
                i += 1
            else:
                j += 1
        return found


class Corpus:
    def __init__(self, vocabulary, seed):
        self.vocabulary = vocabulary
        self.rng = random.Random(seed)

    def documents(self, count):
        size = len(self.vocabulary)
        rng = self.rng
        for _ in range(count):
            start = rng.randrange(size)
            step = rng.choice((1, 3, 7, 9))
            yield [self.vocabulary[(start + k * step) % size] for k in range(40)]


def main():
    vocabulary = [f"term{n:03d}" for n in range(400)]
    index = TermIndex(vocabulary)
    for terms in Corpus(vocabulary, seed=52).documents(50_000):
        index.add(terms)
    pairs = [(n * 7 % 400, n * 11 % 400) for n in range(1, 60)]
    print(index.documents, sum(index.both(vocabulary[a], vocabulary[b]) for a, b in pairs))


if __name__ == "__main__":
    main()
