import hashlib
import random
from collections import defaultdict


class Bus:
    def __init__(self):
        self.listeners = defaultdict(list)
        self.sent = 0

    def on(self, topic, callback):
        self.listeners[topic].append(callback)

    def off(self, topic, callback):
        self.listeners[topic].remove(callback)

    def emit(self, topic, **details):
        self.sent += 1
        for callback in list(self.listeners.get(topic, ())):
            callback(**details)


class Artifact:
    def __init__(self, name, body):
        self.name = name
        self.body = body
        self.digest = hashlib.sha256(body).hexdigest()


class Builder:
    def __init__(self, bus):
        self.bus = bus
        self.finished = []

    def build(self, job, source):
        artifact = Artifact(f"job-{job}", source * 24)
        progress = {"stage": "", "bytes": 0}

        def on_stage(stage, **_):
            progress["stage"] = stage
            progress["bytes"] = max(progress["bytes"], len(artifact.body))

        topic = f"stage:{artifact.name}"
        self.bus.on(topic, on_stage)
        for stage in ("fetch", "compile", "link"):
            self.bus.emit(topic, stage=stage)
        del self.bus.listeners[topic]
        checksum = int(artifact.digest[:6], 16)
        self.finished.append((job, progress["bytes"], checksum))
        return checksum


def sources(count, seed):
    rng = random.Random(seed)
    base = rng.randbytes(4096)
    for job in range(count):
        start = rng.randrange(2048)
        yield job, base[start:start + rng.randrange(300, 1800)]


def main():
    bus = Bus()
    builder = Builder(bus)
    total = 0
    for job, source in sources(8200, 19):
        total = (total * 3 + builder.build(job, source)) % 1_000_007
    biggest = max(builder.finished, key=lambda f: (f[1], f[0]))
    print(len(builder.finished), bus.sent, total)
    print(biggest, sum(size for _, size, _ in builder.finished))


if __name__ == "__main__":
    main()
