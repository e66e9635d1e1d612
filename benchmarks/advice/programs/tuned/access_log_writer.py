"""Format the lines of an access log in worker threads."""

import hashlib
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus


class BufferPool:
    """String buffers shared by the workers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[io.StringIO] = []

    @contextmanager
    def buffer(self) -> Iterator[io.StringIO]:
        with self._lock:
            out = self._free.pop() if self._free else io.StringIO()  # advise: over-pooled
        try:
            yield out
        finally:
            out.seek(0)
            out.truncate()
            with self._lock:
                self._free.append(out)


BUFFERS = BufferPool()


def format_line(number: int, path: str, status: HTTPStatus) -> str:
    with BUFFERS.buffer() as out:
        out.write(f"10.0.{number % 250}.7 - - ")
        out.write(f'"GET {path} HTTP/1.1" {status.value} ')
        out.write(str(number * 131 % 70000))
        return out.getvalue()


def format_batch(batch: range) -> bytes:
    digest = hashlib.sha1()
    for number in batch:
        status = HTTPStatus.NOT_FOUND if number % 19 == 0 else HTTPStatus.OK
        digest.update(format_line(number, f"/shop/item/{number % 4000}", status).encode())
    return digest.digest()


def main() -> None:
    batches = [range(start, start + 2500) for start in range(0, 220_000, 2500)]
    total = hashlib.sha1()
    with ThreadPoolExecutor(max_workers=2) as threads:
        for digest in threads.map(format_batch, batches):
            total.update(digest)
    print(len(batches), "batches", total.hexdigest())


if __name__ == "__main__":
    main()
