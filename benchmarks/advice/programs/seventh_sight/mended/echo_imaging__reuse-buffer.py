import asyncio
from dataclasses import dataclass

import numpy as np


@dataclass
class Scan:
    ident: int
    gain: float
    shift: int


class Reconstructor:
    def __init__(self, size, seed):
        self.size = size
        self.field = np.empty((size, size), dtype=np.float32)
        rng = np.random.default_rng(seed)
        self.kernel = rng.random((size, size), dtype=np.float32)

    def accumulate(self, scan):
        field = self.field
        np.multiply(self.kernel, scan.gain, out=field)
        field[scan.shift:] += self.kernel[:self.size - scan.shift]
        return float(field.max()), float(field[::64].sum(dtype=np.float64))


class ScanRoom:
    def __init__(self, reconstructor):
        self.reconstructor = reconstructor
        self.queue = asyncio.Queue(maxsize=8)
        self.results = {}

    async def technician(self, scans):
        for n in range(scans):
            await self.queue.put(Scan(n, 0.5 + n % 13 / 10, n % 40 + 1))
        await self.queue.put(None)

    async def operator(self):
        while (scan := await self.queue.get()) is not None:
            self.results[scan.ident] = self.reconstructor.accumulate(scan)

    async def run(self, scans):
        await asyncio.gather(self.technician(scans), self.operator())
        peak = max(high for high, _ in self.results.values())
        return peak, sum(low for _, low in self.results.values())


def main():
    room = ScanRoom(Reconstructor(size=3_000, seed=33))
    peak, total = asyncio.run(room.run(60))
    print(len(room.results), round(peak, 4), round(total, 2))


if __name__ == "__main__":
    main()
