"""Draw a scatter plot with axes, grid and legend as SVG text."""
import hashlib
import math
import random
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr


class Canvas:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.depth = 0
        self.parts = [f'<svg width="{width}" height="{height}">\n']

    def emit(self, line):
        self.parts.append("  " * self.depth + line + "\n")

    @contextmanager
    def group(self, **attrs):
        self.emit("<g" + self._attrs(attrs) + ">")
        self.depth += 1
        try:
            yield self
        finally:
            self.depth -= 1
            self.emit("</g>")

    @staticmethod
    def _attrs(attrs):
        return "".join(f" {k.rstrip('_').replace('_', '-')}={quoteattr(str(v))}" for k, v in attrs.items())

    def shape(self, tag, **attrs):
        self.emit(f"<{tag}{self._attrs(attrs)}/>")

    def label(self, x, y, what):
        self.emit(f'<text x="{x:.1f}" y="{y:.1f}">{escape(what)}</text>')

    def finish(self):
        return "".join(self.parts) + "</svg>\n"


class Axis:
    def __init__(self, lo, hi, pixels):
        self.lo, self.hi, self.pixels = lo, hi, pixels

    def __call__(self, value):
        return (value - self.lo) / (self.hi - self.lo) * self.pixels

    def ticks(self, n):
        step = (self.hi - self.lo) / n
        return [self.lo + i * step for i in range(n + 1)]


def draw_grid(canvas, xa, ya):
    with canvas.group(stroke="#ccc", stroke_width=1):
        for t in xa.ticks(40):
            canvas.shape("line", x1=f"{xa(t):.2f}", y1=0, x2=f"{xa(t):.2f}", y2=ya.pixels)
        for t in ya.ticks(30):
            canvas.shape("line", x1=0, y1=f"{ya(t):.2f}", x2=xa.pixels, y2=f"{ya(t):.2f}")


def draw_series(canvas, xa, ya, name, points, colour):
    with canvas.group(fill=colour):
        for x, y in points:
            canvas.shape("circle", cx=f"{xa(x):.2f}", cy=f"{ya(y):.2f}", r=2)
        canvas.label(xa.pixels - 90, ya(points[-1][1]), f"<{name}> & co")


def series(rng, n, phase):
    return [(i / n * 10, math.sin(i / n * 10 + phase) + rng.gauss(0, 0.1)) for i in range(n)]


def main():
    rng = random.Random(3)
    canvas = Canvas(1600, 900)
    xa, ya = Axis(0, 10, 1600), Axis(-2, 2, 900)
    draw_grid(canvas, xa, ya)
    for k, colour in enumerate(["red", "green", "blue", "orange"]):
        draw_series(canvas, xa, ya, f"run {k}", series(rng, 4500, k * 0.7), colour)
    doc = canvas.finish()
    print(len(doc), doc.count("<circle"), hashlib.sha256(doc.encode()).hexdigest()[:16])


if __name__ == "__main__":
    main()
