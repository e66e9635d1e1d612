"""Despike a measured series: the samples are needed for the spread and again for the filter."""
import math
import random
from array import array
from bisect import insort, bisect_left


def measure(seed, count):
    rng = random.Random(seed)
    for i in range(count):
        spike = 40.0 if rng.random() < 0.004 else 0.0
        yield 10 * math.sin(i / 700) + rng.gauss(0, 1) + spike


def spread(samples):
    mean = math.fsum(samples) / len(samples)
    return mean, math.sqrt(math.fsum((s - mean) ** 2 for s in samples) / len(samples))


def despike(samples, limit, width):
    window = sorted(samples[:width])
    repaired = 0
    total = 0.0
    for i in range(width, len(samples)):
        median = window[width // 2]
        value = samples[i]
        if abs(value - median) > limit:
            value = median
            repaired += 1
        total += value
        del window[bisect_left(window, samples[i - width])]
        insort(window, samples[i])
    return repaired, total


def main():
    samples = array("d", measure(41, 300_000))
    mean, sigma = spread(samples)
    repaired, total = despike(samples, 4 * sigma, 15)
    print(f"mean {mean:.5f} sigma {sigma:.5f} repaired {repaired} total {total:.4f}")


if __name__ == "__main__":
    main()
