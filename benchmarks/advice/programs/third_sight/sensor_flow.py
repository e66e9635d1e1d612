import itertools
import os
import random
import tempfile


def write_feed(path, count):
    rng = random.Random(83)
    with open(path, "w") as fh:
        fh.writelines(f"{n};s{rng.randrange(24):02d};{rng.gauss(20, 4):.3f}\n" for n in range(count))


def records(path):
    with open(path) as fh:
        for line in fh:
            number, sensor, value = line.rstrip("\n").split(";")
            yield int(number), sensor, float(value)


def plausible(stream, low, high):
    return (r for r in stream if low <= r[2] <= high)


def smooth(stream, weight):
    last = {}
    for number, sensor, value in stream:
        value = last[sensor] = value * weight + last.get(sensor, value) * (1 - weight)
        yield number, sensor, value


def chunks(stream, size):
    while batch := list(itertools.islice(stream, size)):
        yield batch


def summarise(batch):
    values = [v for _, _, v in batch]
    return batch[0][0], len(batch), max(values) - min(values), sum(values) / len(values)


def main():
    fd, path = tempfile.mkstemp(suffix=".txt")
    os.close(fd)
    try:
        write_feed(path, 300000)
        stream = smooth(plausible(records(path), 8.0, 32.0), 0.2)
        rows = [summarise(batch) for batch in chunks(stream, 2000)]
    finally:
        os.unlink(path)
    print("batches", len(rows))
    for first, count, spread, mean in rows[::30]:
        print(f"{first:7d} {count:5d} {spread:.4f} {mean:.4f}")
    print(f"{sum(r[2] for r in rows):.6f}")


if __name__ == "__main__":
    main()
