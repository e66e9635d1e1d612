"""Counts that grow, and reports of all of them now and then, which nobody adds to again."""


class Counts:
    def __init__(self):
        self.counts = {}
        self.words = []

    def add(self, word):
        self.words.append(word)
        self.counts[word] = self.counts.get(word, 0) + 1

    def report(self, at):
        report = dict(self.counts)
        report["at"] = at
        return report


def main():
    counts = Counts()
    checked = 0
    for number in range(12_000):
        counts.add(f"word {number * 7 % 9_001}")
        if number % 8 == 0:
            checked += len({**counts.counts, "rank": number})
            checked += len([*counts.words, "end"])
            checked += counts.report(number)["at"]
    print(checked)


main()
