"""A table that is loaded in a moment, and then only waited upon."""

import time

TABLE = {}


def load():
    for number in range(30_000):
        TABLE[number] = f"entry {number} of the table, with some words"


def serve():
    for _ in range(12):
        time.sleep(0.1)


load()
serve()
print(len(TABLE))
