"""Stamps uploaded page images on a TCP service; work areas come from a pool."""
import collections
import socket
import socketserver
import struct
import threading
import zlib

PAGE = struct.Struct("!4sHHI")
AREA = 1 << 20
UPLOADS = 12_000


class AreaPool:
    def __init__(self):
        self._areas = collections.deque()
        self.made = 0

    def take(self):
        try:
            return self._areas.pop()
        except IndexError:
            self.made += 1
            return bytearray(AREA)

    def give_back(self, area):
        self._areas.append(area)


class StampHandler(socketserver.StreamRequestHandler):
    def stamp(self, magic, width, height, body):
        size = width * height
        if magic != b"PAGE":
            return b"bad magic"
        if size != len(body):
            return b"bad size"
        area = self.server.pool.take()
        area[:size] = body
        area[0:width] = b"\xff" * width
        answer = b"%08x" % zlib.crc32(memoryview(area)[:size])
        self.server.pool.give_back(area)
        return answer

    def handle(self):
        while header := self.rfile.read(PAGE.size):
            magic, width, height, size = PAGE.unpack(header)
            body = self.rfile.read(size)
            self.wfile.write(self.stamp(magic, width, height, body) + b"\n")


class StampServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    pool = AreaPool()


def upload(address):
    answers = collections.Counter()
    checksum = 0
    with socket.create_connection(address) as sock, sock.makefile("rwb") as stream:
        for n in range(UPLOADS):
            width, height = 40 + n % 20, 20
            body = bytes([n % 251]) * (width * height - (n % 5 == 0))
            magic = b"PAGE" if n % 3 else b"PGAE"
            stream.write(PAGE.pack(magic, width, height, len(body)) + body)
            stream.flush()
            answer = stream.readline().strip()
            if answer.startswith(b"bad"):
                answers[answer.decode()] += 1
            else:
                checksum ^= int(answer, 16)
    return answers, checksum


if __name__ == "__main__":
    with StampServer(("127.0.0.1", 0), StampHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answers, checksum = upload(server.server_address)
        server.shutdown()
    print(sorted(answers.items()), f"{checksum:08x}")
