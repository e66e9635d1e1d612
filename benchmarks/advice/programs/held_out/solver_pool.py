# forbid: over-pooled pool-leak pool leak
"""Sudoku-ish exact cover service: worker threads borrow solvers from a pool."""
import contextlib
import queue
import random
import threading


class Solver:
    """Exact cover by bit masks; candidate tables are dear to build."""

    def __init__(self, box=3):
        self.box = box
        n = self.n = box * box
        self.full = (1 << n) - 1
        self.peers = []
        for cell in range(n * n):
            r, c = divmod(cell, n)
            br, bc = r // box * box, c // box * box
            same = {r * n + k for k in range(n)} | {k * n + c for k in range(n)}
            same |= {(br + i) * n + bc + j for i in range(box) for j in range(box)}
            same.discard(cell)
            self.peers.append(tuple(sorted(same)))
        self.bits = [tuple(b for b in range(n) if m >> b & 1) for m in range(1 << n)]
        self.reset()

    def reset(self):
        self.cand = [self.full] * (self.n * self.n)
        self.nodes = 0

    def place(self, cand, cell, bit):
        todo = [(cell, 1 << bit)]
        while todo:
            cell, m = todo.pop()
            cand[cell] = m
            for p in self.peers[cell]:
                if cand[p] & m:
                    rest = cand[p] & ~m
                    if not rest:
                        return False
                    cand[p] = rest
                    if not rest & (rest - 1):
                        todo.append((p, rest))
        return True

    def search(self, cand):
        self.nodes += 1
        best, width = None, 99
        for cell, m in enumerate(cand):
            k = len(self.bits[m])
            if 1 < k < width:
                best, width = cell, k
                if k == 2:
                    break
        if best is None:
            return cand
        for bit in self.bits[cand[best]]:
            trial = cand[:]
            if self.place(trial, best, bit):
                done = self.search(trial)
                if done:
                    return done
        return None

    def solve(self, clues):
        for cell, digit in clues:
            if not self.place(self.cand, cell, digit):
                return None
        return self.search(self.cand)


class SolverPool:
    def __init__(self, size):
        self.idle = queue.LifoQueue()
        for _ in range(size):
            self.idle.put(Solver())

    @contextlib.contextmanager
    def solver(self):
        s = self.idle.get()
        try:
            s.reset()
            yield s
        finally:
            self.idle.put(s)


def worker(pool, jobs, results):
    while (job := jobs.get()) is not None:
        ident, clues = job
        with pool.solver() as s:
            grid = s.solve(clues)
            results[ident] = (s.nodes, None if grid is None else sum(i * m for i, m in enumerate(grid)))


def puzzles(n, seed=2):
    rng = random.Random(seed)
    base = [(r * 3 + r // 3 + c) % 9 for r in range(9) for c in range(9)]
    for ident in range(n):
        perm = rng.sample(range(9), 9)
        cells = rng.sample(range(81), 27)
        yield ident, [(cell, perm[base[cell]]) for cell in cells]


def main():
    pool, jobs, results = SolverPool(2), queue.Queue(maxsize=16), {}
    threads = [threading.Thread(target=worker, args=(pool, jobs, results)) for _ in range(3)]
    for t in threads:
        t.start()
    for job in puzzles(3000):
        jobs.put(job)
    for _ in threads:
        jobs.put(None)
    for t in threads:
        t.join()
    print("solved", sum(1 for _, g in results.values() if g), "nodes", sum(n for n, _ in results.values()))
    print("sum", sum(g or 0 for _, g in results.values()))


if __name__ == "__main__":
    main()
