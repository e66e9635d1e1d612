"""Estimate tone strengths of a long synthetic recording with Goertzel filters."""
import math
import random


def goertzel(samples, start, length, rate, tone):
    coeff = 2.0 * math.cos(2.0 * math.pi * tone / rate)
    s1 = s2 = 0.0
    for i in range(start, start + length):
        s1, s2 = samples[i] + coeff * s1 - s2, s1
    return math.sqrt(abs(s1 * s1 + s2 * s2 - coeff * s1 * s2)) / length


def record(seconds, rate, tones):
    rng = random.Random(1)
    samples = []
    for i in range(seconds * rate):
        t = i / rate
        value = 0.05 * (rng.random() - 0.5)
        for tone in tones:
            value += math.sin(6.283185307 * tone * t)
        samples.append(value)
    return samples


def envelope(samples, window):
    return [max(samples[i:i + window]) for i in range(0, len(samples), window)]


def main():
    rate = 8_000
    samples = record(220, rate, [440.0])
    loudness = envelope(samples, 40_000)
    for tone in (220.0, 440.0, 880.0):
        levels = [goertzel(samples, at, 4_000, rate, tone) for at in range(0, len(samples) - 4_000, 80_000)]
        print(tone, f"{sum(levels) / len(levels):.6f}")
    print(len(samples), f"{min(loudness):.4f} {max(loudness):.4f}")


if __name__ == "__main__":
    main()
