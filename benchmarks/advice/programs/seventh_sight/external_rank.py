import heapq
import os
import random
import tempfile
from bisect import bisect_left


def write_names(path, count, seed):
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    with open(path, "w") as out:
        for number in range(count):
            stem = "".join(rng.choices(letters, k=7))
            out.write(f"{stem}{number:06d}\n")


def load_sorted(path):
    with open(path) as source:
        names = sorted(source)
    return names


def ranks(names, wanted):
    for name in wanted:
        yield bisect_left(names, name)


def prefix_runs(names, size):
    run = 0
    previous = None
    for name in names:
        if name[:size] == previous:
            run += 1
            continue
        if previous is not None:
            yield run, previous
        previous = name[:size]
        run = 1
    yield run, previous


def spread(names, steps):
    step = len(names) // steps
    return [names[n][:3] for n in range(0, len(names), step)][:steps]


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "names.txt")
        write_names(path, 240_000, 52)
        names = load_sorted(path)
    print(len(names), spread(names, 6))
    print(heapq.nlargest(3, prefix_runs(names, 2)))
    rng = random.Random(53)
    wanted = ("".join(rng.choices("aeiostrn", k=5)) for _ in range(40_000))
    print(sum(ranks(names, wanted)))


if __name__ == "__main__":
    main()
