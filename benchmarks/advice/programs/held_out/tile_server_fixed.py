"""Map tile server: renders tiles with pooled rasterisers, answers conditional requests."""
import asyncio
import hashlib
import math
import random
from dataclasses import dataclass
from typing import Optional


class Rasteriser:
    """Has shading tables for its palette and a canvas of one tile."""

    EDGE = 96

    def __init__(self, depth=6):
        n = 1 << (depth + 5)
        self.shade = bytes(int(127.5 + 127.5 * math.sin(i * math.tau / n)) for i in range(n))
        self.gamma = bytes(int(255 * (i / 255) ** (1 / 2.2)) for i in range(256))
        self.canvas = bytearray(self.EDGE * self.EDGE)
        self.mask = n - 1

    def draw(self, z, x, y):
        e, shade, mask = self.EDGE, self.shade, self.mask
        step = 1 + z * 3
        for row in range(0, e, 4):
            at = (x * 131 + y * 71 + row * step) & mask
            line = bytes(shade[(at + c * step) & mask] for c in range(e))
            for r in range(row, row + 4):
                self.canvas[r * e:(r + 1) * e] = line
        return self.canvas.translate(self.gamma)


class Depot:
    def __init__(self, factory, keep=8):
        self.factory = factory
        self.keep = keep
        self.shelf = []
        self.made = 0

    def borrow(self):
        if self.shelf:
            return self.shelf.pop()
        self.made += 1
        return self.factory()

    def put_back(self, item):
        if len(self.shelf) < self.keep:
            self.shelf.append(item)


@dataclass(frozen=True)
class Request:
    z: int
    x: int
    y: int
    etag: Optional[str] = None


@dataclass(frozen=True)
class Response:
    status: int
    etag: str = ""
    body: bytes = b""


class TileServer:
    def __init__(self):
        self.depot = Depot(Rasteriser)
        self.etags = {}

    async def get(self, req):
        key = (req.z, req.x, req.y)
        if not (0 <= req.x < 1 << req.z and 0 <= req.y < 1 << req.z):
            return Response(404)
        known = self.etags.get(key)
        if known and req.etag == known:
            return Response(304, known)
        painter = self.depot.borrow()
        await asyncio.sleep(0)
        body = painter.draw(*key)
        self.depot.put_back(painter)
        etag = self.etags[key] = hashlib.md5(body).hexdigest()
        return Response(200, etag, body)


async def browser(server, seed, count, tally):
    rng = random.Random(seed)
    seen = {}
    for _ in range(count):
        z = rng.randint(2, 4)
        key = (z, rng.randint(-1, 1 << z), rng.randint(0, 9))
        res = await server.get(Request(*key, etag=seen.get(key)))
        tally[res.status] = tally.get(res.status, 0) + 1
        tally["bytes"] = tally.get("bytes", 0) + len(res.body)
        if res.etag:
            seen[key] = res.etag
        await asyncio.sleep(0)


async def main():
    server, tally = TileServer(), {}
    await asyncio.gather(*(browser(server, s, 520, tally) for s in range(5)))
    print({k: tally[k] for k in sorted(tally, key=str)})
    print(hashlib.md5("".join(server.etags[k] for k in sorted(server.etags)).encode()).hexdigest())


if __name__ == "__main__":
    asyncio.run(main())
