"""A receiver of profiles: it reads requests by the standard library, profiles by protobuf."""

from __future__ import annotations

import email.parser
import gzip
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from exports.profile_proto import Profile


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}

    def parts(self) -> dict[str, bytes]:
        """The parts of a multipart body, by name."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.parser.BytesParser().parsebytes(head + self.body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in message.get_payload()
        }

    def profile(self) -> Any:
        body = (
            self.body
            if "multipart" not in self.headers["Content-Type"]
            else self.parts()["profile"]
        )
        found = Profile()
        found.ParseFromString(gzip.decompress(body))
        return found

    def sums(self) -> Counter[str]:
        """The sum of each figure over all samples."""
        profile = self.profile()
        names = [profile.string_table[of.type] for of in profile.sample_type]
        found: Counter[str] = Counter()
        for sample in profile.sample:
            for name, value in zip(names, sample.value, strict=True):
                found[name] += value
        return found

    def types(self) -> Any:
        return json.loads(self.parts()["sample_type_config"])


@dataclass
class Receiver:
    """What came, and what is answered: statuses in turn, the last one for good."""

    statuses: Sequence[int] = (200,)
    refused: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)
    url: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, received: Received) -> int:
        with self.changed:
            number = len(self.refused) + len(self.taken)
            status = self.statuses[min(number, len(self.statuses) - 1)]
            (self.taken if status < 300 else self.refused).append(received)
            self.changed.notify_all()
        return status

    def wait(self, count: int) -> None:
        """Until so many were taken."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count, 300)


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(statuses or (200,))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Received(self.path, dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
