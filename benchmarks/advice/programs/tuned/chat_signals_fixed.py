"""A chat server in asyncio: guests come, say something and go; rooms fan each line out to those present."""

import asyncio
import html
import random
import textwrap
from functools import partial


class Signal:
    def __init__(self):
        self.receivers = []

    def connect(self, receiver):
        self.receivers.append(receiver)

    def disconnect(self, receiver):
        self.receivers.remove(receiver)

    def send(self, *args):
        for receiver in self.receivers:
            receiver(*args)


class Room:
    def __init__(self, name):
        self.name = name
        self.said = Signal()
        self.lines = 0

    async def say(self, who, text):
        self.lines += 1
        text = textwrap.fill(html.escape(text), width=60, initial_indent=f"<{who}> ", subsequent_indent="    ")
        self.said.send(text)
        await asyncio.sleep(0)


class Server:
    def __init__(self, names):
        self.rooms = {name: Room(name) for name in names}
        self.closing = Signal()
        self.bytes_out = 0

    def deliver(self, inbox, text):
        inbox.append(text)

    async def guest(self, number, room, lines):
        inbox = []
        receive = partial(self.deliver, inbox)
        room.said.connect(receive)
        last_call = partial(inbox.append, "* the server goes down")
        self.closing.connect(last_call)
        try:
            for line in lines:
                await room.say(f"guest{number}", line)
        finally:
            room.said.disconnect(receive)
            self.closing.disconnect(last_call)
            self.bytes_out += sum(map(len, inbox))


server = Server(["lobby", "music", "chess", "films"])


async def evening(guests, at_once, seed):
    rng = random.Random(seed)
    rooms = list(server.rooms.values())
    texts = [
        "hello there & how are you all this fine evening, is it <always> this quiet in here?",
        "did you see that move? the bishop takes on h7 and the queen comes in on h5, mate in four",
        "good night",
    ]
    waves = 0
    for first in range(0, guests, at_once):
        await asyncio.gather(
            *(
                server.guest(n, rng.choice(rooms), rng.choices(texts, k=10))
                for n in range(first, first + at_once)
            )
        )
        waves += 1
    server.closing.send()
    return waves, {room.name: room.lines for room in rooms}, server.bytes_out


def main():
    print(*asyncio.run(evening(2400, 24, 9)))


if __name__ == "__main__":
    main()
