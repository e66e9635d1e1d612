"""Access-log report: one pass over the log, text report on stdout."""
# forbid: chunk grow-copy leak compact
import heapq
import os
import random
import re
import tempfile
from collections import Counter, deque

ENTRY = re.compile(r'(\S+) - - \[(\d+)\] "(GET|POST) (\S+) HTTP/1\.1" (\d{3}) (\d+)')


def write_log(path, count):
    rng = random.Random(17)
    clock = 1_690_000_000
    with open(path, "w") as out:
        for _ in range(count):
            clock += rng.randint(0, 3)
            host = f"10.0.{rng.randrange(4)}.{rng.randrange(200)}"
            verb = "POST" if rng.random() < 0.1 else "GET"
            page = f"/{rng.choice(['shop', 'blog', 'api', 'static'])}/{int(rng.paretovariate(1.2)) % 300}"
            status = rng.choices([200, 304, 404, 500], [80, 12, 6, 2])[0]
            out.write(f'{host} - - [{clock}] "{verb} {page} HTTP/1.1" {status} {rng.randrange(90000)}\n')


def entries(lines):
    for line in lines:
        m = ENTRY.match(line)
        if m:
            host, ts, verb, page, status, size = m.groups()
            yield host, int(ts), page, int(status), int(size)


class Window:
    """Requests in the last `span` seconds."""

    def __init__(self, span):
        self.span = span
        self.times = deque()
        self.peak = 0

    def add(self, ts):
        self.times.append(ts)
        while self.times[0] <= ts - self.span:
            self.times.popleft()
        self.peak = max(self.peak, len(self.times))


class Report:
    def __init__(self):
        self.pages = Counter()
        self.hosts = Counter()
        self.status = Counter()
        self.window = Window(60)
        self.biggest = []
        self.traffic = 0

    def feed(self, rows):
        for number, (host, ts, page, status, size) in enumerate(rows):
            self.pages[page] += 1
            self.hosts[host] += 1
            self.status[status] += 1
            self.traffic += size
            self.window.add(ts)
            item = (size, -number, page)
            if len(self.biggest) < 5:
                heapq.heappush(self.biggest, item)
            elif item > self.biggest[0]:
                heapq.heapreplace(self.biggest, item)

    def render(self):
        text = f"traffic {self.traffic} bytes, busiest minute {self.window.peak}\n"
        for status, n in sorted(self.status.items()):
            text += f"  {status}: {n}\n"
        lines = []
        for title, counter in (("pages", self.pages), ("hosts", self.hosts)):
            lines.append(f"{len(counter)} {title}")
            for name, n in sorted(counter.items(), key=lambda kv: (-kv[1], kv[0]))[:5]:
                lines.append(f"  {name:20s} {n}")
        lines.append("largest answers")
        lines.extend(f"  {size:7d} {page}" for size, _, page in sorted(self.biggest, reverse=True))
        return text + "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "access.log")
        write_log(path, 180_000)
        report = Report()
        with open(path) as log:
            report.feed(entries(log))
    print(report.render())


if __name__ == "__main__":
    main()
