"""Relay telemetry blobs over a loopback socket pair and tally their checksums."""
import socket
import struct
import threading
import zlib

HEAD = struct.Struct("!II")
LIMIT = 1 << 20


def produce(sock, count):
    base = bytes(range(256)) * 8
    with sock:
        for seq in range(count):
            body = base[seq % 97: seq % 97 + 600 + seq % 500]
            sock.sendall(HEAD.pack(seq, len(body)) + body)
        sock.shutdown(socket.SHUT_WR)


def fill(sock, view):
    got = 0
    while got < len(view):
        n = sock.recv_into(view[got:])
        if not n:
            return got
        got += n
    return got


class Consumer:
    def __init__(self, sock):
        self.sock = sock
        self.messages = 0
        self.octets = 0
        self.check = 1

    def receive(self):
        head = bytearray(HEAD.size)
        if fill(self.sock, memoryview(head)) < HEAD.size:
            return None
        seq, size = HEAD.unpack(head)
        if size > LIMIT:
            raise ValueError(f"message {seq} too large")
        space = bytearray(LIMIT)
        view = memoryview(space)[:size]
        fill(self.sock, view)
        return seq, view

    def run(self):
        while (message := self.receive()) is not None:
            seq, view = message
            self.messages += 1
            self.octets += len(view)
            self.check = zlib.adler32(view, self.check ^ seq)


def main():
    left, right = socket.socketpair()
    sender = threading.Thread(target=produce, args=(left, 17_000))
    sender.start()
    consumer = Consumer(right)
    consumer.run()
    sender.join()
    right.close()
    print(consumer.messages, consumer.octets, f"{consumer.check:08x}")


if __name__ == "__main__":
    main()
