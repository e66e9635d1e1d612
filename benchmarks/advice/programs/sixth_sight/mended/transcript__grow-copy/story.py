import random
from typing import Iterator, NamedTuple

WORDS = ("river level sluice gate pump flood meadow report permit dike "
         "budget motion vote table minute clerk map survey basin").split()


class Turn(NamedTuple):
    at: int
    speaker: str
    text: str


class Dialogue:
    def __init__(self, seed, speakers):
        self.rng = random.Random(seed)
        self.speakers = speakers

    def turns(self, count) -> Iterator[Turn]:
        at = 0
        for _ in range(count):
            at += self.rng.randrange(1, 9)
            words = self.rng.choices(WORDS, k=self.rng.randrange(6, 22))
            yield Turn(at, self.rng.choice(self.speakers), " ".join(words))
