import asyncio
import hashlib


class Hooks:
    def __init__(self):
        self.on_finish = []

    def fire(self, *args):
        for hook in self.on_finish:
            hook(*args)


class UploadSession:
    def __init__(self, ident, manager):
        self.ident = ident
        self.manager = manager
        self.body = bytearray()
        self.hooks = Hooks()
        self.hooks.on_finish.append(lambda digest: manager.completed(self, digest))

    def receive(self, part):
        self.body.extend(part)

    def finish(self):
        digest = hashlib.blake2s(self.body).hexdigest()
        self.hooks.fire(digest)
        self.hooks.on_finish.clear()


class SessionManager:
    def __init__(self):
        self.active = {}
        self.sizes = 0
        self.mixed = 0

    def open(self, ident):
        session = self.active[ident] = UploadSession(ident, self)
        return session

    def completed(self, session, digest):
        del self.active[session.ident]
        self.sizes += len(session.body)
        self.mixed += int(digest[:12], 16)


async def client(manager, ident, uploads):
    part = bytes([ident]) * 16_384
    for n in range(uploads):
        session = manager.open(ident * 10_000 + n)
        for _ in range(6 + n % 5):
            session.receive(part)
            await asyncio.sleep(0)
        session.finish()


async def main():
    manager = SessionManager()
    await asyncio.gather(*(client(manager, ident, 280) for ident in range(1, 13)))
    print(len(manager.active), manager.sizes, manager.mixed)


if __name__ == "__main__":
    asyncio.run(main())
