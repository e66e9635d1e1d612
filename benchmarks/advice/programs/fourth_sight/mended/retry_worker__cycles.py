"""Fetch-with-retries over a flaky, simulated store."""
import random
import zlib


class Flaky(Exception):
    def __init__(self, attempt):
        super().__init__(f"attempt {attempt} failed")
        self.attempt = attempt


class Store:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.calls = 0

    def read_into(self, area, key):
        self.calls += 1
        if self.rng.random() < 0.55:
            raise Flaky(self.calls)
        area[:8] = key.to_bytes(8, "big")
        return 8 + key % 5000


def fetch(store, key, tries=6):
    area = bytearray(160_000)
    problem = 0
    for _ in range(tries):
        try:
            used = store.read_into(area, key)
        except Flaky as exc:
            problem = exc.attempt
        else:
            return zlib.crc32(memoryview(area)[:used]), problem
    return 0, problem


def main():
    store = Store(27)
    mark = given_up = last_trouble = 0
    for key in range(90_000):
        crc, attempt = fetch(store, key)
        mark ^= crc
        if crc == 0:
            given_up += 1
        last_trouble = max(last_trouble, attempt)
    print(f"{mark:08x} calls {store.calls} given up {given_up} last trouble {last_trouble}")


if __name__ == "__main__":
    main()
