"""Where the samples come from."""
from itertools import count, islice
from math import sin


def chirp():
    return (sin(n * n * 1e-7) * (1 + n % 1000 / 1000) for n in count())


def samples(number):
    return islice(chirp(), number)


def windows(signal, size):
    stream = iter(signal)
    while window := tuple(islice(stream, size)):
        yield window
