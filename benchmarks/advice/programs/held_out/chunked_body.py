"""Read HTTP/1.1 responses that come with chunked transfer coding."""

import io
import zlib
from email.parser import BytesParser
from email.policy import HTTP


class Response:
    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.status = 0
        self.headers = None
        self.body = b""

    def parse(self) -> "Response":
        line = self._stream.readline().split(None, 2)
        self.status = int(line[1])
        head = b""
        while (line := self._stream.readline()) not in (b"\r\n", b""):
            head += line
        self.headers = BytesParser(policy=HTTP).parsebytes(head, headersonly=True)
        if self.headers.get("Transfer-Encoding") == "chunked":
            self._read_chunks()
        else:
            self.body = self._stream.read(int(self.headers.get("Content-Length", 0)))
        return self

    def _read_chunks(self) -> None:
        while size := int(self._stream.readline().split(b";")[0], 16):
            self.body += self._stream.read(size)  # advise: grow-copy
            self._stream.readline()
        self._stream.readline()


def server_answer(events: int) -> bytes:
    """What a long event feed looks like on the wire."""
    wire = io.BytesIO()
    wire.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    wire.write(b"Transfer-Encoding: chunked\r\n\r\n")
    for number in range(events):
        payload = b"id=%d;%s\n" % (number, b"x" * (180 + number % 60))
        wire.write(b"%x\r\n%s\r\n" % (len(payload), payload))
    wire.write(b"0\r\n\r\n")
    return wire.getvalue()


def main() -> None:
    wire = server_answer(6500)
    response = Response(io.BytesIO(wire)).parse()
    print(response.status, len(response.body), zlib.crc32(response.body))


if __name__ == "__main__":
    main()
