"""Hits, bytes and error rate per path from a web server's access log."""
import collections
import os
import pathlib
import re
import tempfile

LINE = re.compile(r'(\S+) \[(\d+)\] "(\w+) (\S+)" (\d{3}) (\d+)')


def write_sample_log(path, lines):
    with path.open("w") as log:
        for n in range(lines):
            status = 500 if n % 97 == 0 else 404 if n % 31 == 0 else 200
            log.write(
                f"10.0.{n % 200}.{n % 251} [{1_700_000_000 + n}] "
                f'"GET /shop/item/{n * 7 % 40}" {status} {n * 331 % 70_000}\n'
            )


class PathStats:
    __slots__ = ("hits", "sent", "errors")

    def __init__(self):
        self.hits = self.sent = self.errors = 0


def summarise(path):
    stats = collections.defaultdict(PathStats)
    with path.open() as lines:
        for line in lines:
            match = LINE.match(line)
            if match is None:
                continue
            _, _, _, url, status, size = match.groups()
            entry = stats[url]
            entry.hits += 1
            entry.sent += int(size)
            entry.errors += status >= "500"
    return stats


def main():
    handle, name = tempfile.mkstemp(suffix=".log")
    os.close(handle)
    path = pathlib.Path(name)
    try:
        write_sample_log(path, 300_000)
        stats = summarise(path)
    finally:
        path.unlink()
    for url, entry in sorted(stats.items(), key=lambda item: (-item[1].sent, item[0]))[:10]:
        print(f"{url:<20} {entry.hits:>7} {entry.sent:>12} {entry.errors:>5}")


if __name__ == "__main__":
    main()
