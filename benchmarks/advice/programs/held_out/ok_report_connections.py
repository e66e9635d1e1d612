"""Worker threads share a few read-only SQLite connections through a small pool."""
# forbid: over-pooled, pool-leak, pool
import contextlib
import os
import queue
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor


class ConnectionPool:
    def __init__(self, path, size):
        self._idle = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(sqlite3.connect(path, check_same_thread=False))

    @contextlib.contextmanager
    def connection(self):
        db = self._idle.get()
        try:
            yield db
        finally:
            self._idle.put(db)

    def close(self):
        while not self._idle.empty():
            self._idle.get().close()


def build(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("create table visit (city integer, seconds integer)")
        db.executemany(
            "insert into visit values (?, ?)", ((n % 50, n * 7919 % 600) for n in range(20_000))
        )
        db.execute("create index by_city on visit (city, seconds)")
        db.commit()


def longest_visits(pool, city):
    with pool.connection() as db:
        if city % 9 == 0:
            return None
        if city % 11 == 0:
            raise LookupError(city)
        return db.execute(
            "select count(*), max(seconds) from visit where city = ? and seconds > 500", (city,)
        ).fetchone()


def ask(pool, n):
    try:
        answer = longest_visits(pool, n % 50)
    except LookupError:
        return 1
    return 0 if answer is None else answer[0] * 10 + answer[1] % 7


def main():
    handle, path = tempfile.mkstemp(suffix=".db")
    os.close(handle)
    try:
        build(path)
        pool = ConnectionPool(path, 3)
        with ThreadPoolExecutor(3) as executor:
            parts = (range(first, 24_000, 3) for first in range(3))
            total = sum(executor.map(lambda part: sum(ask(pool, n) for n in part), parts))
        pool.close()
    finally:
        os.unlink(path)
    print("total", total)


main()
