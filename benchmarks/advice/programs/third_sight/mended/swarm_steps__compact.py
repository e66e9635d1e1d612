import random


class Mote:
    __slots__ = ("ident", "col", "row", "course", "hue", "hits")

    def __init__(self, ident, col, row, course, hue):
        self.ident = ident
        self.col = col
        self.row = row
        self.course = course
        self.hue = hue
        self.hits = 0

    def advance(self, board):
        step = board.steps[self.course]
        self.col = (self.col + step[0]) % board.width
        self.row = (self.row + step[1]) % board.height
        if board.stones[self.row * board.width + self.col]:
            self.course = (self.course + 3) & 7
            self.hits += 1


class Board:
    steps = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]

    def __init__(self, width, height, rng):
        self.width = width
        self.height = height
        self.stones = bytes(rng.random() < 0.07 for _ in range(width * height))


class Swarm:
    def __init__(self, count, seed):
        rng = random.Random(seed)
        self.board = Board(250, 250, rng)
        self.motes = [
            Mote(i, rng.randrange(250), rng.randrange(250), rng.randrange(8), rng.randrange(16))
            for i in range(count)
        ]

    def run(self, rounds):
        board = self.board
        for _ in range(rounds):
            for mote in self.motes:
                mote.advance(board)

    def census(self):
        hues = [0] * 16
        for mote in self.motes:
            hues[mote.hue] += mote.hits
        far = max(self.motes, key=lambda m: (m.hits, m.ident))
        return hues, far.ident, far.hits, sum(m.col * 7 + m.row for m in self.motes)


def main():
    swarm = Swarm(280000, 4)
    swarm.run(5)
    hues, ident, hits, mix = swarm.census()
    print("hues", hues)
    print("most", ident, hits, "mix", mix)


if __name__ == "__main__":
    main()
