"""What is measured."""


def energy(window):
    return sum(value * value for value in window)


def energies(windows):
    return map(energy, windows)


def loudest(levels):
    return max(enumerate(levels), key=lambda pair: pair[1])


def quiet(levels, limit):
    return sum(level < limit for level in levels)
