"""Turns a grey scan by a quarter, doubles it and measures the ink along its columns."""
import hashlib
import zlib

WIDTH, HEIGHT = 2400, 3000


def synthesise(width, height):
    """A page of slanted stripes, standing in for the scanner."""
    period = bytes((x * x // 7) % 256 for x in range(width * 2))
    return b"".join(period[y % width : y % width + width] for y in range(height))


def rotate(page, width):
    return b"".join(page[column::width] for column in range(width - 1, -1, -1))


def double_rows(page, width):
    rows = (page[start : start + width] for start in range(0, len(page), width))
    return b"".join(row + row for row in rows)


def ink_profile(page, width, step):
    return [sum(page[column::width]) for column in range(0, width, step)]


class Job:
    def __init__(self, name):
        self.name = name
        self.log = []

    def note(self, text, data):
        self.log.append(f"{self.name}: {text} {len(data)} {zlib.crc32(data):08x}")

    def process(self):
        page = synthesise(WIDTH, HEIGHT)
        self.note("scanned", page)
        turned = rotate(page, WIDTH)
        del page
        self.note("turned", turned)
        tall = double_rows(turned, HEIGHT)
        self.note("doubled", tall)
        profile = ink_profile(tall, HEIGHT, 250)
        darkest = min(range(len(profile)), key=profile.__getitem__)
        self.note(f"darkest column {darkest * 250}", tall[:HEIGHT])
        return hashlib.sha1(repr(profile).encode()).hexdigest()


def main():
    for name in (f"p{n}" for n in range(1, 9)):
        job = Job(name)
        digest = job.process()
        print(*job.log, digest, sep="\n")


if __name__ == "__main__":
    main()
