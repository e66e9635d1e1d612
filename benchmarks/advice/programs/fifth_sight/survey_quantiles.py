import math
import random
from array import array


def answers(count, seed=20):
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.lognormvariate(3.1, 0.6)


class Sample:
    """Holds a measured sample; every statistic goes over the values again."""

    def __init__(self, values):
        self.values = array("d", values)

    def mean(self):
        return math.fsum(self.values) / len(self.values)

    def deviation(self):
        mean = self.mean()
        return math.sqrt(math.fsum((v - mean) ** 2 for v in self.values) / len(self.values))

    def between(self, low, high):
        return sum(1 for v in self.values if low <= v < high)

    def quantile(self, q, rounds=24):
        """Bisection on the count, no ordering needed."""
        low, high = 0.0, max(self.values)
        want = q * len(self.values)
        for _ in range(rounds):
            middle = (low + high) / 2
            if sum(map(middle.__gt__, self.values)) < want:
                low = middle
            else:
                high = middle
        return high

    def histogram(self, width, bins):
        counts = [0] * bins
        for v in self.values:
            counts[min(bins - 1, int(v / width))] += 1
        return counts


def main():
    sample = Sample(answers(700_000))
    print("mean %.4f deviation %.4f" % (sample.mean(), sample.deviation()))
    print("median %.3f" % sample.quantile(0.5, rounds=12))
    print("between", sample.between(10, 30))
    print(sample.histogram(10, 8))


if __name__ == "__main__":
    main()
