# forbid: pool pool-leak over-pooled reuse-buffer leak
"""Downscales raster frames on a worker crew. Frame stores are large, so the
workers share a fixed set of them; broken frames are reported and skipped."""
import queue
import random
import threading
import zlib
from contextlib import contextmanager

W, H = 2048, 1536


class FrameStore:
    def __init__(self):
        self.px = bytearray(W * H)

    def unpack(self, frame):
        """Rows are run lengths: (count, value) pairs of bytes."""
        at = 0
        for count, value in zip(frame[0::2], frame[1::2]):
            end = at + count * 64
            if end > len(self.px):
                raise ValueError("frame runs over")
            self.px[at:end] = value.to_bytes(1, "big") * (count * 64)
            at = end
        if at != len(self.px):
            raise ValueError("frame is short")

    def thumbnail(self, step):
        view = memoryview(self.px)
        return b"".join(view[y * W:(y + 1) * W:step].tobytes() for y in range(0, H, step))


class StoreSet:
    """At most `size` stores; a caller waits until one is free."""

    def __init__(self, size):
        self.free = queue.SimpleQueue()
        for _ in range(size):
            self.free.put(FrameStore())

    @contextmanager
    def borrowed(self):
        store = self.free.get()
        try:
            yield store
        finally:
            self.free.put(store)


class Crew:
    def __init__(self, size):
        self.stores = StoreSet(2)
        self.jobs = queue.Queue(maxsize=16)
        self.lock = threading.Lock()
        self.sums = {}
        self.broken = []
        self.threads = [threading.Thread(target=self._work) for _ in range(size)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        for _ in self.threads:
            self.jobs.put(None)
        for t in self.threads:
            t.join()

    def _work(self):
        while (job := self.jobs.get()) is not None:
            number, frame = job
            try:
                with self.stores.borrowed() as store:
                    store.unpack(frame)
                    mark = zlib.crc32(store.thumbnail(16))
            except ValueError as exc:
                with self.lock:
                    self.broken.append((number, str(exc)))
            else:
                with self.lock:
                    self.sums[number] = mark


def frames(n, seed=83):
    rng = random.Random(seed)
    total = W * H // 64
    for number in range(n):
        runs, left = bytearray(), total
        while left:
            count = min(left, rng.randint(20, 255))
            runs += bytes((count, rng.randrange(256)))
            left -= count
        if rng.random() < 0.08:
            runs = runs[:-2] if rng.random() < 0.5 else runs + b"\x01\x00"
        yield number, bytes(runs)


def main():
    with Crew(3) as crew:
        for job in frames(1_200):
            crew.jobs.put(job)
    digest = zlib.crc32(repr(sorted(crew.sums.items())).encode())
    print(len(crew.sums), len(crew.broken), digest)
    print(sorted(crew.broken)[:3])


if __name__ == "__main__":
    main()
