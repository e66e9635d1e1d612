import queue
import random
import sqlite3
import threading
from contextlib import contextmanager


class DeskPool:
    def __init__(self, size, rows):
        self.idle = queue.LifoQueue()
        self.made = 0
        for number in range(size):
            self.idle.put(self.open(rows))

    def open(self, rows):
        self.made += 1
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.execute("create table part (id integer primary key, size integer, grade integer)")
        db.executemany(
            "insert into part values (?, ?, ?)",
            ((n, n * 7919 % 1009, n * 104729 % 17) for n in range(rows)),
        )
        db.execute("create index by_size on part (size, grade)")
        return db

    @contextmanager
    def desk(self):
        db = self.idle.get()
        try:
            yield db
        finally:
            self.idle.put(db)

    def close(self):
        while not self.idle.empty():
            self.idle.get().close()


def answer(pool, low, grade):
    with pool.desk() as db:
        (count, total), = db.execute(
            "select count(*), coalesce(sum(id), 0) from part where size between ? and ? and grade < ?",
            (low, low + 6, grade),
        )
        if count == 0:
            raise LookupError(low)
        return total


class Clerk(threading.Thread):
    def __init__(self, pool, seed, questions):
        super().__init__()
        self.pool = pool
        self.rng = random.Random(seed)
        self.questions = questions
        self.total = self.missing = 0

    def run(self):
        for _ in range(self.questions):
            try:
                self.total += answer(self.pool, self.rng.randrange(1100), self.rng.randrange(1, 18))
            except LookupError:
                self.missing += 1


def main():
    pool = DeskPool(2, 60_000)
    clerks = [Clerk(pool, seed, 4000) for seed in (1, 2)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    pool.close()
    print(pool.made, [(clerk.total, clerk.missing) for clerk in clerks])


if __name__ == "__main__":
    main()
