import random
import zlib


def expose(seed, size):
    return random.Random(seed).randbytes(size)


def histogram(frame):
    thin = frame[::32]
    return [thin.count(bytes([level])) for level in range(256)]


def equalise(counts):
    total, acc, curve = sum(counts), 0, []
    for c in counts:
        acc += c
        curve.append(acc * 255 // total)
    return bytes(curve)


def plates(curve, count, size):
    rng = random.Random(curve[128])
    return [rng.randbytes(size).translate(curve) for _ in range(count)]


def contrast(plate):
    thin = plate[::4096]
    return sum(abs(a - b) for a, b in zip(thin, thin[1:]))


def develop(seed):
    frame = expose(seed, 24 << 20)
    counts = histogram(frame)
    del frame
    curve = equalise(counts)
    middle = counts[120:136]
    sheets = plates(curve, 9, 6 << 20)
    marks = sorted((contrast(s), zlib.crc32(s)) for s in sheets)
    best = marks[-1]
    spread = best[0] - marks[0][0]
    return sum(middle), best, spread


def main():
    for seed in (3, 4):
        middle, (score, crc), spread = develop(seed)
        print(f"seed {seed} middle {middle} score {score} crc {crc:08x} spread {spread}")


if __name__ == "__main__":
    main()
