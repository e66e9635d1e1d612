"""Requests are taken apart strictly: whatever is not a plain GET or HEAD is refused."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from memscope.serving.messages import MOST_HEADERS, RefusedError, Response, parse


def head(line: str = "GET / HTTP/1.1", *headers: str) -> bytes:
    return "\r\n".join([line, *(headers or ["Host: localhost"]), "", ""]).encode("latin-1")


def test_a_request_is_its_path_its_parameters_and_its_headers() -> None:
    request = parse(
        head("HEAD /a%20b?x=1&y=&x=2 HTTP/1.0", "hOST: here:80", "X-Odd:  a b ") + b"rest"
    )
    assert (request.method, request.path) == ("HEAD", "/a b")
    assert request.query == {"x": "2", "y": ""}
    assert request.headers == {"host": "here:80", "x-odd": "a b"}


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (head("POST / HTTP/1.1"), HTTPStatus.METHOD_NOT_ALLOWED),
        (head("get / HTTP/1.1"), HTTPStatus.METHOD_NOT_ALLOWED),
        (head("GET / HTTP/2.0"), HTTPStatus.HTTP_VERSION_NOT_SUPPORTED),
        (head("GET http://localhost/ HTTP/1.1"), HTTPStatus.BAD_REQUEST),
        (head("GET  / HTTP/1.1"), HTTPStatus.BAD_REQUEST),
        (head("GET /\x01 HTTP/1.1"), HTTPStatus.BAD_REQUEST),
        (head("GET /\xe4 HTTP/1.1"), HTTPStatus.BAD_REQUEST),
        (head("GET /"), HTTPStatus.BAD_REQUEST),
        (head("\x16\x03\x01\x02"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "X: no host"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host: a", "Host: b"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host: a", " folded"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host: a", "no colon"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host : a"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host: a", "Content-Length: 5"), HTTPStatus.BAD_REQUEST),
        (head("GET / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"), HTTPStatus.BAD_REQUEST),
        (head(f"GET /?{'a=1&' * 40} HTTP/1.1"), HTTPStatus.BAD_REQUEST),
        (
            head("GET / HTTP/1.1", *["Host: a"], *["X: y"] * MOST_HEADERS),
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        ),
    ],
)
def test_all_else_is_refused(received: bytes, status: HTTPStatus) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(received)
    assert refused.value.status == status


@pytest.mark.parametrize("text", ["-1", "1.5", "301", "1e2", "²", "9" * 5000, " 1", ""])
def test_numbers_are_whole_and_bounded(text: str) -> None:
    request = parse(head())
    request = type(request)("GET", "/", {"seconds": text}, {})
    with pytest.raises(RefusedError):
        request.number("seconds", 300)


def test_a_response_says_how_long_it_is_and_that_it_is_the_last() -> None:
    lines = Response(b"text", headers={"X-More": "1"}).head().decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert {"Content-Length: 4", "Connection: close", "X-More: 1"} <= set(lines)
    assert lines[-2:] == ["", ""]
