"""Verifies a tape image: checks a file block by block in a reader thread."""
import os
import queue
import tempfile
import threading
import zlib

BLOCK = 4 << 20
PART = 24 << 10


def write_image(path, parts):
    pattern = bytes(k * k & 255 for k in range(PART))
    with open(path, "wb") as out:
        for number in range(parts):
            out.write(number.to_bytes(4, "big"))
            out.write(pattern[4:])


class Verifier(threading.Thread):
    def __init__(self, path, passes, results):
        super().__init__()
        self.path = path
        self.passes = passes
        self.results = results

    def run(self):
        for number in range(self.passes):
            self.results.put(self.verify(number))
        self.results.put(None)

    def verify(self, number):
        check = 0
        with open(self.path, "rb", buffering=0) as tape:
            while True:
                block = bytearray(BLOCK)
                got = tape.readinto(memoryview(block)[:PART])
                if not got:
                    return number, check
                check = zlib.adler32(memoryview(block)[:got], check)


def main():
    handle, path = tempfile.mkstemp()
    os.close(handle)
    try:
        write_image(path, 60)
        results = queue.Queue()
        verifier = Verifier(path, 45, results)
        verifier.start()
        seen = {}
        while (item := results.get()) is not None:
            seen.setdefault(item[1], []).append(item[0])
        verifier.join()
    finally:
        os.unlink(path)
    for check, passes in seen.items():
        print("%08x" % check, len(passes))


main()
