"""Mesh importer: decodes packed polygon soups on worker threads, welding vertices in scratch grids."""
import queue
import random
import struct
import threading
import zlib

VERT = struct.Struct("<HHB")
GRID = 96


class BadMesh(ValueError):
    pass


class WeldGrid:
    def __init__(self):
        self.cells = bytearray(GRID * GRID * 16)
        self.used = []

    def weld(self, x, y, z):
        i = ((y % GRID) * GRID + x % GRID) * 16 + z % 16
        if self.cells[i] == 0:
            self.used.append(i)
        self.cells[i] = min(255, self.cells[i] + 1)
        return self.cells[i]

    def wipe(self):
        for i in self.used:
            self.cells[i] = 0
        self.used.clear()


class GridStore:
    """Shared scratch grids; keeps the full list so that the importer can be audited."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ready = []
        self.audit = []

    def acquire(self):
        with self.lock:
            if not self.ready:
                grid = WeldGrid()
                self.audit.append(grid)
                return grid
            return self.ready.pop()

    def release(self, grid):
        grid.wipe()
        with self.lock:
            self.ready.append(grid)


class Importer:
    def __init__(self, workers=3):
        self.store = GridStore()
        self.jobs = queue.Queue()
        self.results = {}
        self.threads = [threading.Thread(target=self._serve) for _ in range(workers)]

    def _serve(self):
        while (job := self.jobs.get()) is not None:
            name, blob = job
            try:
                self.results[name] = self.load(blob)
            except (BadMesh, struct.error) as why:
                self.results[name] = str(why)

    def load(self, blob):
        grid = self.store.acquire()  # advise: pool-leak
        size, check = struct.unpack_from("<II", blob)
        body = memoryview(blob)[8:]
        doubled = sum(grid.weld(*v) > 1 for v in VERT.iter_unpack(body[:size * VERT.size]))
        if zlib.crc32(body) != check:
            raise BadMesh(f"checksum differs after {size} vertices")
        unique = len(grid.used)
        self.store.release(grid)
        return unique, doubled

    def run(self, meshes):
        for t in self.threads:
            t.start()
        for item in meshes:
            self.jobs.put(item)
        for _ in self.threads:
            self.jobs.put(None)
        for t in self.threads:
            t.join()
        return self.results


def meshes(count, seed):
    rng = random.Random(seed)
    for n in range(count):
        size = rng.randint(350, 800)
        body = rng.randbytes(size * VERT.size)
        check = zlib.crc32(body) ^ (n % 4 == 1)
        yield f"mesh{n:04d}", struct.pack("<II", size, check) + body


def main():
    results = Importer().run(meshes(2400, seed=21))
    good = [r for r in results.values() if isinstance(r, tuple)]
    print(len(good), "meshes,", len(results) - len(good), "rejected")
    print("unique", sum(u for u, _ in good), "doubled", sum(d for _, d in good))
    print(results["mesh0001"], "|", results["mesh0002"])


if __name__ == "__main__":
    main()
