# forbid: reuse-buffer compact grow-copy
"""Local sequence alignment (Smith-Waterman with two rows) and k-mer statistics."""
import collections
import random


class Scoring:
    def __init__(self, match=2, mismatch=-1, gap=-2):
        self.match, self.mismatch, self.gap = match, mismatch, gap


def genome(n, seed):
    return "".join(random.Random(seed).choices("ACGT", k=n))


def mutate(seq, rate, seed):
    rng = random.Random(seed)
    out = []
    for ch in seq:
        r = rng.random()
        if r < rate / 3:
            continue
        if r < rate * 2 / 3:
            out.append(rng.choice("ACGT"))
        elif r < rate:
            out.append(ch)
            out.append(rng.choice("ACGT"))
        else:
            out.append(ch)
    return "".join(out)


def local_score(a, b, scoring):
    """Best local score and the end position in both sequences."""
    gap = scoring.gap
    previous = [0] * (len(b) + 1)
    current = [0] * (len(b) + 1)
    best, where = 0, (0, 0)
    pair = {(x, y): scoring.match if x == y else scoring.mismatch for x in "ACGT" for y in "ACGT"}
    for i, x in enumerate(a, 1):
        left = 0
        diag = 0
        for j, y in enumerate(b, 1):
            up = previous[j]
            s = diag + pair[x, y]
            if up + gap > s:
                s = up + gap
            if left + gap > s:
                s = left + gap
            if s < 0:
                s = 0
            elif s > best:
                best, where = s, (i, j)
            diag = up
            current[j] = left = s
        previous, current = current, previous
    return best, where


def kmers(seq, k):
    for i in range(len(seq) - k + 1):
        yield seq[i:i + k]


def seeds(a, b, k=14):
    index = collections.defaultdict(list)
    for i, word in enumerate(kmers(a, k)):
        index[word].append(i)
    diagonals = collections.Counter()
    for j, word in enumerate(kmers(b, k)):
        for i in index.get(word, ()):
            diagonals[(i - j) // 16] += 1
    return diagonals.most_common(3)


class Report:
    def __init__(self, name):
        self.name = name
        self.lines = []

    def add(self, label, *values):
        self.lines.append(f"  {label:10s} " + " ".join(map(str, values)))

    def __str__(self):
        return "\n".join([self.name, *self.lines])


def main():
    scoring = Scoring()
    for number in range(3):
        ref = genome(1500, number)
        read = mutate(ref[300:1100], 0.02 * (number + 1), number + 50)
        rep = Report(f"read {number}, {len(read)} bases")
        rep.add("score", *local_score(ref, read, scoring))
        rep.add("reverse", *local_score(ref, read[::-1], scoring))
        rep.add("seeds", seeds(ref, read))
        rep.add("3-mers", collections.Counter(kmers(read, 3)).most_common(2))
        print(rep)


if __name__ == "__main__":
    main()
