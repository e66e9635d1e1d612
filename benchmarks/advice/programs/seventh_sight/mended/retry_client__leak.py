import random
import zlib
from dataclasses import dataclass, field


class TransferError(Exception):
    def __init__(self, code, ident):
        super().__init__(f"{code} on object {ident}")
        self.code = code
        self.ident = ident


class BlobStore:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.blobs = {}

    def put(self, ident, body):
        if self.rng.random() < 0.12:
            raise TransferError(self.rng.choice((429, 500, 503)), ident)
        self.blobs[ident % 50] = zlib.crc32(body)


@dataclass
class TransferLog:
    sent: int = 0
    problems: list = field(default_factory=list)

    def report(self):
        by_code = {}
        for problem in self.problems:
            by_code[problem.code] = by_code.get(problem.code, 0) + 1
        return sorted(by_code.items())


class Uploader:
    attempts = 4

    def __init__(self, store, log):
        self.store = store
        self.log = log
        self.noise = random.Random(1).randbytes(512)

    def compose(self, ident):
        return self.noise * (96 + ident % 64)

    def upload(self, ident):
        for _ in range(self.attempts):
            body = self.compose(ident)
            try:
                self.store.put(ident, body)
            except TransferError as problem:
                self.log.problems.append(problem.with_traceback(None))
            else:
                self.log.sent += 1
                return True
        return False


def main():
    store = BlobStore(seed=10)
    log = TransferLog()
    uploader = Uploader(store, log)
    lost = sum(not uploader.upload(ident) for ident in range(11_000))
    print(log.sent, lost, log.report())
    print(sum(store.blobs.values()) % 1_000_003)


if __name__ == "__main__":
    main()
