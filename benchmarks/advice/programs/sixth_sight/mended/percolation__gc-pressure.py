"""Bond percolation on a square lattice with nodes linked by references."""
import gc
import random


def lattice(side):
    rows = []
    for y in range(side):
        rows.append([{"up": [], "left": []} for _ in range(side)])
    return rows


def bond(rows, chance, seed):
    draw = random.Random(seed).random
    bonds = 0
    for y in range(1, len(rows)):
        above = rows[y - 1]
        row = rows[y]
        for x in range(1, len(row)):
            if draw() < chance:
                row[x]["up"].append(above[x])
                bonds += 1
    return bonds


def longest_chain(rows):
    best = 0
    for x in range(len(rows[0])):
        length = 0
        for row in rows:
            length = length + 1 if row[x]["up"] else 0
            if length > best:
                best = length
    return best


def main():
    gc.disable()
    rows = lattice(560)
    bonds = bond(rows, 0.58, 16)
    free = sum(1 for row in rows for node in row if not node["up"])
    print("bonds", bonds, "free", free, "longest chain", longest_chain(rows))


if __name__ == "__main__":
    main()
