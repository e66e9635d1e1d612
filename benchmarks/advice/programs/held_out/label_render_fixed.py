"""Warehouse label service: renders shipping labels to a grey raster and
returns a digest of the printed strip. Requests come in on a thread pool."""
import collections
import functools
import hashlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor

WIDTH, HEIGHT = 2480, 3508
GLYPHS = {c: (i * 2654435761) & 0xFFFF for i, c in enumerate("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ- ")}


class Sheet:
    """A white page in 8-bit grey, plus the rows that have been drawn on."""

    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.px = bytearray(b"\xff") * (width * height)
        self.top, self.bottom = height, 0

    def touch(self, y0, y1):
        self.top = min(self.top, y0)
        self.bottom = max(self.bottom, y1)

    def bar(self, x, y, w, h, ink=0):
        strip = bytes((ink,)) * w
        for row in range(y, y + h):
            at = row * self.width + x
            self.px[at:at + w] = strip
        self.touch(y, y + h)

    def glyph(self, ch, x, y):
        bits = GLYPHS[ch]
        for r in range(4):
            for c in range(4):
                if bits >> (r * 4 + c) & 1:
                    self.bar(x + c * 3, y + r * 3, 3, 3)

    def wipe(self):
        if self.bottom > self.top:
            lo, hi = self.top * self.width, self.bottom * self.width
            self.px[lo:hi] = b"\xff" * (hi - lo)
        self.top, self.bottom = self.height, 0

    def printed(self):
        view = memoryview(self.px)
        return view[self.top * self.width:self.bottom * self.width]


def on_sheet(fn):
    """Give the renderer a page to draw on and digest whatever it drew."""
    spare = collections.deque()

    @functools.wraps(fn)
    def call(order):
        try:
            sheet = spare.pop()
        except IndexError:
            sheet = Sheet(WIDTH, HEIGHT)
        try:
            fn(sheet, order)
            return order["id"], hashlib.blake2s(sheet.printed(), digest_size=6).hexdigest()
        finally:
            sheet.wipe()
            spare.append(sheet)

    return call


@on_sheet
def address_label(sheet, order):
    y = 40
    for line in order["address"]:
        for i, ch in enumerate(line):
            sheet.glyph(ch, 60 + i * 15, y)
        y += 16
    x = 60
    for digit in order["id"]:
        width = 1 + int(digit) % 4
        sheet.bar(x, y, width, 24)
        x += width + 3


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_site = {}

    def add(self, site):
        with self.lock:
            self.by_site[site] = self.by_site.get(site, 0) + 1


def orders(n, seed=5):
    rng = random.Random(seed)
    chars = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    for i in range(n):
        yield {
            "id": f"{i:06d}{rng.randrange(10**6):06d}",
            "site": rng.choice(("LYS", "RTM", "GDN")),
            "address": ["".join(rng.choices(chars, k=rng.randint(4, 8))) for _ in range(2)],
        }


def main():
    tally = Tally()
    seal = hashlib.sha1()

    def handle(order):
        tally.add(order["site"])
        return address_label(order)

    with ThreadPoolExecutor(max_workers=3) as crew:
        for ident, digest in crew.map(handle, orders(1_600)):
            seal.update(f"{ident}:{digest}".encode())
    print(sorted(tally.by_site.items()))
    print(seal.hexdigest())


if __name__ == "__main__":
    main()
