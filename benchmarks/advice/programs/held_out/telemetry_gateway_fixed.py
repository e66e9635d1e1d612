"""Collects framed sensor reports from a device over TCP and keeps running statistics."""
import contextlib
import socket
import statistics
import struct
import threading

HEADER = struct.Struct("!HI")
LARGEST_REPORT = 1 << 20
REPORTS = 8000


def read_exactly(sock, view):
    while view:
        count = sock.recv_into(view)
        if not count:
            raise ConnectionError("device went away")
        view = view[count:]


class Gateway(threading.Thread):
    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock = sock
        self.means = {}
        self.largest = 0

    def run(self):
        header = bytearray(HEADER.size)
        report = bytearray(LARGEST_REPORT)
        while True:
            read_exactly(self.sock, memoryview(header))
            channel, size = HEADER.unpack(header)
            if size == 0:
                break
            body = memoryview(report)[:size]
            read_exactly(self.sock, body)
            self.record(channel, body)
            self.sock.sendall(b"\x06")

    def record(self, channel, body):
        samples = struct.unpack(f"!{len(body) // 2}h", body)
        self.largest = max(self.largest, max(samples))
        self.means.setdefault(channel, []).append(sum(samples) // len(samples))


def device(sock):
    for n in range(REPORTS):
        count = 40 + n * 31 % 60
        values = [(n * 17 + k * 29) % 2000 - 1000 for k in range(count)]
        body = struct.pack(f"!{count}h", *values)
        sock.sendall(HEADER.pack(n % 6, len(body)) + body)
        sock.recv(1)
    sock.sendall(HEADER.pack(0, 0))


def main():
    ours, theirs = socket.socketpair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        gateway = Gateway(theirs)
        gateway.start()
        device(ours)
        gateway.join()
    for channel, means in sorted(gateway.means.items()):
        print(channel, len(means), statistics.median(means))
    print("largest", gateway.largest)


main()
