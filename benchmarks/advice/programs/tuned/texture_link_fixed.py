"""Streams large textures from a bake thread to a preview process stand-in over a socket pair."""
import socket
import struct
import threading
import zlib

HEAD = struct.Struct("!4sIHH")
STRIP = bytes((i * i >> 3) & 0xFF for i in range(1 << 18))


class Baker(threading.Thread):
    """Produces textures strip by strip; never holds one in full."""

    def __init__(self, sock, jobs):
        super().__init__(daemon=True)
        self.sock, self.jobs = sock, jobs

    def run(self):
        strip = memoryview(STRIP + STRIP)
        for number, (w, h) in enumerate(self.jobs):
            left = w * h * 4
            self.sock.sendall(HEAD.pack(b"TEXR", left, w, h))
            shift = number * 977 % len(STRIP)
            while left:
                piece = strip[shift:shift + min(left, len(STRIP))]
                self.sock.sendall(piece)
                left -= len(piece)
        self.sock.sendall(HEAD.pack(b"DONE", 0, 0, 0))


class Preview:
    def __init__(self, sock):
        self.sock = sock
        self.mips = 0
        self._texels = bytearray()

    def _pull_into(self, view):
        done = 0
        while done < len(view):
            n = self.sock.recv_into(view[done:])
            if n == 0:
                raise EOFError("baker went away")
            done += n

    def _body(self, size):
        if len(self._texels) < size:
            self._texels = bytearray(size)
        view = memoryview(self._texels)[:size]
        self._pull_into(view)
        return view

    def incoming(self):
        head = bytearray(HEAD.size)
        while True:
            self._pull_into(memoryview(head))
            tag, size, w, h = HEAD.unpack(head)
            if tag == b"DONE":
                return
            yield w, h, self._body(size)

    def thumbnail(self, w, h, texels, step=64):
        for y in range(0, h, step):
            line = y * w * 4
            for x in range(0, w, step):
                o = line + x * 4
                yield (texels[o] * 77 + texels[o + 1] * 151 + texels[o + 2] * 28) >> 8
                self.mips += 1

    def show_all(self):
        report = []
        for w, h, texels in self.incoming():
            thumb = bytes(self.thumbnail(w, h, texels))
            report.append((w, h, zlib.adler32(texels), zlib.crc32(thumb)))
        return report


def main():
    near, far = socket.socketpair()
    for s in (near, far):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    jobs = [(2304, 2048 - 128 * (i % 3)) for i in range(60)]
    baker = Baker(far, jobs)
    baker.start()
    preview = Preview(near)
    report = preview.show_all()
    baker.join()
    near.close()
    far.close()
    for row in report[::10]:
        print("%dx%d adler=%08x thumb=%08x" % row)
    print(len(report), "textures,", preview.mips, "thumbnail texels")


if __name__ == "__main__":
    main()
