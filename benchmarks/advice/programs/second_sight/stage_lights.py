"""Light desk: cues subscribe for as long as their scene lasts."""
import random
from abc import ABC, abstractmethod


class Signal:
    def __init__(self):
        self.slots = []

    def connect(self, slot):
        self.slots.append(slot)
        return slot

    def disconnect(self, slot):
        self.slots.remove(slot)

    def fire(self, *args):
        for slot in list(self.slots):
            slot(*args)


class Cue(ABC):
    def __init__(self, desk, lamps):
        self.desk = desk
        self.levels = bytearray(lamps)

    def __enter__(self):
        self.desk.beat.connect(self.update)
        return self

    def __exit__(self, *_):
        self.desk.beat.disconnect(self.update)

    @abstractmethod
    def update(self, beat):
        ...


class Fade(Cue):
    def update(self, beat):
        level = beat * 3 & 255
        self.levels[:: 7] = bytes([level]) * len(range(0, len(self.levels), 7))


class Chase(Cue):
    def update(self, beat):
        self.levels[beat % len(self.levels)] = 255


class Strobe(Fade):
    def update(self, beat):
        if beat % 2:
            super().update(beat + 1)


class Desk:
    def __init__(self, lamps):
        self.beat = Signal()
        self.lamps = lamps
        self.sum = 0

    def scene(self, kinds, beats):
        cues = [kind(self, self.lamps) for kind in kinds]
        for cue in cues:
            cue.__enter__()
        for number in range(beats):
            self.beat.fire(number)
        for cue in cues:
            self.sum += sum(cue.levels[::97])
            cue.__exit__(None, None, None)
        return cues


def main():
    rng = random.Random(1)
    desk = Desk(90_000)
    show = []
    for _ in range(70):
        show.extend(desk.scene([rng.choice((Fade, Chase, Strobe)) for _ in range(5)], 24))
        if len(show) > 300:
            del show[:5]
    print(desk.sum, len(desk.beat.slots), sum(max(cue.levels) for cue in show))


if __name__ == "__main__":
    main()
