"""asyncio publish/subscribe hub: publishers push framed messages, subscribers filter and count."""
import asyncio
import json
import random
import re


class Filter:
    """Topic filter with + and # wildcards, in the style of MQTT."""

    def __init__(self):
        self.rules = {}
        self.memo = {}

    def add(self, pattern):
        body = re.escape(pattern).replace(r"\+", "[^/]+").replace(r"\#", ".*")
        self.rules[pattern] = re.compile(body)

    def matches(self, topic):
        return [p for p, r in self.rules.items() if r.fullmatch(topic)]


class Codec:
    def __init__(self):
        self.decoder = json.JSONDecoder(parse_float=float, object_pairs_hook=dict)
        self.encoder = json.JSONEncoder(separators=(",", ":"), sort_keys=True)
        self.table = {chr(c): f"%{c:02x}" for c in range(128) if not chr(c).isalnum() and c != 47}

    def unpack(self, raw):
        msg = self.decoder.decode(raw)
        msg["topic"] = "".join(self.table.get(c, c) for c in msg["topic"])
        return msg

    def pack(self, msg):
        return self.encoder.encode(msg)


# may: compact
class Hub:
    acks = {}

    def __init__(self):
        self.filter = Filter()
        self.queues = {}
        self.next_id = 0

    def subscribe(self, pattern):
        self.filter.add(pattern)
        queue = self.queues[pattern] = asyncio.Queue()
        return queue

    async def publish(self, raw):
        codec = Codec()  # advise: pool
        msg = codec.unpack(raw)
        self.next_id += 1
        targets = self.filter.matches(msg["topic"])
        self.acks[self.next_id] = dict.fromkeys(targets, False)  # advise: leak
        packed = codec.pack(msg)
        for name in targets:
            await self.queues[name].put((self.next_id, packed))

    def ack(self, number, name):
        self.acks[number][name] = True


async def subscriber(hub, name, queue, stats):
    while True:
        number, packed = await queue.get()
        if packed is None:
            break
        stats[name] = stats.get(name, 0) + len(packed)
        hub.ack(number, name)


async def publisher(hub, seed, n):
    rng = random.Random(seed)
    for i in range(n):
        topic = f"plant/{rng.choice('abc')}/{rng.choice(['temp', 'power', 'door open'])}"
        await hub.publish(json.dumps({"topic": topic, "value": rng.randrange(1000), "from": seed}))
        if i % 10 == 0:
            await asyncio.sleep(0)


async def run():
    hub = Hub()
    stats = {}
    names = ["plant/#", "plant/+/temp", "plant/b/+"]
    tasks = []
    for name in names:
        tasks.append(asyncio.create_task(subscriber(hub, name, hub.subscribe(name), stats)))
    await asyncio.gather(*(publisher(hub, seed, 5000) for seed in range(6)))
    for name in names:
        await hub.queues[name].put((0, None))
    await asyncio.gather(*tasks)
    for name in names:
        print(name, stats[name])
    print("messages", hub.next_id)


if __name__ == "__main__":
    asyncio.run(run())
