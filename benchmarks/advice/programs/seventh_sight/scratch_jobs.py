import queue
import random
import threading


class Workspace:
    SIZE = 32 * 1024

    def __init__(self, number):
        self.number = number
        self.cells = bytearray(self.SIZE)
        self.table = bytes((i * 7) % 256 for i in range(256))
        self.uses = 0

    def encode(self, data):
        self.uses += 1
        size = len(data)
        self.cells[:size] = data.translate(self.table)
        return sum(self.cells[:size:12])


class WorkspacePool:
    def __init__(self):
        self.idle = []
        self.all = []
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            if self.idle:
                return self.idle.pop()
            space = Workspace(len(self.all))
            self.all.append(space)
            return space

    def release(self, space):
        with self.lock:
            self.idle.append(space)


class BadRecord(ValueError):
    pass


def process(pool, record):
    space = pool.acquire()
    total = space.encode(record)
    if total % 13 == 0:
        raise BadRecord(total)
    pool.release(space)
    return total


def worker(pool, jobs, results):
    while (job := jobs.get()) is not None:
        number, record = job
        try:
            results[number] = process(pool, record)
        except BadRecord:
            results[number] = -1


def main():
    rng = random.Random(55)
    seed_block = rng.randbytes(64 * 1024)
    pool = WorkspacePool()
    jobs = queue.Queue(maxsize=32)
    results = {}
    threads = [threading.Thread(target=worker, args=(pool, jobs, results)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(12000):
        start = rng.randrange(32 * 1024)
        jobs.put((number, seed_block[start:start + rng.randrange(2000, 30_000)]))
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()
    bad = [n for n, total in results.items() if total < 0]
    print(len(results), len(bad), sum(results.values()) % 1_000_003, min(bad))


if __name__ == "__main__":
    main()
