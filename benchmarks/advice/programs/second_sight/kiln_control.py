"""Asynchronous control of pottery kilns."""
import asyncio
from collections import deque


class Kiln:
    def __init__(self, ident, curve):
        self.ident = ident
        self.curve = curve
        self.heat = 20.0
        self.recent = deque(maxlen=50)

    def step(self, minute):
        wanted = self.curve[(minute * 7 + self.ident) % len(self.curve)]
        self.heat += (wanted - self.heat) * 0.2
        self.recent.append((minute, self.heat))

    def mean(self):
        return sum(heat for _, heat in self.recent) / len(self.recent)


class Plant:
    def __init__(self, kilns):
        self.curve = [20 + (k * k % 1200) for k in range(200_000)]
        self.kilns = [Kiln(k, self.curve) for k in range(kilns)]
        self.pending = set()
        self.alarms = 0

    async def alarm(self, kiln, minute):
        await asyncio.sleep(0)
        self.alarms += 1

    async def fire(self, kiln, minutes):
        for minute in range(minutes):
            kiln.step(minute)
            if kiln.heat > 950:
                task = asyncio.create_task(self.alarm(kiln, minute))
                self.pending.add(task)
                task.add_done_callback(self.pending.discard)
            if minute % 5 == 0:
                await asyncio.sleep(0)

    async def run(self, minutes):
        await asyncio.gather(*(self.fire(kiln, minutes) for kiln in self.kilns))
        while self.pending:
            await asyncio.sleep(0)


async def main():
    plant = Plant(30)
    await plant.run(6000)
    print(plant.alarms, len(plant.pending))
    print("%.4f" % sum(kiln.mean() for kiln in plant.kilns), sum(plant.curve))


if __name__ == "__main__":
    asyncio.run(main())
