"""Crawl simulation: gathers links by wave, remembers the notable ones, then ranks pages."""
import random
from array import array


class Wave:
    def __init__(self, seed, pages):
        self.rng = random.Random(seed)
        self.pages = pages

    def links(self, count):
        rnd = self.rng.random
        pages = self.pages
        found = []
        for _ in range(count):
            source = int(rnd() * pages)
            target = int(rnd() * rnd() * pages)
            found.append((source, target, source ^ target))
        return found


class Index:
    def __init__(self, pages):
        self.indegree = array("L", [0]) * pages
        self.notable = []

    def absorb(self, links):
        for link in links:
            source, target, mark = link
            self.indegree[target] += 1
            if mark % 701 == 0:
                self.notable.append(link)


def rank(index, pages, rounds):
    score = array("d", [1.0]) * pages
    spread = array("d", [0.0]) * pages
    for _ in range(rounds):
        for _, target, _ in index.notable:
            spread[target] = 0.0
        for source, target, _ in index.notable:
            spread[target] += score[source] * 0.5
        for source, target, _ in index.notable:
            score[source] = 0.15 + spread[source]
    return score


def gather(index, pages):
    wave = Wave(12, pages)
    found = wave.links(540_000)
    index.absorb(found)
    return len(found)


def main():
    pages = 2_800_000
    index = Index(pages)
    seen = gather(index, pages)
    print("links", seen, "notable", len(index.notable))
    score = rank(index, pages, rounds=6)
    at = max((t for _, t, _ in index.notable), key=lambda t: (score[t], t))
    print("mean %.6f" % (sum(score) / pages), "best page", at, f"{score[at]:.4f}", "indegree", index.indegree[at])


if __name__ == "__main__":
    main()
