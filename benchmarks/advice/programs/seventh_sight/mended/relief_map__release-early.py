import array
import random
import zlib


class Relief:
    def __init__(self, width, height, seed):
        self.width = width
        self.height = height
        self.seed = seed

    def load(self):
        rng = random.Random(self.seed)
        self.samples = array.array("f", bytes(4 * self.width * self.height))
        for _ in range(900):
            x, y = rng.randrange(self.width - 40), rng.randrange(self.height - 40)
            peak = rng.uniform(20, 900)
            for row in range(40):
                start = (y + row) * self.width + x
                fade = 1 - abs(20 - row) / 20
                for column in range(0, 40, 3):
                    self.samples[start + column] += peak * fade

    def quantise(self, step):
        self.levels = bytearray(
            min(255, int(height / step)) for height in self.samples
        )

    def contours(self):
        width = self.width
        self.edges = array.array("I")
        for row in range(1, self.height):
            above = self.levels[(row - 1) * width:row * width]
            here = self.levels[row * width:(row + 1) * width]
            if above != here:
                self.edges.extend(
                    row * width + column for column, pair in enumerate(zip(above, here)) if pair[0] != pair[1]
                )

    def shade(self, scale):
        row_bytes = self.width * scale
        canvas = bytearray(row_bytes * self.height * scale)
        for row in range(self.height):
            line = self.levels[row * self.width:(row + 1) * self.width]
            for sub in range(scale):
                start = (row * scale + sub) * row_bytes
                for offset in range(scale):
                    canvas[start + offset:start + row_bytes:scale] = line
        for edge in self.edges:
            row, column = divmod(edge, self.width)
            canvas[row * scale * row_bytes + column * scale] = 255
        return canvas


def main():
    relief = Relief(1700, 1300, 15)
    relief.load()
    relief.quantise(6.5)
    del relief.samples
    relief.contours()
    canvas = relief.shade(3)
    print(len(relief.edges), max(relief.levels), sum(relief.levels))
    print(len(canvas), f"{zlib.crc32(canvas):08x}")


if __name__ == "__main__":
    main()
