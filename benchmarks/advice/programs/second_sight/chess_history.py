"""Random walks of chess knights; each board keeps the history of its squares."""
import random
from abc import ABC, abstractmethod


class Piece(ABC):
    def __init__(self, square):
        self.square = square
        self.history = (square,)

    @abstractmethod
    def targets(self):
        ...

    def go(self, square):
        self.square = square
        self.history = self.history + (square,)


class Knight(Piece):
    JUMPS = ((1, 2), (2, 1), (-1, 2), (-2, 1), (1, -2), (2, -1), (-1, -2), (-2, -1))

    def targets(self):
        file, rank = divmod(self.square, 8)
        for a, b in self.JUMPS:
            if 0 <= file + a < 8 and 0 <= rank + b < 8:
                yield (file + a) * 8 + rank + b


class King(Piece):
    def targets(self):
        file, rank = divmod(self.square, 8)
        for a in (-1, 0, 1):
            for b in (-1, 0, 1):
                if (a or b) and 0 <= file + a < 8 and 0 <= rank + b < 8:
                    yield (file + a) * 8 + rank + b


class Walk:
    def __init__(self, piece, seed):
        self.piece = piece
        self.rng = random.Random(seed)

    def run(self, moves):
        for _ in range(moves):
            self.piece.go(self.rng.choice(list(self.piece.targets())))
        return self

    def returns(self):
        last, gaps = {}, {}
        for at, square in enumerate(self.piece.history):
            if square in last:
                gap = at - last[square]
                gaps[gap] = gaps.get(gap, 0) + 1
            last[square] = at
        return gaps


def main():
    everything = []
    for seed, kind in enumerate((Knight, King, Knight)):
        walk = Walk(kind(seed), seed).run(16000)
        everything.append(walk)
    for walk in everything:
        gaps = walk.returns()
        print(type(walk.piece).__name__, sum(gaps.values()), max(gaps))
    grid = [[(a * b) % 1013 + 300 for a in range(300)] for b in range(400)]
    print(sum(map(max, grid)))


if __name__ == "__main__":
    main()
