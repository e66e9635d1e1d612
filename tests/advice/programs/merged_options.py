"""Dictionaries that are merged for each call, and grow nothing."""

import random

DEFAULTS = {f"option {number}": number for number in range(60)}


def options(**given):
    return {**DEFAULTS, **given}


def document(rng):
    return {f"field {number}": number for number in range(rng.choice((3, 9, 30, 100, 400)))}


def annotated(record, rank):
    copied = dict(record)
    copied["rank"] = rank
    return copied


def main():
    rng = random.Random(3)
    sizes = 0
    for number in range(4_000):
        sizes += len(options(width=number))
        sizes += len(annotated(document(rng), number))
    print(sizes)


main()
