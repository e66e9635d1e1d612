"""Loads records as nested lists, with the collector at work all the while."""


def load(count: int) -> list:
    records = []
    for number in range(count):
        records.append([number, [number, [number]], [[number]]])  # advise: gc-pressure
    return records


print(len(load(700_000)))
