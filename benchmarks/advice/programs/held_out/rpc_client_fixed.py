"""Pricing RPC over an in-process broker: correlation ids, futures, retries."""
import asyncio
import itertools
import json
import random


class Refused(Exception):
    pass


class Broker:
    """Answers quotes after a few turns of the loop; now and then it refuses."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.handler = None
        self.queue = asyncio.Queue()

    def publish(self, correlation, body):
        self.queue.put_nowait((correlation, body))

    async def serve(self):
        while True:
            correlation, body = await self.queue.get()
            if body is None:
                return
            basket = json.loads(body)["basket"]
            if self.rng.random() < 0.35:
                self.handler(correlation, {"status": "busy"})
            else:
                price = sum(line["qty"] * (line["sku"] % 89) for line in basket)
                self.handler(correlation, {"status": "ok", "price": price})


class PricingClient:
    def __init__(self, broker):
        self.broker = broker
        self.ids = itertools.count(1)
        self.inflight = {}
        self.refused = 0
        broker.handler = self.on_reply

    def on_reply(self, correlation, reply):
        future, _ = self.inflight.pop(correlation)
        if reply["status"] != "ok":
            self.refused += 1
            future.set_exception(Refused(correlation))
            return
        future.set_result(reply["price"])

    async def call(self, request):
        correlation = f"q-{next(self.ids):07d}"
        future = asyncio.get_running_loop().create_future()
        body = json.dumps(request)
        self.inflight[correlation] = (future, body)
        self.broker.publish(correlation, body)
        return await future

    async def quote(self, request, attempts=6):
        for _ in range(attempts):
            try:
                return await self.call(request)
            except Refused:
                await asyncio.sleep(0)
        return None


def baskets(n, seed=37):
    rng = random.Random(seed)
    for customer in range(n):
        lines = [{"sku": rng.randrange(10_000, 99_999), "qty": rng.randint(1, 9)} for _ in range(rng.randint(20, 60))]
        yield {"customer": customer, "currency": "EUR", "basket": lines}


async def shop(client, source, out):
    for request in source:
        out.append(await client.quote(request))


async def main():
    broker = Broker(seed=4)
    client = PricingClient(broker)
    server = asyncio.create_task(broker.serve())
    source, prices = baskets(11_000), []
    await asyncio.gather(*(shop(client, source, prices) for _ in range(8)))
    broker.publish("", None)
    await server
    known = [p for p in prices if p is not None]
    print(len(prices), len(known), sum(known), max(known))
    print("refused", client.refused)


if __name__ == "__main__":
    asyncio.run(main())
