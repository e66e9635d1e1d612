"""Mixes voices into stereo frames, with an overwriting renderer per voice."""
import zlib
from abc import ABC, abstractmethod

FRAME = 1 << 20


class Voice(ABC):
    def __init__(self, period):
        self.period = period
        self.table = bytes((k * 37 % 251) for k in range(period))

    @abstractmethod
    def render(self, into, number):
        ...


class Drone(Voice):
    def render(self, into, number):
        into[: len(self.table)] = self.table


class Pulse(Voice):
    def render(self, into, number):
        at = number * 997 % (FRAME - len(self.table))
        into[0x8000 : 0x8000 + len(self.table)] = self.table
        into[0x7000] = at & 0xFF


class Silence(Voice):
    def render(self, into, number):
        into[0x9000:0x9010] = bytes(16)


class Mixer:
    def __init__(self, voices):
        self.voices = voices
        self.digest = 0
        self.length = 0
        self.frame_buffer = bytearray(FRAME)

    def frame(self, number):
        out = self.frame_buffer
        for voice in self.voices:
            voice.render(out, number)
        self.emit(memoryview(out)[0x6000:0xA000])
        return out

    def emit(self, view):
        self.digest = zlib.adler32(view, self.digest)
        self.length += len(view)


def score():
    return [Drone(4096), Pulse(2048), Pulse(700), Silence(16)]


def main():
    takes = [tuple(range(k, k + 12)) for k in range(40_000)]
    mixer = Mixer(score())
    for number in range(9000):
        mixer.frame(number)
    print(mixer.length, "%08x" % mixer.digest, len(takes))


if __name__ == "__main__":
    main()
