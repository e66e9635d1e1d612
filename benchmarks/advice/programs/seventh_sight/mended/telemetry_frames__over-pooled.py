import asyncio
import random
import threading


class Frame:
    __slots__ = ("source", "seq", "value", "tags")

    def __init__(self, source, seq, value):
        self.source = source
        self.seq = seq
        self.value = value
        self.tags = None


class FramePool:
    def __init__(self, size):
        self._lock = threading.Lock()
        self._free = []
        self.taken = 0

    def acquire(self, source, seq, value):
        with self._lock:
            frame = self._free.pop() if self._free else Frame()
            self.taken += 1
        frame.source = source
        frame.seq = seq
        frame.value = value
        return frame

    def release(self, frame):
        frame.source = 0
        frame.seq = 0
        frame.value = 0.0
        frame.tags = None
        with self._lock:
            if len(self._free) < 256:
                self._free.append(frame)


class Smoother:
    def __init__(self, alpha):
        self.alpha = alpha
        self.state = {}

    def feed(self, frame):
        old = self.state.get(frame.source, frame.value)
        new = old + self.alpha * (frame.value - old)
        self.state[frame.source] = new
        return new


class Pipeline:
    def __init__(self, pool, stages):
        self.pool = pool
        self.stages = stages
        self.handled = 0

    def process(self, source, seq, value):
        frame = Frame(source, seq, value)
        for stage in self.stages:
            frame.value = stage.feed(frame)
        result = frame.value
        self.handled += 1
        return result


async def station(pipeline, ident, rng, rounds):
    peak = 0.0
    for seq in range(rounds):
        value = pipeline.process(ident, seq, rng.random())
        if value > peak:
            peak = value
        if seq % 400 == 0:
            await asyncio.sleep(0)
    return peak


async def main():
    pipeline = Pipeline(FramePool(64), [Smoother(0.3)])
    stations = [station(pipeline, n, random.Random(n), 20_000) for n in range(40)]
    peaks = await asyncio.gather(*stations)
    print(pipeline.handled, round(max(peaks), 9))


if __name__ == "__main__":
    asyncio.run(main())
