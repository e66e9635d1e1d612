"""Stamp documents with a table-driven checksum; checkers are dear to make and shared by threads."""
# forbid: pool pool-leak over-pooled leak
import contextlib
import queue
import random
import threading
from concurrent.futures import ThreadPoolExecutor


class BadDocument(ValueError):
    pass


class Checker:
    """CRC with a 4 x 4096 table and scratch space for the normalised document."""

    def __init__(self, polynomial):
        self.tables = []
        for shift in range(4):
            table = []
            for i in range(4096):
                crc = i << shift
                for _ in range(8):
                    crc = (crc >> 1) ^ polynomial if crc & 1 else crc >> 1
                table.append(crc)
            self.tables.append(table)
        self.scratch = bytearray(64 * 1024)
        self.used = 0

    def load(self, text):
        if "\0" in text:
            raise BadDocument("binary")
        data = " ".join(text.split()).encode()
        if len(data) > len(self.scratch):
            raise BadDocument("too long")
        self.scratch[: len(data)] = data
        self.used = len(data)

    def stamp(self):
        a, b, c, d = self.tables
        crc = 0xFFFFFFFF
        scratch = self.scratch
        for i in range(self.used):
            key = (crc ^ scratch[i]) & 0xFFF
            crc = (crc >> 8) ^ a[key] ^ b[key >> 1] ^ c[key >> 2] ^ d[key >> 3]
        return crc


class CheckerPool:
    def __init__(self, size, polynomial):
        self._room = threading.BoundedSemaphore(size)
        self._idle = queue.SimpleQueue()
        self._polynomial = polynomial
        self._lock = threading.Lock()
        self.made = 0

    @contextlib.contextmanager
    def borrow(self):
        with self._room:
            try:
                checker = self._idle.get_nowait()
            except queue.Empty:
                checker = Checker(self._polynomial)
                with self._lock:
                    self.made += 1
            try:
                yield checker
            finally:
                self._idle.put(checker)


class Office:
    def __init__(self):
        self.pool = CheckerPool(3, 0xEDB88320)

    def process(self, text):
        if not text:
            return "empty", 0
        try:
            with self.pool.borrow() as checker:
                checker.load(text)
                if checker.used < 40:
                    return "short", 0
                return "ok", checker.stamp()
        except BadDocument as exc:
            return str(exc), 0


def documents(count):
    rng = random.Random(12)
    words = "pursuant hereto party of the first part shall deliver goods and services in due time".split()
    for n in range(count):
        if n % 41 == 0:
            yield ""
        elif n % 13 == 4:
            yield "\0" + rng.randbytes(30).hex()
        elif n % 19 == 7:
            yield "see annex"
        else:
            yield "  ".join(rng.choices(words, k=rng.randint(30, 260)))


def main():
    office = Office()
    tally, total = {}, 0
    with ThreadPoolExecutor(4) as executor:
        for kind, stamp in executor.map(office.process, documents(2400)):
            tally[kind] = tally.get(kind, 0) + 1
            total = (total * 17 + stamp) & 0xFFFFFFFF
    for kind in sorted(tally):
        print(f"{kind:8s} {tally[kind]}")
    print(f"all {total:08x}, pool within size: {office.pool.made <= 3}")


if __name__ == "__main__":
    main()
