"""An index of sets that is built first; after that the program sleeps, and looks up once."""

import time
from collections import defaultdict

INDEX = defaultdict(list)


def build():
    for number in range(40_000):
        INDEX[number % 5_000].append(f"document {number} is found here")


def main():
    build()
    time.sleep(1.2)
    print(len(INDEX))


main()
