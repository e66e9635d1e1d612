"""Which first bites win at Chomp on small boards."""
from functools import lru_cache


def bite(board, row, col):
    return board[:row] + tuple(min(n, col) for n in board[row:])


def bites(board):
    for row, length in enumerate(board):
        for col in range(length):
            if row or col:
                yield row, col


def tidy(board):
    return tuple(n for n in board if n)


@lru_cache(maxsize=None)
def winning(board):
    return any(not winning(tidy(bite(board, row, col))) for row, col in bites(board))


@lru_cache(maxsize=None)
def longest(board):
    ends = [longest(tidy(bite(board, row, col))) for row, col in bites(board)]
    return 1 + max(ends, default=0)


def first_bites(rows, cols):
    board = (cols,) * rows
    return [(r, c) for r, c in bites(board) if not winning(tidy(bite(board, r, c)))]


def sketch(board):
    return " ".join("o" * n for n in board)


def main():
    for rows in range(2, 7):
        for cols in (rows, rows + 3):
            found = first_bites(rows, cols)
            print(f"{rows}x{cols}", "bites", found, sketch(tidy(bite((cols,) * rows, *found[0]))))
    print("longest", longest((8, 8, 8, 8, 8)), longest((9, 5, 3, 1)))
    print("boards", winning.cache_info().currsize, longest.cache_info().currsize)


if __name__ == "__main__":
    main()
