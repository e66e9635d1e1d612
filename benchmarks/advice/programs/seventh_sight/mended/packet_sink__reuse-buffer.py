import array
import random
import socket
import struct
import threading

HEADER = struct.Struct("!HHI")
MAX_DATAGRAM = 192 * 1024


def emitter(sock, count, seed):
    rng = random.Random(seed)
    recording = rng.randbytes(5_000_000)
    for sequence in range(count):
        start = rng.randrange(len(recording) - 1000)
        size = 40 + sequence * 37 % 900
        sock.send(HEADER.pack(sequence % 23, size, sequence) + recording[start:start + size])
    sock.send(HEADER.pack(0xFFFF, 0, 0))
    sock.close()


def datagrams(sock):
    scratch = bytearray(MAX_DATAGRAM)
    view = memoryview(scratch)
    while True:
        received = sock.recv_into(view)
        if received < HEADER.size:
            return
        channel, size, sequence = HEADER.unpack_from(view)
        if channel == 0xFFFF:
            return
        yield channel, sequence, view[HEADER.size:HEADER.size + size]


class Channel:
    __slots__ = ("number", "levels", "octets", "last")

    def __init__(self, number):
        self.number = number
        self.levels = array.array("H")
        self.octets = 0
        self.last = -1

    def feed(self, sequence, payload):
        if sequence <= self.last:
            raise ValueError("datagram out of order")
        self.last = sequence
        self.octets += len(payload)
        self.levels.append(payload[0] * 3 + payload[-1])


def collect(sock):
    channels = {}
    for number, sequence, payload in datagrams(sock):
        channel = channels.get(number)
        if channel is None:
            channel = channels[number] = Channel(number)
        channel.feed(sequence, payload)
    return channels


def main():
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender = threading.Thread(target=emitter, args=(left, 45_000, 5))
    sender.start()
    channels = collect(right)
    sender.join()
    right.close()
    for number in sorted(channels)[:4]:
        channel = channels[number]
        print(number, len(channel.levels), channel.octets, channel.last)
    print(sum(sum(channel.levels) for channel in channels.values()))


if __name__ == "__main__":
    main()
