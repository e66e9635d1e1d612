"""Simulated SNMP agent: load a walk of a big switch, then answer some requests from it."""
import random
import sys
import zlib

from oid import parse, render
from tree import load

PORTS = 1500
COLUMNS = 22
ENTRY = "1.3.6.1.2.1.2.2.1"
FORWARDING = "1.3.6.1.2.1.17.4.3.1.2"


def recorded_walk(rng):
    names = [f"port {n}" for n in range(64)]
    for column in range(1, COLUMNS + 1):
        for port in range(1, PORTS + 1):
            yield f"{ENTRY}.{column}.{port} = {names[(port * column) % 64]}"
    for _ in range(55_000):
        mac = ".".join(str(rng.randrange(256)) for _ in range(6))
        yield f"{FORWARDING}.{mac} = {names[rng.randrange(64)]}"


def answer(mib, rng, requests):
    hits = 0
    for _ in range(requests):
        oid = f"{ENTRY}.{rng.randint(1, COLUMNS + 2)}.{rng.randint(1, PORTS)}"
        if mib.get(parse(oid)) is not None:
            hits += 1
    return hits


def main():
    rng = random.Random(161)
    mib = load(recorded_walk(rng))
    print("nodes", mib.size)
    print("hits", answer(mib, rng, 5000))
    crc = count = 0
    first = None
    for oid, value in mib.walk(parse(FORWARDING + ".17")):
        first = first or oid
        crc = zlib.crc32(f"{render(oid)}={value}".encode(), crc)
        count += 1
    print("below", count, "first", render(first), f"crc {crc:08x}")
    return 0


sys.exit(main())
