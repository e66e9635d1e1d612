import queue
import random
import threading
import zlib


class Tile:
    __slots__ = ("ident", "width", "height", "payload")

    def __init__(self, ident, width, height, payload):
        self.ident = ident
        self.width = width
        self.height = height
        self.payload = payload


class TileSource:
    def __init__(self, count, seed):
        self.count = count
        self.rng = random.Random(seed)
        self.noise = self.rng.randbytes(4096)

    def __iter__(self):
        for ident in range(self.count):
            start = self.rng.randrange(2048)
            width = self.rng.choice((384, 448, 512))
            yield Tile(ident, width, 512, self.noise[start:start + width])


class Canvas:
    def __init__(self, capacity=512 * 512 * 3):
        self.pixels = bytearray(capacity)
        self.used = 0

    def paint(self, tile):
        stride = tile.width * 3
        row = tile.payload * 3
        view = memoryview(self.pixels)
        for y in range(tile.height):
            begin = y * stride
            view[begin:begin + stride] = row
        self.used = tile.height * stride
        view.release()

    def thumbnail(self, step=96):
        return bytes(self.pixels[:self.used:step * 3])


class Worker(threading.Thread):
    def __init__(self, inbox, outbox):
        super().__init__(daemon=True)
        self.inbox = inbox
        self.outbox = outbox

    def run(self):
        canvas = Canvas()
        while True:
            tile = self.inbox.get()
            if tile is None:
                break
            canvas.paint(tile)
            small = canvas.thumbnail()
            self.outbox.put((tile.ident, zlib.crc32(small), len(small)))


def main():
    inbox = queue.Queue(maxsize=16)
    outbox = queue.Queue()
    workers = [Worker(inbox, outbox) for _ in range(4)]
    for worker in workers:
        worker.start()
    total = 0
    for tile in TileSource(4_000, seed=12):
        inbox.put(tile)
        total += 1
    for _ in workers:
        inbox.put(None)
    for worker in workers:
        worker.join()
    results = sorted(outbox.get() for _ in range(total))
    mixed = 0
    for ident, crc, size in results:
        mixed = (mixed * 33 + crc + size + ident) % (1 << 32)
    print(total, mixed)


if __name__ == "__main__":
    main()
