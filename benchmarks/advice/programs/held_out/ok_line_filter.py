"""A chain of generators over a text file: decode, select, rewrite, count."""
import os
import re
import tempfile


def write_notes(path, count):
    with open(path, "w") as out:
        for n in range(count):
            level = ("DEBUG", "INFO", "WARN")[n % 3]
            out.write(f"{level} worker={n % 12} took={n * 37 % 900}ms job {n}\n")


def entries(lines):
    pattern = re.compile(r"(\w+) worker=(\d+) took=(\d+)ms")
    for line in lines:
        if match := pattern.match(line):
            yield match[1], int(match[2]), int(match[3])


def slow(stream, limit):
    return (entry for entry in stream if entry[2] >= limit)


def main():
    handle, path = tempfile.mkstemp()
    os.close(handle)
    totals = {}
    try:
        write_notes(path, 400_000)
        with open(path) as lines:
            for level, worker, took in slow(entries(lines), 250):
                count, time = totals.get((level, worker), (0, 0))
                totals[level, worker] = count + 1, time + took
    finally:
        os.unlink(path)
    for key, (count, time) in sorted(totals.items())[:8]:
        print(*key, count, time)


if __name__ == "__main__":
    main()
