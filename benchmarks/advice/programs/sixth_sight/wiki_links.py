"""Rank pages of a generated wiki; the link table is walked in each round."""
import random
import re
from array import array

LINK = re.compile(r"\[\[(\d+)\]\]")


def page_text(rng, pages):
    parts = []
    for _ in range(rng.randrange(3, 12)):
        parts.append(f"see [[{int(pages * rng.random() ** 2)}]] for more")
    return " ".join(parts)


def read_links(seed, pages):
    rng = random.Random(seed)
    starts = array("I", [0])
    targets = array("I")
    for _ in range(pages):
        targets.extend(int(m) for m in LINK.findall(page_text(rng, pages)))
        starts.append(len(targets))
    return starts, targets


def rank(starts, targets, rounds, damping=0.85):
    n = len(starts) - 1
    score = array("d", [1.0 / n]) * n
    for _ in range(rounds):
        nxt = array("d", [(1 - damping) / n]) * n
        for page in range(n):
            lo, hi = starts[page], starts[page + 1]
            share = damping * score[page] / (hi - lo)
            for k in range(lo, hi):
                nxt[targets[k]] += share
        score = nxt
    return score


def main():
    starts, targets = read_links(18, 40_000)
    score = rank(starts, targets, 8)
    top = sorted(range(len(score)), key=score.__getitem__, reverse=True)[:5]
    print(len(targets), top, f"{sum(score):.6f} {score[top[0]]:.8f}")


if __name__ == "__main__":
    main()
