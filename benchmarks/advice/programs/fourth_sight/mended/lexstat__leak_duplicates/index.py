from collections import Counter


class Postings:
    """For each document the sequence of its content words, kept for lookup."""

    def __init__(self):
        self.docs = {}

    def add(self, number, words):
        self.docs[number] = tuple(words[:40])

    def containing(self, word):
        return [n for n, ws in self.docs.items() if word in ws]

    def frequent(self, n):
        tally = Counter()
        for ws in self.docs.values():
            tally.update(ws)
        return tally.most_common(n)
