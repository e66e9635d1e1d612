"""Warehouse stock service: worker threads share a few database connections."""
import os
import queue
import random
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class Connections:
    def __init__(self, path, size):
        self._idle = queue.LifoQueue()
        for _ in range(size):
            db = sqlite3.connect(path, check_same_thread=False)
            db.execute("pragma cache_size=-2500")
            db.create_function("worth", 2, lambda n, cents: n * cents)
            self._idle.put(db)

    @contextmanager
    def connection(self):
        db = self._idle.get()
        try:
            yield db
        finally:
            self._idle.put(db)

    def close(self):
        while not self._idle.empty():
            self._idle.get().close()


def create(path, items):
    rng = random.Random(40)
    db = sqlite3.connect(path)
    db.execute("create table item(id integer primary key, shelf integer, n integer, cents integer, note text)")
    with db:
        db.executemany(
            "insert into item values(?,?,?,?,?)",
            ((i, rng.randrange(500), rng.randrange(90), rng.randrange(10, 9000), "n" * 60)
             for i in range(items)),
        )
        db.execute("create index by_shelf on item(shelf, n, cents)")
    db.close()


class Stock:
    def __init__(self, connections):
        self.connections = connections

    def shelf_worth(self, shelf):
        if shelf < 0:
            raise ValueError(shelf)
        with self.connections.connection() as db:
            sql = "select coalesce(sum(worth(n, cents)), 0) from item where shelf=?"
            return db.execute(sql, (shelf,)).fetchone()[0]


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "stock.db")
        create(path, 70_000)
        connections = Connections(path, size=3)
        stock = Stock(connections)
        rng = random.Random(3)
        with ThreadPoolExecutor(3) as workers:
            jobs = [rng.randrange(500) for _ in range(4000)]
            worths = workers.map(stock.shelf_worth, jobs)
            total = 0
            for worth in worths:
                total += worth
        connections.close()
    print("asked", len(jobs), "total", total)


if __name__ == "__main__":
    main()
