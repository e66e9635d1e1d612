"""Pairs given to an executor's map, the answers summed in a loop."""

from concurrent.futures import ThreadPoolExecutor
from operator import add


def main():
    total = 0
    with ThreadPoolExecutor(2) as pool:
        for answer in pool.map(add, range(25_000), range(1, 25_001)):
            total += answer
    print(total)


main()
