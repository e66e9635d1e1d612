"""In-process upload protocol on asyncio queues, many short sessions."""
import asyncio
import random
import zlib

WINDOW = 384 * 1024


class ProtocolError(Exception):
    pass


class Session:
    def __init__(self, ident):
        self.ident = ident
        self.window = bytearray(WINDOW)
        self.filled = 0
        self.digest = None
        self.handlers = {
            "open": self.on_open,
            "data": self.on_data,
            "done": self.on_done,
        }

    def on_open(self, payload):
        self.filled = 0

    def on_data(self, payload):
        end = self.filled + len(payload)
        if end > WINDOW:
            raise ProtocolError(self.ident)
        self.window[self.filled:end] = payload
        self.filled = end

    def on_done(self, payload):
        self.digest = zlib.crc32(memoryview(self.window)[:self.filled])

    def dispatch(self, verb, payload):
        self.handlers[verb](payload)

    def close(self):
        self.handlers.clear()
        return self.filled, self.digest


async def client(queue, rng, block):
    await queue.put(("open", b""))
    for _ in range(rng.randrange(4, 11)):
        await queue.put(("data", block[rng.randrange(1000):]))
    await queue.put(("done", b""))


async def serve(ident, rng, block):
    queue = asyncio.Queue(maxsize=3)
    feeder = asyncio.create_task(client(queue, rng, block))
    session = Session(ident)
    try:
        while session.digest is None:
            session.dispatch(*await queue.get())
    except ProtocolError:
        feeder.cancel()
        session.close()
        return 0, 0
    await feeder
    return session.close()


async def main():
    rng = random.Random(27)
    block = rng.randbytes(34_000)
    total = mix = 0
    for ident in range(900):
        size, digest = await serve(ident, rng, block)
        total += size
        mix = (mix * 33 ^ digest) & 0xFFFFFFFF
    print("bytes", total, f"mix {mix:08x}")


if __name__ == "__main__":
    asyncio.run(main())
