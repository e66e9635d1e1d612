import random
import sys
import zlib

KINDS = ("rise", "fall", "hold", "void")


def ticks(rng, count):
    for i in range(count):
        yield f"{KINDS[rng.randrange(4)]}:{rng.randrange(10**9)}:{i}"


def decode(tick):
    kind, value, serial = tick.split(":")
    return {"kind": kind, "value": int(value), "serial": serial}


class Sweep:
    def __init__(self):
        self.alerts = {}
        self.high = []

    def batch(self, rng, count):
        window = []
        marks = bytearray()
        for tick in ticks(rng, count):
            item = decode(tick)
            window.append(item)
            if len(window) % 400 == 0:
                marks += b"%s@%s %d\n" % (item["kind"].encode(), item["serial"].encode(), item["value"])
        self.high.append(sum(d["value"] > 5 * 10**8 for d in window if d["kind"] == "rise"))
        del item
        window.clear()
        for mark in marks.splitlines():
            name, value = mark.decode().split()
            self.alerts[name] = int(value)

    def poster(self, size):
        surface = bytearray(size)
        for i, (name, value) in enumerate(self.alerts.items()):
            raw = f"{name}={value}".encode()
            at = (i * 4096) % (size - 64)
            surface[at:at + len(raw)] = raw
        return surface


def main():
    sweep = Sweep()
    sweep.batch(random.Random(8), 170000)
    surface = sweep.poster(60 << 20)
    print("alerts", len(sweep.alerts), "high", sweep.high)
    print(f"poster {len(surface)} {zlib.crc32(surface):08x}", sys.byteorder)


if __name__ == "__main__":
    main()
