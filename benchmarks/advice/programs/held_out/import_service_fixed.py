"""Import service: parses uploaded measurement files with pooled work areas."""
import hashlib
import logging
import random
import struct
import threading

log = logging.getLogger("import")


class WorkArea:
    """Scratch memory for one import."""

    SIZE = 384 * 1024

    def __init__(self, number):
        self.number = number
        self.data = bytearray(b"\xff") * self.SIZE
        self.view = memoryview(self.data)

    def load(self, payload):
        n = len(payload)
        self.view[:n] = payload
        return self.view[:n]


class WorkAreaPool:
    def __init__(self):
        self._lock = threading.Lock()
        self._all = {}
        self._free = []

    def take(self):
        with self._lock:
            if self._free:
                return self._free.pop()
            area = WorkArea(len(self._all))
            self._all[area.number] = area
            return area

    def give(self, area):
        with self._lock:
            self._free.append(area)

    @property
    def busy(self):
        return len(self._all) - len(self._free)


class BadFile(Exception):
    pass


class Importer:
    MAGIC = b"MSR1"

    def __init__(self, pool):
        self.pool = pool
        self.ok = self.failed = 0
        self.digest = hashlib.sha1()

    def parse(self, view):
        if view[:4] != self.MAGIC:
            raise BadFile("wrong magic")
        count, = struct.unpack_from("<I", view, 4)
        if 8 + count * 4 > len(view):
            raise BadFile("truncated")
        return struct.unpack_from(f"<{count}i", view, 8)

    def handle(self, payload):
        area = self.pool.take()
        try:
            values = self.parse(area.load(payload))
            mean = sum(values) // len(values)
            peak = max(values)
        finally:
            self.pool.give(area)
        return mean, peak

    def serve(self, uploads):
        for name, payload in uploads:
            try:
                mean, peak = self.handle(payload)
            except (BadFile, struct.error) as exc:
                self.failed += 1
                log.info("%s rejected: %s", name, exc)
            else:
                self.ok += 1
                self.digest.update(struct.pack("<ii", mean, peak))


def uploads(n, seed=88):
    rng = random.Random(seed)
    body = struct.pack("<6000i", *(rng.randrange(-1000, 1000) for _ in range(6000)))
    for i in range(n):
        count = rng.randrange(2000, 6000)
        payload = Importer.MAGIC + struct.pack("<I", count) + body[: count * 4]
        roll = rng.random()
        if roll < 0.04:
            payload = payload[: len(payload) // 2]
        elif roll < 0.055:
            payload = b"<htm" + payload[4:]
        yield f"file{i:05d}.msr", payload


def main():
    logging.basicConfig(level=logging.WARNING)
    imp = Importer(WorkAreaPool())
    imp.serve(uploads(4400))
    print("imported", imp.ok, "failed", imp.failed)
    print(imp.digest.hexdigest())


if __name__ == "__main__":
    main()
