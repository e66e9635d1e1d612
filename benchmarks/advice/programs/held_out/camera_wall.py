"""Assemble the picture of a video wall from four cameras and hand it to the encoder."""

import asyncio
import struct
from collections.abc import AsyncIterator

HEADER = struct.Struct("<4sIIQ")
QUARTER = 384 * 1024
FRAME = HEADER.size + 4 * QUARTER


class Camera:
    """Delivers pictures as read-only views of its ring of sensor memory."""

    def __init__(self, number: int) -> None:
        seed = bytes((number * 37 + i * 11) % 251 for i in range(251))
        self._ring = memoryview(seed * (2 * QUARTER // len(seed) + 1))
        self._tick = number

    def picture(self) -> memoryview:
        self._tick = (self._tick + 97) % QUARTER
        return self._ring[self._tick : self._tick + QUARTER]


class Encoder:
    """Takes whole frames; only the statistics of the stream are kept here."""

    def __init__(self) -> None:
        self.frames = 0
        self.signature = 0

    def feed(self, frame: memoryview) -> None:
        magic, number, _, clock = HEADER.unpack_from(frame)
        assert magic == b"WALL"
        self.frames += 1
        sample = sum(frame[HEADER.size :: 8191])
        self.signature = (self.signature * 31 + sample + number + clock) % 1_000_000_007


async def wall(cameras: list[Camera], count: int) -> AsyncIterator[memoryview]:
    for number in range(count):
        frame = bytearray(FRAME)  # advise: reuse-buffer
        view = memoryview(frame)
        HEADER.pack_into(frame, 0, b"WALL", number, len(cameras), number * 40)
        for place, camera in enumerate(cameras):
            start = HEADER.size + place * QUARTER
            view[start : start + QUARTER] = camera.picture()
        yield view
        await asyncio.sleep(0)


async def main() -> None:
    cameras = [Camera(number) for number in range(4)]
    encoder = Encoder()
    async for frame in wall(cameras, 7000):
        encoder.feed(frame)
    print(encoder.frames, "frames, signature", encoder.signature)


asyncio.run(main())
