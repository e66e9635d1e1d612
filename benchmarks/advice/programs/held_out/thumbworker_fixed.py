"""Indexed-colour thumbnail worker: takes RGB rows from a job queue, writes palette rows."""
import queue
import random
import threading
import zlib
from dataclasses import dataclass, field

WIDTH, HEIGHT = 48, 12


@dataclass(order=True)
class Job:
    number: int
    pixels: bytes = field(compare=False)


class PaletteEncoder:
    """Maps RGB to a fixed 40-colour palette with simple row error diffusion.

    Carries the error of the previous pixels, so one encoder serves one image at a time.
    """

    LEVELS_R, LEVELS_G, LEVELS_B = 4, 5, 2

    def __init__(self):
        self.palette = [
            (r * 255 // 3, g * 255 // 4, b * 255)
            for r in range(self.LEVELS_R)
            for g in range(self.LEVELS_G)
            for b in range(self.LEVELS_B)
        ]
        self.lookup = bytearray(8 * 8 * 8)
        for r in range(8):
            for g in range(8):
                for b in range(8):
                    self.lookup[r << 6 | g << 3 | b] = self._nearest(r * 36, g * 36, b * 36)
        self.carry = 0

    def _nearest(self, r, g, b):
        best, where = 1 << 30, 0
        for i, (pr, pg, pb) in enumerate(self.palette):
            d = (pr - r) ** 2 + (pg - g) ** 2 + (pb - b) ** 2
            if d < best:
                best, where = d, i
        return where

    def start(self):
        self.carry = 0

    def encode_row(self, row):
        out = bytearray()
        for i in range(0, len(row), 3):
            r = min(255, max(0, row[i] + self.carry))
            g, b = row[i + 1], row[i + 2]
            code = self.lookup[(r >> 5) << 6 | (g >> 5) << 3 | b >> 5]
            self.carry = (r - self.palette[code][0]) // 2
            out.append(code)
        return out


class Worker(threading.Thread):
    idle = queue.LifoQueue()

    def __init__(self, jobs, results):
        super().__init__(daemon=True)
        self.jobs = jobs
        self.results = results

    def run(self):
        while True:
            job = self.jobs.get()
            if job is None:
                return
            self.results.append((job.number, self.convert(job)))

    def convert(self, job):
        try:
            encoder = self.idle.get_nowait()
        except queue.Empty:
            encoder = PaletteEncoder()
        encoder.start()
        stride = WIDTH * 3
        crc = 0
        for y in range(HEIGHT):
            row = job.pixels[y * stride:(y + 1) * stride]
            crc = zlib.crc32(encoder.encode_row(row), crc)
        self.idle.put(encoder)
        return crc


def make_jobs(count):
    rng = random.Random(99)
    for number in range(count):
        yield Job(number, rng.randbytes(WIDTH * HEIGHT * 3))


def main():
    jobs = queue.Queue(maxsize=16)
    results = []
    workers = [Worker(jobs, results) for _ in range(2)]
    for w in workers:
        w.start()
    for job in make_jobs(220):
        jobs.put(job)
    for _ in workers:
        jobs.put(None)
    for w in workers:
        w.join()
    total = 0
    for number, crc in sorted(results):
        total = (total * 31 + crc) & 0xFFFFFFFF
        if number % 55 == 0:
            print(f"thumb {number:4d} crc {crc:08x}")
    print(f"{len(results)} thumbnails, signature {total:08x}")


if __name__ == "__main__":
    main()
