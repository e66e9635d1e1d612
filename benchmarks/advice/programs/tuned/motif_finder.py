# forbid: chunk release-early
"""Finds repeated motifs in a genome-like text file by sorting suffixes and scanning neighbours."""
import os
import random
import tempfile


def write_genome(path, length, seed):
    rng = random.Random(seed)
    motif = "".join(rng.choices("acgt", k=45))
    with open(path, "w") as out:
        written = 0
        while written < length:
            out.write("".join(rng.choices("acgt", k=970)))
            if rng.random() < 0.08:
                out.write(motif)
            out.write("\n")
            written += 970


class Genome:
    def __init__(self, path):
        with open(path) as fh:
            self.text = fh.read().replace("\n", "")

    def suffixes(self, step, phase, reach=60):
        text = self.text
        starts = list(range(phase, len(text) - reach, step))
        starts.sort(key=lambda i: text[i:i + reach])
        return starts

    def common(self, i, j, cap=80):
        n = 0
        text = self.text
        while n < cap and i + n < len(text) and j + n < len(text) and text[i + n] == text[j + n]:
            n += 1
        return n

    def widen(self, i, j):
        """Extends a match to the left as far as it goes."""
        n = 0
        while min(i, j) > n and self.text[i - n - 1] == self.text[j - n - 1] and n < 80:
            n += 1
        return n


def motifs(genome, floor):
    for phase in range(0, 20, 3):
        order = genome.suffixes(20, phase)
        for a, b in zip(order, order[1:]):
            n = genome.common(a, b)
            if n >= floor:
                back = genome.widen(a, b)
                yield genome.text[a - back:a + n]


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "chr.txt")
        write_genome(path, 900_000, seed=13)
        genome = Genome(path)
    found = {}
    for m in motifs(genome, floor=22):
        found[m] = found.get(m, 0) + 1
    best = sorted(found.items(), key=lambda kv: (-kv[1], kv[0]))[:3]
    print(len(genome.text), "bases,", len(found), "motifs")
    for text, count in best:
        print(count, text)
    print("tail composition", {c: genome.text.count(c) for c in "acgt"})


if __name__ == "__main__":
    main()
