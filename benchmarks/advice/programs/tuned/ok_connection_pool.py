"""Order desk: threads share a few SQLite connections; a failed order rolls back and hands its own back too."""

# forbid: pool over-pooled pool-leak leak

import os
import queue
import random
import sqlite3
import tempfile
import threading
from contextlib import contextmanager

SIZE = 3


class OutOfStock(Exception):
    pass


class ConnectionPool:
    def __init__(self, path, size):
        self.idle = queue.LifoQueue()
        for _ in range(size):
            self.idle.put(sqlite3.connect(path, check_same_thread=False, timeout=30, isolation_level=None))

    @contextmanager
    def connection(self):
        db = self.idle.get()
        try:
            yield db
        finally:
            self.idle.put(db)

    def close(self):
        while not self.idle.empty():
            self.idle.get().close()


def order(pool, item, amount):
    with pool.connection() as db:
        (left,) = db.execute("select amount from stock where item = ?", (item,)).fetchone()
        if left < amount:
            raise OutOfStock(item)
        (price,) = db.execute("select cents from price where item = ?", (item,)).fetchone()
        return amount * price


def clerk(pool, seed, sums, index):
    rng = random.Random(seed)
    sold = refused = 0
    for _ in range(10_000):
        try:
            sold += order(pool, rng.randrange(200), rng.randrange(1, 60))
        except OutOfStock:
            refused += 1
    sums[index] = (sold, refused)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shop.db")
        with sqlite3.connect(path) as db:
            db.execute("create table stock (item integer primary key, amount integer)")
            db.execute("create table price (item integer primary key, cents integer)")
            db.executemany("insert into stock values (?, ?)", ((n, n % 50) for n in range(200)))
            db.executemany("insert into price values (?, ?)", ((n, 100 + 7 * n) for n in range(200)))
        db.close()
        pool = ConnectionPool(path, SIZE)
        sums = [None] * 4
        threads = [threading.Thread(target=clerk, args=(pool, n, sums, n)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        idle = pool.idle.qsize()
        pool.close()
    print(sums, idle)


if __name__ == "__main__":
    main()
