import asyncio
import random
import zlib


class Slicer:
    """Decodes one packet of a channel."""

    def __init__(self, key):
        self.lut = bytes((i * 167 + key) & 0xFF for i in range(256))
        self.steps = [(i * i + key) % 8191 for i in range(6000)]
        self.window = bytearray(1 << 20)

    def decode(self, packet):
        n = len(packet)
        view = memoryview(self.window)
        view[:n] = packet.translate(self.lut)
        total = zlib.crc32(view[:n])
        for s in self.steps[:200]:
            total ^= self.window[s % n] << (s & 15)
        return total


async def antenna(queue, count):
    rng = random.Random(5)
    for seq in range(count):
        await queue.put((seq, rng.randbytes(rng.randint(2000, 9000))))
    for _ in range(2):
        await queue.put(None)


async def listener(queue, results):
    while True:
        item = await queue.get()
        if item is None:
            return
        seq, packet = item
        slicer = Slicer(77)
        results.append((seq, slicer.decode(packet)))
        await asyncio.sleep(0)


async def main():
    queue = asyncio.Queue(maxsize=8)
    results = []
    await asyncio.gather(
        antenna(queue, 1500),
        listener(queue, results),
        listener(queue, results),
    )
    results.sort()
    acc = 0
    for seq, value in results:
        acc = (acc * 31 + seq + value) & 0xFFFFFFFF
    print("packets", len(results), "acc", format(acc, "08x"))


asyncio.run(main())
