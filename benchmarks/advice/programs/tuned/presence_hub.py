"""A presence hub: clients join, say a few things and leave; idle clients would be dropped."""
import asyncio
import hashlib


class Session:
    def __init__(self, name):
        self.name = name
        self.left = asyncio.Event()
        self.recent = []

    def digest(self):
        return hashlib.md5(b"".join(self.recent)).digest()


class Hub:
    def __init__(self, idle_limit):
        self.idle_limit = idle_limit
        self.online = {}
        self.watchers = set()
        self.served = 0
        self.checksum = 0

    async def watch(self, session):
        """Drops a session that stays idle for too long."""
        await asyncio.sleep(self.idle_limit)
        self.online.pop(session.name, None)

    async def handle(self, reader, writer):
        name = (await reader.readline()).decode().strip()
        session = self.online[name] = Session(name)
        watcher = asyncio.create_task(self.watch(session))
        self.watchers.add(watcher)  # advise: leak
        watcher.add_done_callback(self.watchers.discard)
        async for line in reader:
            session.recent.append(line)
            writer.write(b"ok\n")
        session.left.set()
        self.online.pop(name, None)
        self.served += 1
        self.checksum ^= int.from_bytes(session.digest()[:4], "big")
        writer.close()


async def visitor(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"guest{number}\n".encode())
    for n in range(8):
        writer.write(f"{number}:{n} {'hello ' * 20}\n".encode())
        await reader.readline()
    writer.write_eof()
    await reader.read()
    writer.close()


async def main():
    hub = Hub(idle_limit=900)
    server = await asyncio.start_server(hub.handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for first in range(0, 1000, 5):
        await asyncio.gather(*(visitor(port, first + n) for n in range(5)))
    server.close()
    print("served", hub.served, "online", len(hub.online), f"{hub.checksum:08x}")


asyncio.run(main())
