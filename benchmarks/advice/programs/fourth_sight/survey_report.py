#!/usr/bin/env python3
"""Turns a raw survey dump into a correlation report."""
import argparse
import math
import random
from array import array


def make_dump(people, questions, seed):
    rng = random.Random(seed)
    blank = "-" * 100
    rows = []
    for ident in range(people):
        marks = ",".join(str(rng.randrange(10)) for _ in range(questions))
        rows.append(f"{ident:08d}|{marks}|{blank}{ident % 977}")
    return "\n".join(rows)


def read_columns(text, questions):
    columns = [array("b") for _ in range(questions)]
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        bar = text.index("|", start)
        marks = text[bar + 1:text.index("|", bar + 1)]
        for column, mark in zip(columns, marks.split(",")):
            column.append(int(mark))
        start = end + 1
    return columns


def centred(column):
    mean = sum(column) / len(column)
    return array("d", (v - mean for v in column))


def correlation(a, b):
    top = sum(map(float.__mul__, a, b))
    return top / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--people", type=int, default=160_000)
    ap.add_argument("--questions", type=int, default=6)
    opts = ap.parse_args()

    dump = make_dump(opts.people, opts.questions, seed=3)
    size = len(dump)
    columns = read_columns(dump, opts.questions)

    normal = []
    for column in columns:
        normal.append(centred(column))
    ranks = [sorted(range(opts.people), key=c.__getitem__) for c in columns]
    best = max(
        ((i, j) for i in range(3) for j in range(i)),
        key=lambda ij: abs(correlation(normal[ij[0]], normal[ij[1]])),
    )
    print("bytes", size, "strongest pair", best)
    print("medians", [c[r[len(r) // 2]] for c, r in zip(columns, ranks)])


if __name__ == "__main__":
    main()
