"""Compose map views from layers: background, roads and labels are drawn apart, then merged."""

from dataclasses import dataclass, field

SIDE = 512
PIXEL = 4
STRIDE = SIDE * PIXEL
SIZE = SIDE * STRIDE

SEA = bytes((90, 140, 200, 255)) * (SIDE * SIDE)
CLEAR = bytes((1, 1, 1, 0)) * (SIDE * SIDE)
ROAD = bytes((250, 220, 80, 255))
INK = bytes((20, 20, 20, 255))


@dataclass(frozen=True)
class View:
    x: int
    y: int
    zoom: int


@dataclass
class Canvas:
    pixels: bytearray = field(repr=False)

    def fill(self, colour: bytes) -> None:
        memoryview(self.pixels)[:] = colour

    def box(self, left: int, top: int, width: int, height: int, colour: bytes) -> None:
        line = colour * width
        view = memoryview(self.pixels)
        for row in range(top, top + height):
            start = row * STRIDE + left * PIXEL
            view[start : start + len(line)] = line


def new_canvas() -> Canvas:
    return Canvas(bytearray(SIZE))  # advise: pool


def done_with(*canvases: Canvas) -> None:
    for canvas in canvases:
        canvas.pixels = bytearray()


def draw_background(view: View) -> Canvas:
    canvas = new_canvas()
    canvas.fill(SEA)
    canvas.box(view.x % 200, view.y % 200, 60, 8, bytes((60, 160, 70, 255)))
    return canvas


def draw_roads(view: View) -> Canvas:
    canvas = new_canvas()
    canvas.fill(CLEAR)
    for road in range(3):
        canvas.box((view.x * 7 + road * 90) % 300, (view.y + road * 50) % 500, 200, 3, ROAD)
    return canvas


def draw_labels(view: View) -> Canvas:
    canvas = new_canvas()
    canvas.fill(CLEAR)
    canvas.box((view.x * 3) % 400, (view.y * 11) % 480, 100, 6, INK)
    return canvas


def merge_row(row: int, *layers: Canvas) -> int:
    """The luminance of one row of the merged view, as the preview strip shows it."""
    total = 0
    for canvas in layers:
        strip = memoryview(canvas.pixels)[row * STRIDE : (row + 1) * STRIDE]
        total += sum(strip[:: PIXEL * 16])
    return total


def compose(view: View) -> int:
    background = draw_background(view)
    roads = draw_roads(view)
    labels = draw_labels(view)
    light = sum(merge_row(row, background, roads, labels) for row in range(0, SIDE, 64))
    done_with(background, roads, labels)
    return light


def main() -> None:
    total = 0
    for number in range(900):
        total += compose(View(x=number * 13, y=number * 29, zoom=number % 5))
    print("light", total)


if __name__ == "__main__":
    main()
