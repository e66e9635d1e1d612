import io
import random
from sys import intern
from typing import NamedTuple


class Flow(NamedTuple):
    source: str
    target: str
    action: str
    octets: int


def export(count):
    rng = random.Random(61)
    hosts = [f"node-{i:03d}.rack{i % 9}.example.internal" for i in range(150)]
    acts = ["allow-established", "allow-new", "reject-policy", "drop-invalid"]
    out = io.StringIO()
    for _ in range(count):
        out.write(f"{rng.choice(hosts)},{rng.choice(hosts)},{rng.choice(acts)},{rng.randint(40, 255)}\n")
        if out.tell() > 65536:
            yield from out.getvalue().splitlines()
            out.seek(0)
            out.truncate()
    yield from out.getvalue().splitlines()


def parse(lines):
    flows = []
    for line in lines:
        source, target, action, octets = line.split(",")
        flows.append(Flow(intern(source), intern(target), intern(action), int(octets)))
    return flows


def talkers(flows):
    sums = {}
    for f in flows:
        sums[f.source] = sums.get(f.source, 0) + f.octets
    return sorted(sums, key=lambda h: (-sums[h], h))[:3]


def refused(flows, hosts):
    wanted = set(hosts)
    return sum(1 for f in flows if f.target in wanted and f.action.startswith(("reject", "drop")))


def busiest_pair(flows):
    sums = {}
    for f in flows:
        key = (f.source, f.target)
        sums[key] = sums.get(key, 0) + f.octets
    return max(sums.items(), key=lambda kv: (kv[1], kv[0]))


def main():
    flows = parse(export(200000))
    top = talkers(flows)
    print("top", top)
    print("refused", refused(flows, top), "pair", busiest_pair(flows))


if __name__ == "__main__":
    main()
