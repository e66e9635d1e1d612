"""Jobs given to an executor one by one: what is left are tuples that the interpreter keeps."""

from concurrent.futures import ThreadPoolExecutor


def weigh(name, number):
    return len(name) + number


def main():
    total = 0
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(weigh, f"name {n}", n) for n in range(25_000)]
        for future in futures:
            total += future.result()
    print(total)


main()
