"""A chat relay on asyncio streams: framed messages, bounded history, tasks that end."""
# forbid: leak, grow-copy, pool-leak
import asyncio
import collections
import struct
import zlib

FRAME = struct.Struct("!I")


async def read_frame(reader):
    (size,) = FRAME.unpack(await reader.readexactly(FRAME.size))
    return await reader.readexactly(size)


def frame(body):
    return FRAME.pack(len(body)) + body


class Room:
    def __init__(self, name):
        self.name = name
        self.history = collections.deque(maxlen=50)
        self.messages = 0

    def say(self, body):
        self.messages += 1
        self.history.append(body)


class Relay:
    def __init__(self):
        self.rooms = {}
        self.tasks = set()

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            name = (await read_frame(reader)).decode()
            room = self.rooms.setdefault(name, Room(name))
            while body := await read_frame(reader):
                room.say(body)
                writer.write(frame(b"%08x" % zlib.crc32(body)))
                await writer.drain()
        finally:
            self.tasks.discard(task)
            writer.close()


async def guest(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(f"room{number % 5}".encode()))
    checksum = 0
    for n in range(20):
        writer.write(frame(f"guest {number} says {n} ".encode() * 12))
        checksum ^= int(await read_frame(reader), 16)
    writer.write(frame(b""))
    await reader.read()
    writer.close()
    return checksum


async def main():
    relay = Relay()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    checksum = 0
    for number in range(420):
        checksum ^= await guest(port, number)
    server.close()
    for name, room in sorted(relay.rooms.items()):
        print(name, room.messages, len(room.history))
    print(f"{checksum:08x}", "running", len(relay.tasks))


if __name__ == "__main__":
    asyncio.run(main())
