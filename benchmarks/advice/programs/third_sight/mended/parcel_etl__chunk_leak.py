import functools
import json
import os
import random
import tempfile


def remembered(fn):
    known = {}

    @functools.wraps(fn)
    def inner(*key):
        if key not in known:
            known[key] = fn(*key)
        return known[key]

    return inner


def route(serial, weight, zone):
    lanes = ["road", "rail", "air"]
    code = (serial * 7919 + weight * 31 + ord(zone)) % 9973
    return {"lane": lanes[code % 3], "code": code, "label": f"{zone}-{code:04d}-{serial:07d}"}


def write_source(path, count):
    rng = random.Random(41)
    with open(path, "w") as fh:
        for serial in range(count):
            fh.write(f'{{"id": {serial}, "kg": {rng.randint(1, 900)}, "zone": "{rng.choice("ABCDEF")}", "memo": "{rng.randbytes(40).hex()}"}}\n')


def extract(path):
    with open(path) as fh:
        for line in fh:
            yield json.loads(line)


def transform(parcels):
    for p in parcels:
        way = route(p["id"], p["kg"], p["zone"])
        yield way["lane"], p["kg"], way["code"], len(way["label"]) + len(p["memo"])


def load(stream):
    sheet = {}
    for lane, kg, code, width in stream:
        row = sheet.setdefault(lane, [0, 0, 0, 0])
        row[0] += 1
        row[1] += kg
        row[2] ^= code
        row[3] += width
    return sheet


def main():
    fd, path = tempfile.mkstemp(suffix=".jsonl")
    os.close(fd)
    try:
        write_source(path, 110000)
        sheet = load(transform(extract(path)))
    finally:
        os.remove(path)
    for lane in sorted(sheet):
        print(lane, *sheet[lane])


if __name__ == "__main__":
    main()
