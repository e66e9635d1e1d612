"""Tiny outline-font rasteriser: draws text runs into 8-bit coverage bitmaps."""
import functools
import math
import zlib

EM = 24
GAMMA = 1.8


class SpanFiller:
    """Accumulates signed edge coverage for one outline at a time."""

    def __init__(self, width, height, gamma=GAMMA):
        self.width, self.height = width, height
        self.curve = bytes(round(255 * (i / 2047) ** (1 / gamma)) for i in range(2048))
        self.weights = [math.exp(-((i - 32) / 16.0) ** 2) for i in range(65)]
        total = sum(self.weights)
        self.weights = [w / total for w in self.weights]
        self.rows = [[0.0] * (width + 2) for _ in range(height)]
        self.touched = set()

    def clear(self):
        for y in self.touched:
            self.rows[y] = [0.0] * (self.width + 2)
        self.touched.clear()

    def edge(self, x0, y0, x1, y1):
        if y0 == y1:
            return
        sign = 1.0 if y1 > y0 else -1.0
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0)
        y = int(y0)
        while y < y1 and y < self.height:
            top, bottom = max(y, y0), min(y + 1, y1)
            x = x0 + slope * ((top + bottom) / 2 - y0)
            cell = min(max(int(x), 0), self.width)
            part = x - cell
            row = self.rows[y]
            row[cell] += sign * (bottom - top) * (1 - part)
            row[cell + 1] += sign * (bottom - top) * part
            self.touched.add(y)
            y += 1

    def bitmap(self):
        out = bytearray()
        for row in self.rows:
            level = 0.0
            for x in range(self.width):
                level += row[x]
                out.append(self.curve[min(2047, int(abs(level) * 2047))])
        return out


def with_filler(draw):
    idle = []

    @functools.wraps(draw)
    def wrapper(font, code, dx=0, dy=0):
        filler = idle.pop() if idle else SpanFiller(EM, EM)
        try:
            return draw(font, filler, code, dx, dy)
        finally:
            filler.clear()
            idle.append(filler)
    return wrapper


class Font:
    def __init__(self, seed):
        self.outlines = {}
        for code in range(97, 123):
            points, v = [], (code * 2654435761 + seed) & 0xFFFFFFFF
            for i in range(5):
                v = (v * 1103515245 + 12345) & 0x7FFFFFFF
                r = 5 + v % 600 / 100
                points.append((12 + r * math.cos(i * 1.2566), 12 + r * math.sin(i * 1.2566)))
            self.outlines[chr(code)] = points
        self.composed = {"é": ("e", "t"), "ü": ("u", "i"), "ñ": ("n", "s")}

    @with_filler
    def glyph(self, filler, code, dx, dy):
        if code in self.composed:
            base, accent = self.composed[code]
            self.trace(filler, base, dx, dy)
            below = self.glyph(accent, dx, dy)
            return bytes(map(max, filler.bitmap(), below))
        self.trace(filler, code, dx, dy)
        return bytes(filler.bitmap())

    def trace(self, filler, code, dx, dy):
        ring = self.outlines[code]
        for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
            filler.edge(x0 + dx, y0 + dy, x1 + dx, y1 + dy)


def typeset(font, text):
    crc = ink = 0
    for i, ch in enumerate(text):
        if ch == " ":
            continue
        bits = font.glyph(ch, dx=(i % 4) / 4, dy=(i % 3) / 3)
        crc = zlib.crc32(bits, crc)
        ink += sum(bits)
    return crc, ink


def main():
    font = Font(seed=77)
    lines = ["the señor über café müde fjord bank glyphs", "vexing quartz jumped over lazy wolves",
             "piñata résumé naïve".replace("ï", "i"), "sphinx of black quartz judge my vow"]
    for pass_no in range(14):
        for text in lines:
            crc, ink = typeset(font, text)
        print(f"pass {pass_no}: {crc:08x} ink={ink}")


if __name__ == "__main__":
    main()
