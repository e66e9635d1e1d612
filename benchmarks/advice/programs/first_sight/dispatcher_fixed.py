"""In-process asyncio request dispatcher: clients, a routing layer and worker tasks."""
import asyncio
import random
import time
from dataclasses import dataclass, field


# may: compact
@dataclass
class Message:
    cid: int
    path: str
    body: str


@dataclass
class Exchange:
    message: Message
    trace: list = field(default_factory=list)
    status: int = 0

    def note(self, what):
        self.trace.append((what, len(self.trace)))


class Router:
    def __init__(self):
        self._routes = {}

    def route(self, prefix):
        def add(fn):
            self._routes[prefix] = fn
            return fn
        return add

    def find(self, path):
        return self._routes.get(path.split("/")[1])


router = Router()


@router.route("sum")
async def do_sum(ex):
    ex.note("sum")
    return str(sum(map(int, ex.message.body.split(","))))


@router.route("rev")
async def do_rev(ex):
    ex.note("rev")
    await asyncio.sleep(0)
    return ex.message.body[::-1]


class Server:
    def __init__(self, workers):
        self.queue = asyncio.Queue(maxsize=64)
        self.inflight = {}
        self.done = 0
        self.failed = 0
        self.workers = [asyncio.ensure_future(self._work()) for _ in range(workers)]

    async def submit(self, message):
        reply = asyncio.get_running_loop().create_future()
        exchange = Exchange(message)
        exchange.note("queued")
        self.inflight[message.cid] = exchange
        await self.queue.put((message.cid, reply))
        try:
            return await reply
        finally:
            del self.inflight[message.cid]

    async def _work(self):
        while True:
            cid, reply = await self.queue.get()
            exchange = self.inflight[cid]
            exchange.note("taken")
            handler = router.find(exchange.message.path)
            if handler is None:
                exchange.status = 404
                self.failed += 1
                reply.set_result("")
            else:
                reply.set_result(await handler(exchange))
                exchange.status = 200
                self.done += 1

    async def close(self):
        for w in self.workers:
            w.cancel()
        await asyncio.gather(*self.workers, return_exceptions=True)


async def client(server, number, requests):
    rng = random.Random(number)
    total = 0
    for i in range(requests):
        path = rng.choice(["/sum/a", "/rev/b", "/rev/c", "/gone"])
        body = ",".join(str(rng.randrange(1000)) for _ in range(40))
        total += len(await server.submit(Message(i * 100 + number, path, body)))
    return total


async def run():
    server = Server(4)
    sizes = await asyncio.gather(*(client(server, n, 1600) for n in range(20)))
    await server.close()
    print("bytes", sum(sizes), "done", server.done, "failed", server.failed)


if __name__ == "__main__":
    asyncio.run(run())
