import random
import zlib

from board import parse
from solver import Solver

SEED_BOARD = "123456789456789123789123456214365897365897214897214365531642978642978531978531642"


def puzzles(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        digits = rng.sample("123456789", 9)
        text = SEED_BOARD.translate(str.maketrans("123456789", "".join(digits)))
        marks = list(text)
        for cell in rng.sample(range(81), 52):
            marks[cell] = "."
        yield "".join(marks)


def main():
    solver = Solver(random.Random(39).randbytes(6_000_000))
    check = solved = 0
    for text in puzzles(330, 40):
        board = parse(text)
        solved += solver.solve(board)
        check = zlib.crc32(board, check)
    print(solved, solver.nodes, solver.taste, f"{check:08x}")


main()
