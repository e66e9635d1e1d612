"""A web service that draws a picture for each request: buffers go around.

    python after.py [REQUESTS]

It serves on loopback, is asked by four clients in threads, and ends by itself.
"""

from __future__ import annotations

import http.client
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WIDTH, HEIGHT = 1920, 1080
PICTURE_BYTES = WIDTH * HEIGHT * 4  # 7.9 MiB
CLIENTS = 4

free: list[bytearray] = []  # black pictures: list.pop and append need no lock


class Pictures(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def do_GET(self) -> None:
        try:
            picture = free.pop()
        except IndexError:
            picture = bytearray(PICTURE_BYTES)
        number = int(self.path.lstrip("/"))
        draw(picture, number, b"\xff")
        body = outline(picture)
        draw(picture, number, b"\0")
        free.append(picture)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def draw(picture: bytearray, number: int, color: bytes) -> None:
    """One row: the rest stays as it is."""
    start = number % HEIGHT * WIDTH * 4
    picture[start : start + WIDTH * 4] = color * (WIDTH * 4)


def outline(picture: bytearray) -> bytes:
    return bytes(picture[:: WIDTH * 4])


def ask(port: int, numbers: range, sums: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for number in numbers:
        connection.request("GET", f"/{number}")
        sums.append(sum(connection.getresponse().read()))
    connection.close()


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    sums: list[int] = []
    clients = [
        threading.Thread(
            target=ask, args=(server.server_port, range(first, requests, CLIENTS), sums)
        )
        for first in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    server.shutdown()
    server.server_close()
    print(f"{len(sums)} pictures, {sum(sums) // 255} bright rows")


if __name__ == "__main__":
    main()
