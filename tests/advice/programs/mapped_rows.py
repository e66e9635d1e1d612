"""Rows given to an executor by its map, which makes a tuple of each."""

from concurrent.futures import ThreadPoolExecutor


def length(row):
    return len(row)


def main():
    with ThreadPoolExecutor(3) as pool:
        print(sum(pool.map(length, (f"row {n}" * 4 for n in range(25_000)))))


main()
