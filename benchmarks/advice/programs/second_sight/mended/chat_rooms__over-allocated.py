"""Chat rooms: a crowd joins each room, few stay."""
import asyncio


class Room:
    def __init__(self, number):
        self.number = number
        self.members = {}
        self.said = 0

    def join(self, who, when):
        self.members[who] = when

    def purge(self, keep):
        for who in [w for w in self.members if w % keep]:
            del self.members[who]
        self.members = dict(self.members)

    async def talk(self, rounds):
        for turn in range(rounds):
            for who in self.members:
                self.said += (who + turn) % 5
            await asyncio.sleep(0)


class House:
    def __init__(self, rooms):
        self.rooms = [Room(number) for number in range(rooms)]

    async def evening(self, room):
        for k in range(90):
            room.join(k, room.number)
            if k % 30 == 0:
                await asyncio.sleep(0)
        room.purge(45)

    async def night(self):
        await asyncio.gather(*(room.talk(2) for room in self.rooms[:200]))

    def members(self):
        return sum(len(room.members) for room in self.rooms)


async def main():
    house = House(8000)
    for start in range(0, 8000, 100):
        await asyncio.gather(*(house.evening(room) for room in house.rooms[start:start + 100]))
    await house.night()
    print(house.members(), sum(room.said for room in house.rooms))


if __name__ == "__main__":
    asyncio.run(main())
