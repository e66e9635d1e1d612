"""Multipart-ish upload receiver, fed by socketpair clients."""
import hashlib
import socket
import struct
import threading

CHUNK = 16384


class Upload:
    def __init__(self, name, size):
        self.name = name
        self.size = size
        self.body = bytearray()

    @property
    def complete(self):
        return len(self.body) >= self.size

    def add(self, data):
        need = self.size - len(self.body)
        self.body += data[:need]
        return data[need:]


class Receiver(threading.Thread):
    HEADER = struct.Struct("!16sI")

    def __init__(self, sock, on_done):
        super().__init__()
        self.sock = sock
        self.on_done = on_done
        self.head = b""
        self.current = None

    def feed(self, data):
        while data:
            if self.current is None:
                take = self.HEADER.size - len(self.head)
                self.head += data[:take]
                data = data[take:]
                if len(self.head) == self.HEADER.size:
                    name, size = self.HEADER.unpack(self.head)
                    self.current = Upload(name.rstrip(b"\0").decode(), size)
                    self.head = b""
                continue
            data = self.current.add(data)
            if self.current.complete:
                self.on_done(self.current)
                self.current = None

    def run(self):
        while True:
            data = self.sock.recv(CHUNK)
            if not data:
                break
            self.feed(data)
        self.sock.close()


def client(sock, files):
    for name, size, fill in files:
        sock.sendall(Receiver.HEADER.pack(name.encode(), size))
        unit = bytes((fill + i * 7) & 0xFF for i in range(4096))
        left = size
        while left:
            part = unit[: min(left, len(unit))]
            sock.sendall(part)
            left -= len(part)
    sock.shutdown(socket.SHUT_WR)


def main():
    done = []

    def finished(upload):
        digest = hashlib.md5(upload.body).hexdigest()
        done.append((upload.name, len(upload.body), digest))

    a, b = socket.socketpair()
    rx = Receiver(b, finished)
    rx.start()
    files = [(f"photo{i:03d}.raw", 3_000_000 + 411_111 * i, i) for i in range(9)]
    client(a, files)
    rx.join()
    a.close()
    for name, size, digest in done:
        print(f"{name:12s} {size:9d} {digest}")


if __name__ == "__main__":
    main()
