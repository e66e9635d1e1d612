from dataclasses import dataclass

from .cleaning import day_of, usable


@dataclass(slots=True)
class Band:
    low: float = float("inf")
    high: float = 0.0
    kept: int = 0
    dropped: int = 0

    def take(self, value):
        if value < self.low:
            self.low = value
        if value > self.high:
            self.high = value
        self.kept += 1


class Guard:
    def __init__(self, opened):
        self.day = day_of(opened)
        self.bands = {}

    def consume(self, ticks):
        for pair, value, _ in ticks:
            band = self.bands.get(pair)
            if band is None:
                band = self.bands[pair] = Band()
            if usable(value):
                band.take(value)
            else:
                band.dropped += 1
