"""In-process asyncio chat: members come and go, each room shows its latest lines to newcomers."""
# forbid: leak
import asyncio
import random
from collections import Counter, deque


class Member:
    def __init__(self, name):
        self.name = name
        self.inbox = asyncio.Queue(maxsize=200)
        self.received = 0

    async def read(self):
        while (line := await self.inbox.get()) is not None:
            self.received += len(line)


class Room:
    def __init__(self, name):
        self.name = name
        self.members = {}
        self.latest = deque(maxlen=50)

    async def join(self, member):
        for line in self.latest:
            await member.inbox.put(line)
        self.members[member.name] = member

    def leave(self, member):
        self.members.pop(member.name, None)

    async def say(self, who, text):
        line = f"[{self.name}] {who}: {text}"
        self.latest.append(line)
        for m in list(self.members.values()):
            await m.inbox.put(line)


class Server:
    def __init__(self):
        self.rooms = {}
        self.tasks = set()
        self.totals = Counter()

    def room(self, name):
        if name not in self.rooms:
            self.rooms[name] = Room(name)
        return self.rooms[name]

    def spawn(self, coro):
        task = asyncio.ensure_future(coro)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def visit(self, serial, rng):
        member = Member(f"guest{serial}")
        room = self.room(f"room{serial % 7}")
        reader = self.spawn(member.read())
        await room.join(member)
        for _ in range(rng.randrange(2, 8)):
            await room.say(member.name, " ".join(rng.choices(["hi", "well", "why", "not", "bye"], k=9)))
            await asyncio.sleep(0)
        room.leave(member)
        await member.inbox.put(None)
        await reader
        self.totals[room.name] += member.received


async def main():
    server = Server()
    rng = random.Random(20)
    running = set()
    peak = 0
    for serial in range(5000):
        task = server.spawn(server.visit(serial, random.Random(rng.random())))
        running.add(task)
        peak = max(peak, len(running))
        if len(running) >= 40:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*running)
    await asyncio.sleep(0)
    for name in sorted(server.totals):
        print(name, server.totals[name], len(server.rooms[name].members), len(server.rooms[name].latest))
    print("at once", peak, "left", len(server.tasks))


if __name__ == "__main__":
    asyncio.run(main())
