"""Inverts Hilbert matrices exactly with fractions; every step makes new rows, and they are small."""

# forbid: pool reuse-buffer gc-pressure grow-copy over-pooled

from fractions import Fraction
from math import prod


class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    @classmethod
    def identity(cls, size):
        return cls([Fraction(int(i == j)) for j in range(size)] for i in range(size))

    @classmethod
    def hilbert(cls, size):
        return cls([Fraction(1, i + j + 1) for j in range(size)] for i in range(size))

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([sum(a * b for a, b in zip(row, column)) for column in columns] for row in self.rows)

    def __eq__(self, other):
        return self.rows == other.rows

    def inverse(self):
        size = len(self.rows)
        work = [row + unit for row, unit in zip(self.rows, Matrix.identity(size).rows)]
        for i in range(size):
            pivot = next(r for r in range(i, size) if work[r][i])
            work[i], work[pivot] = work[pivot], work[i]
            head = work[i][i]
            work[i] = [value / head for value in work[i]]
            for r in range(size):
                if r != i and work[r][i]:
                    factor = work[r][i]
                    work[r] = [a - factor * b for a, b in zip(work[r], work[i])]
        return Matrix(row[size:] for row in work)


def main():
    digest = 0
    for size in range(2, 26):
        hilbert = Matrix.hilbert(size)
        inverse = hilbert.inverse()
        assert hilbert @ inverse == Matrix.identity(size)
        assert all(value.denominator == 1 for row in inverse.rows for value in row)
        corner = prod(int(inverse.rows[i][i]) for i in range(size))
        digest = (digest * 1009 + corner) % 1_000_000_007
    print(digest, int(inverse.rows[-1][-1]))


if __name__ == "__main__":
    main()
