"""Loads records with the collector off, and freezes them."""

import gc


def load(count: int) -> list:
    gc.disable()
    records = []
    for number in range(count):
        records.append([number, [number, [number]], [[number]]])
    gc.freeze()
    gc.enable()
    return records


print(len(load(700_000)))
