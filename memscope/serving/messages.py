"""Requests and responses: what of HTTP/1.1 is needed to be asked with GET, and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote

from memscope.plain import dataclass, field

MOST_HEAD_BYTES = 8 << 10
MOST_HEADERS = 64

_TARGET = re.compile(r"/[!-~]*")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ONCE = frozenset({"host", "authorization", "content-length", "transfer-encoding"})


class RefusedError(Exception):
    """A request that is not answered as asked, with the reason in one line."""

    def __init__(
        self, status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; names of headers are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    def number(self, name: str, most: int) -> int:
        """The value of a parameter, 0 if it is not there; RefusedError if it is above most."""
        text = self.query.get(name, "0")
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > most:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"{name} must be a whole number up to {most}"
            )
        return int(text)


@dataclass(slots=True)
class Response:
    """A response with its body: bytes, or a file that is sent from its start and then closed."""

    body: bytes = b""
    type: str = "text/plain; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    file: BinaryIO | None = None
    file_bytes: int = 0

    def head(self) -> bytes:
        length = len(self.body) if self.file is None else self.file_bytes
        headers = {
            "Content-Type": self.type,
            "Content-Length": str(length),
            "Connection": "close",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            **self.headers,
        }
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def close(self) -> None:
        """Close its file: nobody takes it, or no more of it."""
        if self.file is not None:
            self.file.close()


def refused(refusal: RefusedError) -> Response:
    return Response(f"{refusal.reason}\n".encode(), status=refusal.status, headers=refusal.headers)


def is_whole(received: bytes | bytearray) -> bool:
    """Whether the head of a request is there."""
    return b"\r\n\r\n" in received


def parse(received: bytes) -> Request:
    """The request that the received bytes begin with; raises RefusedError."""
    lines = received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target = _request_line(lines[0])
    headers = _headers(lines[1:])
    if "host" not in headers:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "a Host header is needed")
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        raise RefusedError(HTTPStatus.BAD_REQUEST, "a request has no body here")
    path, _, query = target.partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=16)
    except ValueError:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "too many parameters") from None
    return Request(method, unquote(path), dict(pairs), headers)


def _request_line(line: str) -> tuple[str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "this is no request")
    method, target, version = parts
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is spoken here")
    if method not in ("GET", "HEAD"):
        allowed = {"Allow": "GET, HEAD"}
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered", allowed)
    return method, target


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not _NAME.fullmatch(name) or (name in _ONCE and name in headers):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "a header is malformed")
        headers[name] = value.strip(" \t")
    return headers
