"""Remove drift from a long recording; residuals are compared with the recording itself."""
# forbid: release-early compact
import math
import random
from array import array


class Recording:
    def __init__(self, rate):
        self.rate = rate

    def capture(self, seconds, seed):
        rng = random.Random(seed)
        n = self.rate * seconds
        drift = 0.0
        out = array("d")
        for i in range(n):
            drift += rng.gauss(0, 0.002)
            out.append(drift + math.sin(i * 0.05))
        return out


def moving_mean(data, half):
    out = array("d", [0.0]) * len(data)
    total = sum(data[:half])
    count = half
    n = len(data)
    for i in range(n):
        if i + half < n:
            total += data[i + half]
            count += 1
        if i - half - 1 >= 0:
            total -= data[i - half - 1]
            count -= 1
        out[i] = total / count
    return out


def residual(data, mean):
    return array("d", map(float.__sub__, data, mean))


def decimate(data, factor):
    return array("d", (sum(data[i:i + factor]) / factor for i in range(0, len(data) - factor, factor)))


def correlation(a, b):
    n = len(a)
    ma, mb = math.fsum(a) / n, math.fsum(b) / n
    sab = saa = sbb = 0.0
    for x, y in zip(a, b):
        sab += (x - ma) * (y - mb)
        saa += (x - ma) ** 2
        sbb += (y - mb) ** 2
    return sab / math.sqrt(saa * sbb)


def energy(a):
    return math.sqrt(math.fsum(x * x for x in a) / len(a))


def main():
    recording = Recording(5000).capture(100, 3)
    mean = moving_mean(recording, 700)
    clean = residual(recording, mean)
    print(f"energy {energy(recording):.5f} drift {energy(mean):.5f} rest {energy(clean):.5f}")
    small = decimate(clean, 50)
    print("decimated", len(small), f"{energy(small):.5f}")
    print(f"rest/recording {correlation(clean, recording):.6f}")
    print(f"mean/recording {correlation(mean, recording):.6f}")
    worst = max(range(len(clean)), key=lambda i: abs(clean[i]))
    print("worst", worst, f"{recording[worst]:.4f} {mean[worst]:.4f} {clean[worst]:.4f}")


if __name__ == "__main__":
    main()
