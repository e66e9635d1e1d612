import math
import random
from array import array


def sample(count, seed):
    rng = random.Random(seed)
    gauss = rng.gauss
    return array("d", (gauss(70.0, 9.0) for _ in range(count)))


def mean_of(values):
    return math.fsum(values) / len(values)


def deviation(values, mean):
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))


def quantiles(values, cuts):
    ordered = sorted(values)
    return [ordered[int(c * (len(ordered) - 1))] for c in cuts]


def bins(values, low, width, count):
    heights = [0] * count
    for v in values:
        slot = int((v - low) // width)
        if 0 <= slot < count:
            heights[slot] += 1
    return heights


def bars(heights, scale):
    top = max(heights)
    for i, h in enumerate(heights):
        yield f"{i:3d} {'#' * (h * scale // top)}"


def main():
    values = sample(600000, 23)
    mean = mean_of(values)
    print(f"mean {mean:.5f} deviation {deviation(values, mean):.5f}")
    print(*(f"{q:.4f}" for q in quantiles(values, (0.05, 0.5, 0.95))))
    for bar in bars(bins(values, 40.0, 5.0, 12), 40):
        print(bar)


if __name__ == "__main__":
    main()
