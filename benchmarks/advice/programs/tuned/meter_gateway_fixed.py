"""Smart-meter gateway: many short uplink sessions, each carrying a handful of
telegrams that are checked, unpacked and added to the regional load curve."""
import asyncio
import random
from collections import Counter
from dataclasses import dataclass

SLOTS = 96
WORKERS = 6


@dataclass(frozen=True)
class Uplink:
    meter: int
    telegrams: tuple


class TelegramDecoder:
    """Keeps per-session state (last sequence, partial slot sums) next to the
    tables needed for the checksum and the nibble encoding used by the meters."""

    POLY = 0x8408

    def __init__(self):
        self.crc = []
        for b in range(256):
            r = b
            for _ in range(8):
                r = (r >> 1) ^ self.POLY if r & 1 else r >> 1
            self.crc.append(r)
        self.bcd = {
            hi * 16 + lo: hi * 10 + lo for hi in range(10) for lo in range(10)
        }
        self.weights = [1.0 + 0.01 * ((i * 37) % 11) for i in range(SLOTS)]
        self.reset()

    def reset(self):
        self.sequence = -1
        self.gaps = 0
        self.sums = dict.fromkeys(range(4), 0.0)

    def checksum(self, payload):
        reg = 0xFFFF
        table = self.crc
        for b in payload:
            reg = (reg >> 8) ^ table[(reg ^ b) & 0xFF]
        return reg

    def push(self, raw):
        if self.checksum(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
            return False
        if raw[0] != self.sequence + 1:
            self.gaps += 1
        self.sequence = raw[0]
        slot = raw[1]
        value = 0
        for b in raw[2:-2]:
            value = value * 100 + self.bcd[b]
        self.sums[slot // 24] += value * self.weights[slot]
        return True


class Session:
    def __init__(self, uplink, gateway):
        self.uplink = uplink
        self.gateway = gateway

    async def __aenter__(self):
        idle = self.gateway.idle
        self.decoder = idle.pop() if idle else TelegramDecoder()
        return self

    async def __aexit__(self, *exc):
        for quarter, total in self.decoder.sums.items():
            self.gateway.curve[quarter] += total
        self.gateway.stats["gaps"] += self.decoder.gaps
        self.decoder.reset()
        self.gateway.idle.append(self.decoder)
        self.decoder = None

    async def run(self):
        for raw in self.uplink.telegrams:
            ok = self.decoder.push(raw)
            self.gateway.stats["ok" if ok else "bad"] += 1
        await asyncio.sleep(0)


class Gateway:
    def __init__(self):
        self.inbox = asyncio.Queue(maxsize=32)
        self.idle = []
        self.curve = Counter()
        self.stats = Counter()

    async def worker(self):
        while (uplink := await self.inbox.get()) is not None:
            async with Session(uplink, self) as session:
                await session.run()


def uplinks(count, seed=11):
    rng = random.Random(seed)
    sealer = TelegramDecoder()
    for meter in range(count):
        batch = []
        for seq in range(rng.randint(4, 7)):
            digits = bytes(rng.randrange(10) * 16 + rng.randrange(10) for _ in range(3))
            body = bytes((seq if rng.random() > 0.05 else seq + 1, rng.randrange(SLOTS))) + digits
            seal = sealer.checksum(body) ^ (rng.random() < 0.03)
            batch.append(body + seal.to_bytes(2, "little"))
        yield Uplink(meter, tuple(batch))


async def main():
    gw = Gateway()
    crew = [asyncio.create_task(gw.worker()) for _ in range(WORKERS)]
    for uplink in uplinks(7000):
        await gw.inbox.put(uplink)
    for _ in crew:
        await gw.inbox.put(None)
    await asyncio.gather(*crew)
    print(dict(sorted(gw.stats.items())))
    print({q: round(v / 1e6, 3) for q, v in sorted(gw.curve.items())})


if __name__ == "__main__":
    asyncio.run(main())
