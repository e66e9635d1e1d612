"""A load of nested containers while the collector looks through all of them."""


def load(count):
    kept = []
    for number in range(count):
        kept.append([[number], [number + 1], [[number]]])  # advise: gc-pressure
    return kept


kept = load(250_000)
print(len(kept))
