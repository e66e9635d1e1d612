"""Splits a byte stream into frames in one thread while another one produces it."""
import queue
import struct
import threading
import zlib

HEAD = struct.Struct(">IB")


def produce(out, frames):
    blob = bytes(range(256)) * 8
    for number in range(frames):
        size = 300000 + number * 7001 % 90000
        body = (blob * (size // len(blob) + 1))[:size]
        whole = HEAD.pack(size, number % 3) + body
        for at in range(0, len(whole), 1024):
            out.put(whole[at:at + 1024])
    out.put(None)


class Splitter:
    def __init__(self):
        self.pending = bytearray()
        self.frames = 0
        self.check = 0
        self.kinds = [0, 0, 0]

    def push(self, piece):
        self.pending += piece
        while len(self.pending) >= HEAD.size:
            size, kind = HEAD.unpack_from(self.pending)
            end = HEAD.size + size
            if len(self.pending) < end:
                return
            self.frame(kind, self.pending[HEAD.size:end])
            del self.pending[:end]

    def frame(self, kind, body):
        self.frames += 1
        self.kinds[kind] += 1
        self.check = zlib.crc32(body, self.check)


def main():
    pipe = queue.Queue(16)
    source = threading.Thread(target=produce, args=(pipe, 60))
    source.start()
    splitter = Splitter()
    ballast = [str(k) for k in range(60000)]
    while (piece := pipe.get()) is not None:
        splitter.push(piece)
    source.join()
    print(splitter.frames, splitter.kinds, "%08x" % splitter.check, len(ballast[-1]))


main()
