import asyncio
import hashlib
import random

TOPICS = ("tides", "rigging", "charts", "anchors", "weather", "signal flags")


class Room:
    def __init__(self, name):
        self.name = name
        self.inbox = asyncio.Queue(maxsize=64)
        self.transcript = ""
        self.speakers = {}

    async def run(self):
        while True:
            message = await self.inbox.get()
            if message is None:
                return self
            speaker, text = message
            self.speakers[speaker] = self.speakers.get(speaker, 0) + 1
            self.transcript += f"<{speaker}> {text}\n"

    def summary(self):
        digest = hashlib.md5(self.transcript.encode()).hexdigest()
        talker = max(self.speakers, key=lambda s: (self.speakers[s], s))
        return f"{self.name:<8} {len(self.transcript):>8} {talker} {digest[:10]}"


async def chatter(rooms, count, seed):
    rng = random.Random(seed)
    for number in range(count):
        room = rooms[number % len(rooms)]
        speaker = f"crew{rng.randrange(40)}"
        text = " ".join(rng.choices(TOPICS, k=rng.randrange(12, 40)))
        await room.inbox.put((speaker, text))
    for room in rooms:
        await room.inbox.put(None)


async def main():
    rooms = [Room(f"deck-{letter}") for letter in "abc"]
    tasks = [asyncio.create_task(room.run()) for room in rooms]
    await chatter(rooms, 9_600, 13)
    for room in await asyncio.gather(*tasks):
        print(room.summary())


if __name__ == "__main__":
    asyncio.run(main())
