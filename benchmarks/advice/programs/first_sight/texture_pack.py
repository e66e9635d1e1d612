"""Pack pictures into atlas pages: metadata as dicts, pixels as bytes."""
# forbid: compact reuse-buffer
import random
import zlib

PAGE = 2048


class Shelf:
    def __init__(self, y, height):
        self.y, self.height, self.x = y, height, 0


class Page:
    def __init__(self, number):
        self.number = number
        self.shelves = []
        self.top = 0
        self.pixels = bytearray(PAGE * PAGE)

    def place(self, w, h):
        for s in self.shelves:
            if h <= s.height and s.x + w <= PAGE:
                s.x += w
                return s.x - w, s.y
        if self.top + h > PAGE:
            return None
        s = Shelf(self.top, h)
        self.top += h
        self.shelves.append(s)
        s.x = w
        return 0, s.y

    def paint(self, x, y, meta, data):
        w = meta["w"]
        for row in range(meta["h"]):
            at = (y + row) * PAGE + x
            self.pixels[at:at + w] = data[row * w:(row + 1) * w]


class Atlas:
    def __init__(self):
        self.pages = []
        self.where = {}

    def add(self, meta, data):
        for page in self.pages[-2:]:
            spot = page.place(meta["w"], meta["h"])
            if spot:
                break
        else:
            page = Page(len(self.pages))
            self.pages.append(page)
            spot = page.place(meta["w"], meta["h"])
        page.paint(*spot, meta, data)
        self.where[meta["name"]] = (page.number, *spot)

    def cut(self, meta):
        """Checksum of a picture as it stands on its page."""
        number, x, y = self.where[meta["name"]]
        pixels = memoryview(self.pages[number].pixels)
        check = 0
        for row in range(meta["h"]):
            at = (y + row) * PAGE + x
            check = zlib.crc32(pixels[at:at + meta["w"]], check)
        return check


def pictures(rng, n):
    noise = rng.randbytes(400 * 400)
    for i in range(n):
        w, h = rng.randrange(60, 300), rng.randrange(60, 300)
        at = rng.randrange(400 * 400 - w * h)
        data = noise[at:at + w * h]
        yield {"name": f"pic{i:05d}", "w": w, "h": h, "sum": zlib.crc32(data), "owner": f"u{i % 9}"}, data


def main():
    rng = random.Random(88)
    atlas = Atlas()
    catalogue = []
    for meta, data in pictures(rng, 4600):
        catalogue.append(meta)
        atlas.add(meta, data)
    area = sum(m["w"] * m["h"] for m in catalogue)
    print("pages", len(atlas.pages), f"fill {area / (len(atlas.pages) * PAGE * PAGE):.3f}")
    wrong = 0
    for meta in sorted(catalogue, key=lambda m: (m["owner"], m["h"], m["name"])):
        wrong += atlas.cut(meta) != meta["sum"]
    print("wrong", wrong)
    for page in atlas.pages[:4]:
        print(page.number, len(page.shelves), zlib.crc32(page.pixels))
    tallest = max(catalogue, key=lambda m: (m["h"], m["name"]))
    print(tallest["name"], atlas.where[tallest["name"]])


if __name__ == "__main__":
    main()
