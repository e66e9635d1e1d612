"""Draws curves as SVG text with a writer that gathers pieces, and packs a preview bitmap."""
# forbid: grow-copy
import hashlib
import io
import math


class SvgWriter:
    def __init__(self, width, height):
        self._out = io.StringIO()
        self._out.write(f'<svg width="{width}" height="{height}">\n')
        self._bitmap = bytearray()

    def polyline(self, points, colour):
        parts = []
        for x, y in points:
            parts.append(f"{x:.2f},{y:.2f}")
        self._out.write(f'<polyline stroke="{colour}" points="')
        self._out.write(" ".join(parts))
        self._out.write('"/>\n')

    def preview(self, points):
        for x, y in points:
            self._bitmap += bytes((int(x) & 255, int(y) & 255))

    def finish(self):
        self._out.write("</svg>\n")
        return self._out.getvalue(), bytes(self._bitmap)


def lissajous(a, b, steps):
    for n in range(steps):
        t = n * math.tau / steps
        yield 300 + 280 * math.sin(a * t), 200 + 180 * math.cos(b * t)


def main():
    writer = SvgWriter(600, 400)
    for a in range(1, 17):
        for b in range(1, 9):
            writer.polyline(lissajous(a, b, 3500), f"#{a * 15:02x}{b * 28:02x}80")
            writer.preview(lissajous(a, b, 800))
    text, bitmap = writer.finish()
    print(len(text), hashlib.sha1(text.encode()).hexdigest())
    print(len(bitmap), hashlib.sha1(bitmap).hexdigest())


if __name__ == "__main__":
    main()
