import random
import re
import sys
from dataclasses import dataclass

LINE = re.compile(r'(\S+) \[(\d+)\] "(\w+) (\S+)" (\d+) (\d+) "([^"]*)"')
BROWSERS = ("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0 build/{1:08d}",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{0}.0.{1}.99 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/{0}.1 Safari/605.1.15 ({1})")


@dataclass(slots=True)
class Hit:
    second: int
    path: str
    status: int
    size: int
    agent: str


def log_lines(count, seed):
    rng = random.Random(seed)
    agents = [rng.choice(BROWSERS).format(rng.randrange(70, 120), rng.randrange(10_000)) for _ in range(150)]
    paths = [f"/catalogue/section-{n % 17}/article-{n:05d}/index.html" for n in range(800)]
    second = 0
    for _ in range(count):
        second += rng.randrange(3)
        yield (f'10.0.{rng.randrange(256)}.{rng.randrange(256)} [{second}] "GET {rng.choice(paths)}" '
               f'{rng.choice((200, 200, 200, 304, 404))} {rng.randrange(200, 9000)} "{rng.choice(agents)}"')


def parse(lines):
    for line in lines:
        match = LINE.match(line)
        if match is None:
            continue
        _, second, _, path, status, size, agent = match.groups()
        yield Hit(int(second), sys.intern(path), int(status), int(size), sys.intern(agent))


def sessions(hits, gap):
    last = {}
    total = 0
    for hit in hits:
        before = last.get(hit.agent)
        if before is None or hit.second - before > gap:
            total += 1
        last[hit.agent] = hit.second
    return total


def top_paths(hits, count):
    sizes = {}
    for hit in hits:
        if hit.status == 200:
            sizes[hit.path] = sizes.get(hit.path, 0) + hit.size
    return sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:count]


def main():
    hits = list(parse(log_lines(80_000, 3)))
    print(len(hits), sessions(hits, 60), sessions(hits, 600))
    for path, size in top_paths(hits, 3):
        print(path, size)
    slow = sorted(hits, key=lambda h: (-h.size, h.second, h.path))[:3]
    print([(h.second, h.status, h.size) for h in slow])


if __name__ == "__main__":
    main()
