import collections
import os
import random
import re
import tempfile

ENTRY = re.compile(r"(\d+) gate=(\w+) badge=(\d+) (in|out) dur=(\d+)ms")


def fabricate(path, count):
    rng = random.Random(17)
    gates = ["north", "south", "dock", "lobby", "roof"]
    stamp = 1700000000
    with open(path, "w") as fh:
        for _ in range(count):
            stamp += rng.randint(0, 9)
            fh.write(
                f"{stamp} gate={rng.choice(gates)} badge={rng.randint(1000, 1400)} "
                f"{rng.choice(('in', 'out'))} dur={rng.randint(20, 4000)}ms firmware=4.11.2-stable\n"
            )


class Tally:
    def __init__(self):
        self.by_gate = collections.Counter()
        self.inside = set()
        self.most = 0
        self.slow = 0
        self.bad = 0

    def take(self, line):
        m = ENTRY.match(line)
        if m is None:
            self.bad += 1
            return
        _, gate, badge, way, dur = m.groups()
        self.by_gate[gate] += 1
        if way == "in":
            self.inside.add(badge)
        else:
            self.inside.discard(badge)
        self.most = max(self.most, len(self.inside))
        if int(dur) > 3500:
            self.slow += 1


def study(path):
    tally = Tally()
    with open(path) as fh:
        text = fh.read()
    for line in text.splitlines():
        tally.take(line)
    return tally


def main():
    fd, path = tempfile.mkstemp(suffix=".log")
    os.close(fd)
    try:
        fabricate(path, 330000)
        t = study(path)
    finally:
        os.unlink(path)
    print(dict(sorted(t.by_gate.items())), t.most, t.slow, t.bad)


if __name__ == "__main__":
    main()
