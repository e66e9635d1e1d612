# Sessions of a web log: who came back, with which browser.
import random

random.seed(9)
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/%d.0" % v for v in range(90, 120)]
PATHS = ["/shop/catalogue/section/%d/index.html?ref=front-page-banner" % k for k in range(120)]


def lines(n):
    for i in range(n):
        yield "10.0.%d.%d|%d|%s|%s" % (
            random.randrange(256), random.randrange(8), 1700000000 + i * 3,
            random.choice(PATHS), random.choice(AGENTS))


def parse(line):
    a = line.find("|")
    b = line.find("|", a + 1)
    c = line.find("|", b + 1)
    return line[:a], int(line[a + 1:b]), line[b + 1:c], line[c + 1:]


hits = []
for line in lines(70000):
    hits.append(parse(line))

hits.sort(key=lambda h: (h[0], h[1]))
sessions = 0
changed = 0
before = None
for h in hits:
    if before is None or before[0] != h[0] or h[1] - before[1] > 1800:
        sessions += 1
    elif before[3] != h[3]:
        changed += 1
    before = h

popular = {}
for h in hits:
    popular[h[2]] = popular.get(h[2], 0) + 1
top = sorted(popular.items(), key=lambda kv: (-kv[1], kv[0]))[:3]
print("sessions", sessions, "changed browser", changed)
for path, n in top:
    print("%6d %s" % (n, path))
