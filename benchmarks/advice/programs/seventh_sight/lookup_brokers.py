import queue
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class ReferenceStore:
    def __init__(self):
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self.db.execute("create table postcode (code integer primary key, district integer, lat real)")
        self.db.executemany(
            "insert into postcode values (?, ?, ?)",
            ((n, n * 7919 % 97, 40 + n % 1000 / 100) for n in range(16_000)),
        )
        self.db.commit()

    def district(self, low, high):
        row = self.db.execute(
            "select sum(district), round(avg(lat), 6) from postcode where code between ? and ?", (low, high)
        ).fetchone()
        return row


class StorePool:
    def __init__(self, size):
        self.free = queue.LifoQueue()
        self.lock = threading.Lock()
        self.leases = 0
        for _ in range(size):
            self.free.put(ReferenceStore())

    @contextmanager
    def lease(self):
        store = self.free.get()
        try:
            yield store
        finally:
            self.free.put(store)
        with self.lock:
            self.leases += 1


class Lookup:
    def __init__(self, pool):
        self.pool = pool

    def __call__(self, number):
        low = number * 131 % 15_000
        with self.pool.lease() as store:
            return store.district(low, low + 900)


def main():
    pool = StorePool(4)
    with ThreadPoolExecutor(4) as executor:
        totals, lats = 0, 0.0
        for start in range(0, 6_000, 250):
            for district, lat in executor.map(Lookup(pool), range(start, start + 250)):
                totals += district
                lats += lat
    print(pool.leases, pool.free.qsize(), totals, round(lats, 3))


if __name__ == "__main__":
    main()
