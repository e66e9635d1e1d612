import asyncio
import hashlib
import random
from collections import deque


class Camera:
    def __init__(self, seed, size):
        self.rng = random.Random(seed)
        self.size = size

    def expose(self):
        return self.rng.randbytes(self.size)


class Recorder:
    def __init__(self, seconds):
        self.ring = deque(maxlen=seconds)
        self.alarms = []

    def push(self, number, frame):
        self.ring.append((number, frame))
        if frame[0] > 250:
            self.alarms.append(self.evidence())

    def evidence(self):
        state = hashlib.sha256()
        for number, frame in self.ring:
            state.update(b"%d" % number)
            state.update(frame)
        return state.hexdigest()[:12]


async def record(camera, recorder, frames):
    for number in range(frames):
        recorder.push(number, camera.expose())
        await asyncio.sleep(0)


async def main():
    recorders = [Recorder(24), Recorder(40)]
    await asyncio.gather(*(record(Camera(n, 300_000), r, 200) for n, r in enumerate(recorders)))
    for recorder in recorders:
        print(len(recorder.ring), recorder.alarms[-3:], recorder.evidence())


if __name__ == "__main__":
    asyncio.run(main())
