"""Relax the temperature of a plate and summarise it per band."""
import numpy as np


class Plate:
    def __init__(self, side, seed):
        rng = np.random.default_rng(seed)
        self.start = rng.random((side, side)) * 20.0
        self.start[0, :] = 100.0
        self.start[:, -1] = 60.0

    def relax(self, rounds):
        field = self.start.copy()
        for _ in range(rounds):
            for top in range(1, field.shape[0] - 1, 200):
                end = min(top + 200, field.shape[0] - 1)
                middle = field[top - 1:end - 1, 1:-1] + field[top + 1:end + 1, 1:-1]
                middle += field[top:end, :-2]
                middle += field[top:end, 2:]
                middle *= 0.25
                field[top:end, 1:-1] = middle
        return field


def bands(field, count):
    return [float(part.mean()) for part in np.array_split(field, count)]


def main():
    plate = Plate(2_600, 8)
    field = plate.relax(18)
    print(" ".join(f"{mean:.4f}" for mean in bands(field, 6)))
    print(f"{field.max():.3f} {field.min():.5f}")


if __name__ == "__main__":
    main()
