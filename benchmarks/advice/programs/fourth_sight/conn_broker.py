"""Runs queries over a handful of (simulated) backend connections."""
import random
import zlib
from collections import deque


class BackendError(Exception):
    pass


class Connection:
    opened = 0

    def __init__(self):
        Connection.opened += 1
        self.number = Connection.opened
        self.sndbuf = bytearray(96 * 1024)
        self.rcvbuf = bytearray(96 * 1024)
        self.session = {i: zlib.crc32(b"%d" % i) for i in range(400)}

    def query(self, text):
        raw = text.encode()
        self.sndbuf[:len(raw)] = raw
        key = zlib.crc32(raw)
        if key % 141 == 0:
            raise BackendError(f"refused {text[:14]}")
        n = key % 900
        self.rcvbuf[:n] = bytes([key % 251]) * n
        return sum(self.rcvbuf[:n]) + self.session[key % 400] % 7


class Broker:
    def __init__(self):
        self.idle = deque()
        self.every = []

    def checkout(self):
        if self.idle:
            return self.idle.pop()
        conn = Connection()
        self.every.append(conn)
        return conn

    def checkin(self, conn):
        self.idle.append(conn)

    def fetch(self, text):
        conn = self.checkout()
        answer = conn.query(text)
        self.checkin(conn)
        return answer

    def shutdown(self):
        for conn in self.every:
            conn.sndbuf = conn.rcvbuf = None


def main():
    rng = random.Random(51)
    broker = Broker()
    total = refused = 0
    for _ in range(110_000):
        table = rng.choice(("orders", "people", "stock"))
        text = f"select * from {table} where id = {rng.randrange(10**6)}"
        try:
            total += broker.fetch(text)
        except BackendError:
            refused += 1
    broker.shutdown()
    print("total", total, "refused", refused)


if __name__ == "__main__":
    main()
