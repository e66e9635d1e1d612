"""Count the lines of rotated log files without decoding them."""

import os
import sys
import tempfile

BLOCK = 1 << 20


def write_logs(folder: str, files: int, megabytes: int) -> list[str]:
    paths = []
    entry = b"2024-03-02T10:00:00Z INFO worker accepted job and wrote its result to the store; " * 6
    for number in range(files):
        lines = (entry[: 300 + number * 7] + b"\n") * 256
        path = os.path.join(folder, f"app.log.{number}")
        with open(path, "wb") as out:
            written = 0
            while written < megabytes << 20:
                written += out.write(lines)
        paths.append(path)
    return paths


def count_lines(path: str) -> int:
    total = 0
    with open(path, "rb", buffering=0) as log:
        while True:
            block = bytearray(BLOCK)  # advise: reuse-buffer
            got = log.readinto(block)
            if not got:
                return total
            total += block.count(b"\n", 0, got)


def main(argv: list[str]) -> int:
    passes = int(argv[1]) if len(argv) > 1 else 12
    with tempfile.TemporaryDirectory() as folder:
        paths = write_logs(folder, files=4, megabytes=24)
        for _ in range(passes):
            counts = [count_lines(path) for path in paths]
    print("lines", *counts)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
