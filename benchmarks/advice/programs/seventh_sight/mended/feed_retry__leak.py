import random
import struct
import zlib

HEADER = struct.Struct(">IIH")


class FeedError(Exception):
    pass


class Corrupt(FeedError):
    pass


class Stale(FeedError):
    pass


def encode(rng, number, quotes):
    body = b"".join(struct.pack(">HI", rng.randrange(500), rng.randrange(1, 10 ** 6)) for _ in range(quotes))
    check = zlib.crc32(body) ^ (rng.random() < 0.2)
    return HEADER.pack(number if rng.random() > 0.1 else 0, check, quotes) + body


def decode(frame, newest):
    number, check, quotes = HEADER.unpack_from(frame)
    body = frame[HEADER.size:]
    prices = struct.unpack(f">{'HI' * quotes}", body)
    if zlib.crc32(body) != check:
        raise Corrupt(f"frame {number}: checksum")
    if number < newest:
        raise Stale(f"frame {number}: older than {newest}")
    return number, prices


class Feed:
    def __init__(self):
        self.newest = 0
        self.book = {}
        self.failures = []

    def accept(self, frame):
        try:
            self.newest, prices = decode(frame, self.newest)
        except FeedError as error:
            self.failures.append(error.with_traceback(None))
            return False
        self.book.update(zip(prices[::2], prices[1::2]))
        return True

    def report(self):
        kinds = {}
        for error in self.failures:
            kinds[type(error).__name__] = kinds.get(type(error).__name__, 0) + 1
        return sorted(kinds.items()), str(self.failures[-1])


def main():
    rng = random.Random(36)
    feed = Feed()
    accepted = 0
    for number in range(1, 2600):
        accepted += feed.accept(encode(rng, number, 200 + number % 90))
    print(accepted, len(feed.book), sum(feed.book.values()))
    print(*feed.report())


if __name__ == "__main__":
    main()
